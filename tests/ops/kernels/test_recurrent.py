"""Recurrent layers against one step at a time, their gradients against finite differences, and both against PyTorch."""

from itertools import product

import numpy as np
import pytest

from chainrule.ops.kernels.recurrent import gru, gru_backward, lstm, lstm_backward, rnn, rnn_backward
from tests.ops.kernels.checking import assert_gradients, close, draws

SIZES = [(1, 1, 1, 1), (4, 3, 2, 5), (7, 1, 4, 3)]  # steps, batch, inputs, hidden
KINDS = {"rnn": 1, "relu": 1, "lstm": 4, "gru": 3, "projected": 4}  # how many gates
FUNCTIONS = {"rnn": (rnn, rnn_backward), "gru": (gru, gru_backward), "lstm": (lstm, lstm_backward)}

each_case = pytest.mark.parametrize(
    ("kind", "sizes", "with_bias"), list(product(KINDS, SIZES, [True, False])), ids=lambda v: str(v)
)


def functions(kind):
    return FUNCTIONS[{"relu": "rnn", "projected": "lstm"}.get(kind, kind)]


def arrays(kind, sizes, with_bias, dtype=float):
    """x, the first state (and cell), the weights, biases or None, and the projection of a projected LSTM."""
    steps, batch, inputs, hidden = sizes
    rows, out = KINDS[kind] * hidden, 2 if kind == "projected" else hidden
    draw = draws(hidden)
    found = [draw(steps, batch, inputs), draw(batch, out)]
    if kind in ("lstm", "projected"):
        found.append(draw(batch, hidden))
    found += [draw(rows, inputs), draw(rows, out), *([draw(rows), draw(rows)] if with_bias else [None, None])]
    if kind == "projected":
        found.append(draw(out, hidden))
    return [a if a is None else a.astype(dtype) for a in found]


def run(kind, inputs):
    return functions(kind)[0](*inputs, **({"relu": True} if kind == "relu" else {}))


