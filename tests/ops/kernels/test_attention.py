"""Attention against its formula, its gradients against finite differences, and both against PyTorch."""

import numpy as np
import pytest

from chainrule.native import kernels
from chainrule.ops.kernels import attention_tiles
from chainrule.ops.kernels.attention import attention, attention_backward
from tests.ops.kernels.checking import assert_gradients, close, draws

# leading sizes, queries, keys, size of a query, size of a value
SIZES = [((), 1, 1, 1, 1), ((2,), 3, 5, 4, 2), ((2, 3), 40, 40, 3, 5), ((3, 1, 2), 5, 3, 2, 2)]
MASKS = ["none", "causal", "where", "where, for all heads", "added", "by key"]

each_case = pytest.mark.parametrize("sizes", SIZES, ids=str)
each_mask = pytest.mark.parametrize("kind", MASKS)


def problem(sizes, kind):
    lead, queries, keys, size, value = sizes
    draw, rng = draws(queries), np.random.default_rng(keys)
    mask = {
        "where": rng.random((*lead, queries, keys)) < 0.7,
        "where, for all heads": rng.random((queries, keys)) < 0.7,
        "added": draw(*lead, queries, keys),
        "by key": rng.random((*lead[:1], *[1] * (len(lead[1:]) + 1), keys)) < 0.7,
    }.get(kind)
    return draw(*lead, queries, size), draw(*lead, keys, size), draw(*lead, keys, value), mask


def by_formula(q, k, v, mask, causal, scale=None):
    s = (1 / np.sqrt(q.shape[-1]) if scale is None else scale) * q @ k.mT
    if causal:
        s = np.where(np.tri(*s.shape[-2:], dtype=bool), s, -np.inf)
    if mask is not None:
        s = np.where(mask, s, -np.inf) if mask.dtype == bool else s + mask
    m = s.max(-1, keepdims=True)
    e = np.exp(s - np.where(np.isneginf(m), 0, m))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total == 0, 1, total) @ v


@each_case
@each_mask
def test_the_formula_and_its_gradients(sizes, kind, cut):
    *inputs, mask = problem(sizes, kind)
    causal = kind == "causal"
    y, kept = attention(*inputs, mask, causal)
    close(y, by_formula(*inputs, mask, causal))
    g = draws(1)(*y.shape)
    gradients = attention_backward(g, kept)
    assert_gradients(lambda *a: (attention(*a, mask, causal)[0] * g).sum(), inputs, gradients)


def test_the_scale_can_be_given():
    *inputs, _ = problem(SIZES[1], "none")
    close(attention(*inputs, scale=0.3)[0], by_formula(*inputs, None, False, 0.3))


def test_a_query_that_may_look_nowhere_gets_zero_and_sends_nothing_back():
    *inputs, _ = problem(SIZES[1], "none")
    mask = np.ones((3, 5), bool)
    mask[1] = False
    y, kept = attention(*inputs, mask)
    assert not y[:, 1].any() and y[:, 0].any()
    dq, dk, dv = attention_backward(np.ones_like(y), kept)
    assert not dq[:, 1].any() and np.isfinite(dk).all() and np.isfinite(dv).all()


def test_only_what_is_needed_is_computed():
    *inputs, _ = problem(SIZES[1], "none")
    y, kept = attention(*inputs)
    for place in range(3):
        needs = tuple(i == place for i in range(3))
        found = attention_backward(y, kept, needs)
        assert tuple(d is not None for d in found) == needs
        close(found[place], attention_backward(y, kept)[place])


def test_heads_that_are_not_side_by_side_in_memory_are_read_right():
    draw = draws()
    q, k, v = (draw(2, 5, 3, 4).swapaxes(1, 2) for _ in range(3))
    close(attention(q, k, v)[0], attention(q.copy(), k.copy(), v.copy())[0])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_precision_is_the_inputs(dtype):
    *inputs, _ = problem(SIZES[2], "none")
    inputs = [a.astype(dtype) for a in inputs]
    y, kept = attention(*inputs, causal=True)
    assert y.dtype == dtype and [d.dtype for d in attention_backward(y, kept)] == [dtype] * 3
    close(y, by_formula(*(a.astype(float) for a in inputs), None, True), 8 * float(np.finfo(dtype).eps))


