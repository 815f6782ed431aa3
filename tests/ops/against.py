"""Hold an op against PyTorch and against finite differences: value, dtype, node, gradient, and the gradient's gradient."""

import numpy as np
import pytest

import chainrule

torch = pytest.importorskip("torch")


def tensors(lib, arrays, grad=True):
    """The arrays as tensors of a library; the floating-point ones ask for gradients."""
    made = [lib.tensor(a) for a in arrays]
    return [t.requires_grad_() if grad and t.is_floating_point() else t for t in made]


def outputs(result):
    """The floating-point tensors among what a function gave."""
    several = result if isinstance(result, (tuple, list)) else (result,)
    return [y for y in several if y.is_floating_point()]


def name_of(node):
    return None if node is None else node.name().split("::")[-1]


def weights(ys, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=tuple(y.shape)) for y in ys]


def same(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-10, atol=1e-12)


def gradients(lib, function, arrays, seed, order=1, direction=None):
    """∂L/∂x for L = Σ w · y³, or, of order 2, ∂⟨∂L/∂x, v⟩/∂x."""
    xs = tensors(lib, arrays)
    leaves = [x for x in xs if x.requires_grad]
    ys = outputs(function(lib, *xs))
    loss = sum(((y * y * y) * lib.tensor(w)).sum() for y, w in zip(ys, weights(ys, seed)))
    first = lib.autograd.grad(loss, leaves, create_graph=order == 2, allow_unused=True)
    first = [lib.zeros_like(x) if d is None else d for d, x in zip(first, leaves)]
    if order == 1:
        return [d.detach().numpy() for d in first]
    along = sum((d * lib.tensor(v)).sum() for d, v in zip(first, direction))
    second = lib.autograd.grad(along, leaves, allow_unused=True) if along.requires_grad else [None] * len(leaves)
    return [np.zeros(x.shape) if d is None else d.numpy() for d, x in zip(second, leaves)]


def check(function, arrays, seed=0, names=True, second=True):
    """Everything about ``function(lib, *tensors)`` that can be compared; not ``second`` where PyTorch has none."""
    ours, theirs = (function(lib, *tensors(lib, arrays)) for lib in (chainrule, torch))
    ours, theirs = [list(r) if isinstance(r, (tuple, list)) else [r] for r in (ours, theirs)]
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert tuple(a.shape) == tuple(b.shape)
        assert str(a.dtype) == str(b.dtype)
        same(a.detach().numpy(), b.detach().numpy())
        assert a.requires_grad == b.requires_grad
        if names:
            assert name_of(a.grad_fn) == name_of(b.grad_fn)
    if not outputs(ours) or not any(y.requires_grad for y in outputs(ours)):
        return
    for a, b in zip(gradients(chainrule, function, arrays, seed), gradients(torch, function, arrays, seed)):
        same(a, b)
    check_second(function, arrays, seed, second)


def check_second(function, arrays, seed, compare):
    """The gradient's gradient along a random direction: PyTorch's, and that of finite differences."""
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    rng = np.random.default_rng(seed + 1)
    v = [rng.normal(size=arrays[i].shape) for i in floats]
    second = gradients(chainrule, function, arrays, seed, 2, v)
    if compare:
        for a, b in zip(second, gradients(torch, function, arrays, seed, 2, v)):
            same(a, b)
    eps = 1e-6
    ends = []
    for sign in (1, -1):
        moved = list(arrays)
        for i, d in zip(floats, v):
            moved[i] = arrays[i] + sign * eps * d
        ends.append(gradients(chainrule, function, moved, seed))
    for a, up, down in zip(second, *ends):
        np.testing.assert_allclose(a, (up - down) / (2 * eps), rtol=1e-4, atol=1e-4)


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)