def back(kind, upstream, kept, inputs, needs=None):
    """The gradients of the inputs (of an LSTM without a projection there is one more, None)."""
    needs = tuple(a is not None for a in inputs) if needs is None else needs
    found = functions(kind)[1](tuple(upstream), kept, (*needs, False)[: 8 if "lstm" in functions(kind)[0].__name__ else 6])
    assert all(d is None for d in found[len(inputs) :])
    return found[: len(inputs)]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def one_by_one(kind, inputs):
    """The formulas, one step at a time."""
    x, h, *rest = inputs
    c = rest.pop(0) if kind in ("lstm", "projected") else None
    w_ih, w_hh, b_ih, b_hh, *projection = rest
    every = []
    for step in x:
        from_x = step @ w_ih.T + (0 if b_ih is None else b_ih)
        from_h = h @ w_hh.T + (0 if b_hh is None else b_hh)
        if kind in ("rnn", "relu"):
            a = from_x + from_h
            h = np.tanh(a) if kind == "rnn" else np.maximum(a, 0)
        elif kind == "gru":
            (r_x, z_x, n_x), (r_h, z_h, n_h) = np.split(from_x, 3, 1), np.split(from_h, 3, 1)
            z, n = sigmoid(z_x + z_h), np.tanh(n_x + sigmoid(r_x + r_h) * n_h)
            h = (1 - z) * n + z * h
        else:
            i, f, g, o = np.split(from_x + from_h, 4, 1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            h = h @ projection[0].T if projection else h
        every.append(h)
    return [np.stack(every), h, *([] if c is None else [c])]


@each_case
def test_the_formula(kind, sizes, with_bias):
    inputs = arrays(kind, sizes, with_bias)
    outputs, _ = run(kind, inputs)
    for ours, expected in zip(outputs, one_by_one(kind, inputs), strict=True):
        close(ours, expected)


@each_case
def test_the_gradients(kind, sizes, with_bias):
    inputs = arrays(kind, sizes, with_bias)
    outputs, kept = run(kind, inputs)
    upstream = tuple(draws(7)(*y.shape) for y in outputs)
    gradients = back(kind, upstream, kept, inputs)

    def loss(*inputs):
        return float(sum((y * g).sum() for y, g in zip(run(kind, inputs)[0], upstream, strict=True)))

    assert_gradients(loss, inputs, gradients)


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_the_loss_does_not_use_counts_as_zero(kind):
    inputs = arrays(kind, SIZES[1], True)
    outputs, kept = run(kind, inputs)
    for used in range(len(outputs)):
        g = [draws(7)(*y.shape) if i == used else None for i, y in enumerate(outputs)]
        zeros = [np.zeros_like(y) if d is None else d for d, y in zip(g, outputs, strict=True)]
        _, fresh = run(kind, inputs)
        for some, same in zip(back(kind, g, kept, inputs), back(kind, zeros, fresh, inputs), strict=True):
            close(some, same)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_backward_pass_finds_what_the_first_found(kind):
    inputs = arrays(kind, SIZES[1], True)
    outputs, kept = run(kind, inputs)
    upstream = tuple(draws(7)(*y.shape) for y in outputs)
    first, second = (back(kind, upstream, kept, inputs) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_the_outputs_may_be_written_to(kind):
    inputs = arrays(kind, SIZES[1], True)
    outputs, kept = run(kind, inputs)
    upstream = [draws(7)(*y.shape) for y in outputs]
    expected = back(kind, upstream, kept, inputs)
    for y in outputs:
        y.fill(np.nan)
    for ours, before in zip(back(kind, upstream, kept, inputs), expected, strict=True):
        np.testing.assert_array_equal(ours, before)


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_needed_is_computed(kind):
    inputs = arrays(kind, SIZES[1], True)
    outputs, kept = run(kind, inputs)
    for place in range(len(inputs)):
        needs = tuple(i == place for i in range(len(inputs)))
        found = back(kind, (outputs[0], *[None] * (len(outputs) - 1)), kept, inputs, needs)
        assert tuple(d is not None for d in found) == needs


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_precision_is_the_inputs(kind, dtype):
    inputs = arrays(kind, SIZES[1], True, dtype)
    outputs, kept = run(kind, inputs)
    assert [y.dtype for y in outputs] == [dtype] * len(outputs)
    assert [d.dtype for d in back(kind, outputs, kept, inputs)] == [dtype] * len(inputs)
    for ours, expected in zip(outputs, one_by_one(kind, [a.astype(float) for a in inputs]), strict=True):
        close(ours, expected, 20 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize(
    ("x", "h", "words"),
    [
        ((4, 2), (3, 5), "input must have 3 dimensions, got 2"),
        ((4, 3, 9), (3, 5), r"input.size\(-1\) must be equal to input_size. Expected 2, got 9"),
        ((4, 3, 2), (1, 5), r"Expected hidden size \[3, 5\], got \[1, 5\]"),
        ((0, 3, 2), (3, 5), "Expected sequence length to be larger than 0 in RNN"),
    ],
)
def test_what_does_not_fit_is_refused(x, h, words):
    for kind in ("rnn", "gru"):
        _, _, *weights = arrays(kind, (4, 3, 2, 5), True)
        with pytest.raises(RuntimeError, match=words):
            run(kind, [np.ones(x), np.ones(h), *weights])


@each_case
def test_it_is_pytorchs(kind, sizes, with_bias):
    torch = pytest.importorskip("torch")
    steps, batch, inputs_, hidden = sizes
    if kind == "projected" and hidden <= 2:
        return
    make = {"rnn": "RNN", "relu": "RNN", "gru": "GRU"}.get(kind, "LSTM")
    more = {"relu": {"nonlinearity": "relu"}, "projected": {"proj_size": 2}}.get(kind, {})
    layer = getattr(torch.nn, make)(inputs_, hidden, bias=with_bias, dtype=torch.float64, **more)
    inputs = arrays(kind, sizes, with_bias)
    states = 2 if make == "LSTM" else 1
    tensors = [None if a is None else torch.tensor(a, requires_grad=True) for a in inputs]
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_hr_l0"]
    weights = {n: t for n, t in zip(names, tensors[1 + states :], strict=False) if t is not None}
    first = tuple(t[None] for t in tensors[1 : 1 + states])
    y, last = torch.func.functional_call(layer, weights, (tensors[0], first if states == 2 else first[0]))
    expected = [y, *(last[i][0] for i in range(2))] if states == 2 else [y, last[0]]
    outputs, kept = run(kind, inputs)
    upstream = tuple(draws(7)(*o.shape) for o in outputs)
    sum((e * torch.tensor(g)).sum() for e, g in zip(expected, upstream, strict=True)).backward()
    for ours, theirs in zip(outputs, expected, strict=True):
        close(ours, theirs.detach())
    for ours, tensor in zip(back(kind, upstream, kept, inputs), tensors, strict=True):
        if tensor is not None:
            close(ours, tensor.grad)
