"""Recurrent layers as machine code, held to the NumPy code beside it, to the interpreter, and to PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.base import threads
from chainrule.native import kernels
from chainrule.native.interpret import interpret
from chainrule.ops.kernels import gru, lstm, recurrent, rnn, through_time
from chainrule.ops.kernels.through_time import Tile, by_panels, cut, rows_at_once, side_by_side
from tests.ops.kernels.checking import draws

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
GATES = {"rnn": 1, "relu": 1, "gru": 3, "lstm": 4}
KEPT = (rnn.Kept, gru.Kept, lstm.Kept)
SIZES = {"steps": st.integers(1, 12), "batch": st.integers(1, 9), "inputs": st.integers(1, 20), "hidden": st.integers(1, 40)}


@pytest.fixture(autouse=True)
def small_ones_too(monkeypatch):
    monkeypatch.setattr(through_time, "LEAST", 1)


def operands(kind, steps, batch, inputs, hidden, with_bias, seed=0):
    """x, the first state (and cell), the weights, and the biases or None."""
    draw, rows = draws(seed), GATES[kind] * hidden
    shapes = [(steps, batch, inputs), (batch, hidden), *[(batch, hidden)] * (kind == "lstm"), (rows, inputs), (rows, hidden)]
    found = [draw(*shape).astype("f4") for shape in (*shapes, *[(rows,)] * 2 * with_bias)]
    found[-1 - 2 * with_bias] *= 1 / hidden**0.5  # a state that neither dies nor explodes
    return found + [None, None] * (not with_bias)


def forward(kind, inputs, by_code=True):
    function = getattr(recurrent, "rnn" if kind == "relu" else kind)
    with pytest.MonkeyPatch.context() as patch:
        if not by_code:
            patch.setattr(recurrent, "suits", lambda *_: False)
        outputs, kept = function(*inputs, **({"relu": True} if kind == "relu" else {}))
    assert isinstance(kept, KEPT) is by_code
    return outputs, kept


def backward(kind, g, kept, needs=(True,) * 8):
    found = getattr(recurrent, ("rnn" if kind == "relu" else kind) + "_backward")(g, kept, needs[: 8 if kind == "lstm" else 6])
    return found[:7] if kind == "lstm" else found


def alike(found, expected, tight=2e-6):
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape and a.dtype == b.dtype == np.float32
            np.testing.assert_allclose(a, b, rtol=0, atol=tight * max(1, np.abs(b).max(initial=0)))


@pytest.mark.parametrize("kind", GATES)
@settings(max_examples=20, deadline=None)
@given(data=st.data(), with_bias=st.booleans())
def test_it_is_what_numpy_computes(kind, data, with_bias):
    sizes = {name: data.draw(how, name) for name, how in SIZES.items()}
    inputs = operands(kind, **sizes, with_bias=with_bias)
    (found, by_code), (expected, by_numpy) = forward(kind, inputs), forward(kind, inputs, False)
    alike(found, expected)
    used = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)), "which outputs the loss uses")
    g = tuple(draws(i)(*y.shape).astype("f4") if use else None for i, (y, use) in enumerate(zip(found, used, strict=True)))
    alike(backward(kind, g, by_code), backward(kind, g, by_numpy), 2e-5)


@pytest.mark.parametrize("kind", GATES)
def test_the_code_does_what_its_instructions_say(kind, monkeypatch):
    """Three sequences in pieces of two, 17 units: a piece that is not full, a vector that is not."""
    inputs = operands(kind, 3, 3, 2, 17, True)
    monkeypatch.setattr(through_time, "HEIGHTS", (2,))
    outputs, kept = forward(kind, inputs)
    g = tuple(draws(i)(*y.shape).astype("f4") for i, y in enumerate(outputs))
    gradients = backward(kind, g, kept)

    def share(kernel, pieces, *args):
        assert pieces == 2
        for piece in range(pieces):
            interpret(kernel.program(), *args, piece, 0)

    monkeypatch.setattr(kernels.Kernel, "share", share)
    told, kept = forward(kind, inputs)
    alike(outputs, told)
    alike(gradients, backward(kind, g, kept))


UPSTREAM = {
    "sequences first": lambda g: np.ascontiguousarray(g.swapaxes(0, 1)).swapaxes(0, 1),
    "last step first": lambda g: g[::-1],
    "one number for all": lambda g: np.broadcast_to(g[0, 0, 0], g.shape),
    "the same at every step": lambda g: np.broadcast_to(g[:1], g.shape),
    "every second unit of a wider one": lambda g: np.repeat(g, 2, 2)[:, :, ::2],
    "half of a wider one": lambda g: np.concatenate([g, g], 2)[:, :, : g.shape[2]],
    "another byte order": lambda g: g.astype(">f4"),
}


@pytest.mark.parametrize("how", UPSTREAM)
@pytest.mark.parametrize("kind", GATES)
def test_however_the_upstream_gradient_stands_in_memory(kind, how):
    (y, *others), kept = forward(kind, operands(kind, 4, 3, 2, 18, True))
    g = UPSTREAM[how](draws(5)(*y.shape).astype("f4"))
    rest = [None] * len(others)
    plain = np.array(g, np.float32, order="C")
    for a, b in zip(backward(kind, (g, *rest), kept), backward(kind, (plain, *rest), kept), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", GATES)
def test_it_does_not_depend_on_the_number_of_threads(kind):
    inputs = operands(kind, 5, 21, 4, 24, True)
    before, results = threads.cores(), []
    try:
        for cores in (1, 2, 3):
            threads.use_cores(cores)
            outputs, kept = forward(kind, inputs)
            results.append([*outputs, *[d for d in backward(kind, outputs, kept) if d is not None]])
    finally:
        threads.use_cores(before)
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", GATES)
def test_what_is_not_finite_stays_in_its_sequence(kind, value):
    """An entry of one input: that sequence from that step on, and its gradients, as in NumPy; the others as before."""
    inputs = operands(kind, 6, 5, 3, 18, True)
    (usual, *_), _ = forward(kind, inputs)
    inputs[0][2, 3, 1] = value
    with np.errstate(all="ignore"):
        (found, by_code), (expected, by_numpy) = forward(kind, inputs), forward(kind, inputs, False)
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-5, atol=1e-6)
        others = [0, 1, 2, 4]
        np.testing.assert_array_equal(found[0][:, others], usual[:, others])
        g = (np.ones_like(found[0]), *[None] * (len(found) - 1))
        dx, by_hand = backward(kind, g, by_code)[0], backward(kind, g, by_numpy)[0]
    np.testing.assert_allclose(dx, by_hand, rtol=1e-4, atol=1e-5)
    assert np.isfinite(dx[:, others]).all()


@pytest.mark.parametrize("kind", GATES)
def test_it_is_pytorchs(kind):
    torch = pytest.importorskip("torch")
    steps, batch, inputs_, hidden = 11, 7, 5, 19
    inputs = operands(kind, steps, batch, inputs_, hidden, True)
    more = {"nonlinearity": "relu"} if kind == "relu" else {}
    layer = getattr(torch.nn, "RNN" if kind == "relu" else kind.upper())(inputs_, hidden, **more)
    tensors = [torch.tensor(a, requires_grad=True) for a in inputs]
    states = 2 if kind == "lstm" else 1
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    first = [t[None] for t in tensors[1 : 1 + states]]
    weights = dict(zip(names, tensors[1 + states :], strict=True))
    y, last = torch.func.functional_call(layer, weights, (tensors[0], tuple(first) if states == 2 else first[0]))
    expected = [y, *([h[0] for h in last] if states == 2 else [last[0]])]
    outputs, kept = forward(kind, inputs)
    alike(outputs, [e.detach().numpy() for e in expected])
    g = tuple(draws(i)(*o.shape).astype("f4") for i, o in enumerate(outputs))
    sum((e * torch.tensor(d)).sum() for e, d in zip(expected, g, strict=True)).backward()
    alike(backward(kind, g, kept), [t.grad.numpy() for t in tensors], 1e-5)


def test_what_numpy_does_as_well_is_left_to_it(monkeypatch):
    monkeypatch.undo()  # as it is, not as the other tests have it
    taken = {(1, 1, 32): False, (3, 4, 8): False, (30, 1, 4): True, (4, 8, 32): True, (40, 0, 8): False}
    for (steps, batch, hidden), expected in taken.items():
        x, h = np.zeros((steps, batch, 5), np.float32), np.zeros((batch, hidden), np.float32)
        assert through_time.suits(x, h, [None]) is expected, (steps, batch, hidden)
    assert not through_time.suits(np.zeros((50, 9, 5)), np.zeros((9, 9)), [])


def test_how_a_batch_is_cut(monkeypatch):
    monkeypatch.setattr(through_time, "tile", lambda: (14, 2))
    assert [rows_at_once(n) for n in (1, 2, 3, 5, 6, 7, 9, 12, 13, 32, 100)] == [1, 2, 4, 6, 6, 8, 6, 6, 8, 8, 8]
    assert [side_by_side(n) for n in (1, 16, 17, 48, 64, 96, 512)] == [1, 1, 2, 3, 2, 3, 2]
    tile, pieces, w, room = cut(9, np.ones((5, 48), np.float32))
    assert (tile, pieces, w.shape, room.shape) == (Tile(6, 3), 2, (1, 5, 48), (12, 48))
    monkeypatch.setattr(through_time, "tile", lambda: (6, 1))  # with registers half as wide and half as many
    assert rows_at_once(32) == 6 and side_by_side(512) == 1


def test_panels_hold_every_column_once():
    w = np.arange(3 * 37, dtype=np.float32).reshape(3, 37)
    panels = by_panels(w, 16)
    assert panels.shape == (3, 3, 16)
    np.testing.assert_array_equal(np.concatenate(list(panels), 1)[:, :37], w)
    assert not np.concatenate(list(panels), 1)[:, 37:].any()
