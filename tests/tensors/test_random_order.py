"""Random numbers fall on permuted, sliced and expanded tensors in PyTorch's order: that of memory."""

import numpy as np
import pytest

import chainrule as cr

LAYOUTS = {
    "in order": lambda lib: lib.zeros(4, 5, 6),
    "transposed": lambda lib: lib.zeros(5, 4).t(),
    "large transposed": lambda lib: lib.zeros(50, 40).t(),
    "permuted": lambda lib: lib.zeros(2, 3, 4, 5).permute(0, 2, 3, 1),
    "large permuted": lambda lib: lib.zeros(14, 13, 15).permute(2, 0, 1),
    "channels last": lambda lib: lib.zeros(4, 8, 5, 7).to(memory_format=lib.channels_last),
    "channels last 3d": lambda lib: lib.zeros(2, 3, 2, 3, 2).contiguous(memory_format=lib.channels_last_3d),
    "sliced": lambda lib: lib.zeros(60, 80)[::2, 1:71:2],
    "columns": lambda lib: lib.zeros(30, 40)[:, 3:7],
    "transposed and sliced": lambda lib: lib.zeros(8, 10).t()[1:9:2],
    "expanded": lambda lib: lib.zeros(1, 5).expand(4, 5),
    "expanded in the middle": lambda lib: lib.zeros(3, 1, 5).expand(3, 4, 5),
    "expanded and permuted": lambda lib: lib.zeros(4, 1, 5).expand(4, 3, 5).permute(2, 1, 0),
    "with axes of length one": lambda lib: lib.zeros(5, 4).t().unsqueeze(1),
}

DRAWS = {
    "rand_like": lambda lib, x: lib.rand_like(x),
    "rand_like, contiguous": lambda lib, x: lib.rand_like(x, memory_format=lib.contiguous_format),
    "randn_like": lambda lib, x: lib.randn_like(x, dtype=lib.float64),
    "randint_like": lambda lib, x: lib.randint_like(x, 100),
    "rand out=": lambda lib, x: lib.rand(tuple(x.shape), out=x.clone()),
    "randn out=": lambda lib, x: lib.randn(tuple(x.shape), out=x.clone()),
    "normal out=": lambda lib, x: lib.normal(1.0, 2.0, tuple(x.shape), out=x.clone()),
    "bernoulli": lambda lib, x: lib.bernoulli(x + 0.4),
    "normal": lambda lib, x: lib.normal(x, x + 1),
    "multinomial": lambda lib, x: lib.multinomial((x.clone() + 1).flatten(1), 2) if x.dim() > 2 else lib.multinomial(x.clone() + 1, 2),
    "empty_like": lambda lib, x: lib.empty_like(x).normal_(),
    "zeros_like": lambda lib, x: lib.zeros_like(x).uniform_(),
    "clone": lambda lib, x: x.clone().uniform_(),
    "dropout": lambda lib, x: lib.nn.functional.dropout(x.clone() + 1, 0.4),
    "dropout in place": lambda lib, x: lib.nn.functional.dropout(x.clone() + 1, 0.4, inplace=True),
    "dropout of a leaf": lambda lib, x: lib.nn.functional.dropout(x.clone().add(1).requires_grad_(), 0.4).detach(),
    "alpha_dropout": lambda lib, x: lib.nn.functional.alpha_dropout(x.clone() + 1, 0.4, training=True),
    "xavier_normal_": lambda lib, x: lib.nn.init.xavier_normal_(x),
    "kaiming_uniform_": lambda lib, x: lib.nn.init.kaiming_uniform_(x),
    "trunc_normal_": lambda lib, x: lib.nn.init.trunc_normal_(x),
    "trunc_normal_, a tail": lambda lib, x: lib.nn.init.trunc_normal_(x, a=1.5, b=2.5),
    "normal_": lambda lib, x: x.normal_(),
    "exponential_": lambda lib, x: x.exponential_(),
}
INTO = ("xavier_normal_", "kaiming_uniform_", "trunc_normal_", "trunc_normal_, a tail", "normal_", "exponential_")


def drawn(lib, layout, draw):
    lib.manual_seed(5)
    y = DRAWS[draw](lib, LAYOUTS[layout](lib))
    return y.numpy(), y.stride(), lib.rand(1).item()


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_draws_fall_as_in_torch(layout, draw):
    torch = pytest.importorskip("torch")
    if layout.startswith("expanded") and draw in INTO:
        for lib in (torch, cr):
            with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
                drawn(lib, layout, draw)
        return
    theirs, their_strides, their_next = drawn(torch, layout, draw)
    ours, our_strides, our_next = drawn(cr, layout, draw)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert our_next == their_next  # as many were drawn
    moves = [d for d, n in enumerate(ours.shape) if n > 1]
    assert [our_strides[d] for d in moves] == [their_strides[d] for d in moves]


def test_out_keeps_its_dtype():
    out = cr.zeros(3, dtype=cr.float64)
    assert cr.rand(3, out=out) is out and out.dtype is cr.float64
    with pytest.raises(RuntimeError, match="dtype torch.float32 does not match dtype of out tensor"):
        cr.rand(3, dtype=cr.float32, out=out)


@pytest.mark.parametrize("make", [cr.rand, cr.randn, cr.randperm, lambda n, **k: cr.rand_like(cr.ones(n), **k)])
def test_unknown_options_are_refused(make):
    with pytest.raises(TypeError, match="unexpected keyword argument 'shape'"):
        make(3, shape=2)