def test_what_does_not_fit_is_refused():
    q, k, v, _ = problem(SIZES[1], "none")
    with pytest.raises(RuntimeError, match="Explicit attn_mask should not be set when is_causal=True"):
        attention(q, k, v, np.ones((3, 5), bool), causal=True)
    with pytest.raises(RuntimeError, match=r"query \[2, 3, 4\], key \[2, 5, 3\] and value .* do not fit together"):
        attention(q, k[..., :3], v)
    with pytest.raises(RuntimeError, match=r"a mask of size \[4, 5\] does not broadcast to the scores, \[2, 3, 5\]"):
        attention(q, k, v, np.ones((4, 5), bool))


@each_case
@each_mask
def test_it_is_pytorchs(sizes, kind, cut):
    torch = pytest.importorskip("torch")
    *inputs, mask = problem(sizes, kind)
    tensors = [torch.tensor(a, requires_grad=True) for a in inputs]
    expected = torch.nn.functional.scaled_dot_product_attention(
        *tensors, None if mask is None else torch.tensor(mask), is_causal=kind == "causal"
    )
    y, kept = attention(*inputs, mask, kind == "causal")
    close(y, expected.detach())
    g = draws(2)(*y.shape)
    expected.backward(torch.tensor(g))
    for ours, tensor in zip(attention_backward(g, kept), tensors, strict=True):
        close(ours, tensor.grad)


TILED = [((2, 3), 65, 70, 32, 32), ((3,), 100, 40, 24, 8), ((2, 2), 17, 200, 33, 47), ((1, 2), 130, 130, 64, 64)]


@pytest.mark.skipif(not kernels.ready(), reason="there is no machine code here")
@pytest.mark.parametrize("sizes", TILED, ids=str)
@each_mask
def test_tiles_of_machine_code_against_numpy(sizes, kind, monkeypatch):
    """The same in float32, for heads that lie apart in memory too; a query that may look nowhere gets 0."""
    q, k, v, mask = problem(sizes, kind)
    monkeypatch.setattr(attention_tiles, "LEAST", 0)
    if kind == "where":
        mask[..., 1, :] = False
    if mask is not None and mask.dtype != bool:
        mask = mask.astype("f")
    exact, expected = attention(q, k, v, mask, kind == "causal")
    g = draws(1)(*exact.shape)
    exactly = attention_backward(g, expected)
    for apart in (False, True):
        arrays = [a.astype("f") for a in (q, k, v, g)]
        if apart:
            arrays = [np.ascontiguousarray(a.swapaxes(0, -2)).swapaxes(0, -2) for a in arrays]
        y, kept = attention(*arrays[:3], mask, kind == "causal")
        assert kept.tiles and not expected.tiles
        for found, wanted in zip((y, *attention_backward(arrays[3], kept)), (exact, *exactly), strict=True):
            np.testing.assert_allclose(found, wanted, 1e-4, 3e-5)


@pytest.mark.skipif(not kernels.ready(), reason="there is no machine code here")
def test_nan_in_tiles_stays_with_its_query(monkeypatch):
    monkeypatch.setattr(attention_tiles, "LEAST", 0)
    q, k, v = (np.ones((1, 20, 8), np.float32) for _ in range(3))
    q[0, 3] = np.nan
    y, _ = attention(q, k, v)
    assert np.isnan(y[0, 3]).all() and not np.isnan(np.delete(y[0], 3, 0)).any()


@pytest.mark.skipif(not kernels.ready(), reason="there is no machine code here")
def test_large_numbers_in_a_mask_of_keys_stay_out_of_the_last_tile(monkeypatch):
    """The queries that fill up a tile have scores too, of 0 and what the mask adds: they count for nothing."""
    monkeypatch.setattr(attention_tiles, "LEAST", 0)
    draw = draws(0)
    q, k, v, mask = draw(1, 20, 8), draw(1, 40, 8), draw(1, 40, 8), draw(1, 1, 40)
    mask[0, 0, 7] = 120.0
    g = draws(1)(1, 20, 8)
    found = attention_backward(g.astype("f"), attention(*[a.astype("f") for a in (q, k, v, mask)])[1])
    monkeypatch.setattr(attention_tiles, "LEAST", 1 << 60)
    for a, b in zip(found, attention_backward(g, attention(q, k, v, mask)[1]), strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 3e-5)
