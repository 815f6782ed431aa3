"""Views, copies, joins, cuts and rearrangements against PyTorch, to the second derivative."""

import numpy as np
import pytest

from tests.ops.against import check, normal

V, M, C, B = (6,), (4, 6), (2, 3, 4), (1, 3, 1)  # a vector, a matrix, a cube, and one with axes to stretch

MOVES = {
    "view": (M, lambda t, x: x.view(3, -1)),
    "view_as": (M, lambda t, x: x.view_as(t.zeros(24))),
    "reshape": (C, lambda t, x: x.reshape(4, 6)),
    "reshape_as": (C, lambda t, x: x.reshape_as(t.zeros(6, 4))),
    "reshape that copies": (M, lambda t, x: x.t().reshape(-1)),
    "reshape of a strided view": (M, lambda t, x: x[:, ::2].reshape(12)),
    "reshape of a viewable view": (C, lambda t, x: x[1].reshape(12)),
    "reshape to nothing": ((1,), lambda t, x: x.reshape(())),
    "flatten": (C, lambda t, x: x.flatten(1)),
    "flatten middle": (C, lambda t, x: x.flatten(0, 1)),
    "flatten a number": ((), lambda t, x: x.flatten()),
    "unflatten": (M, lambda t, x: x.unflatten(1, (2, -1))),
    "ravel": (M, lambda t, x: x.ravel()),
    "squeeze": (B, lambda t, x: x.squeeze()),
    "squeeze one": (B, lambda t, x: x.squeeze(-1)),
    "squeeze some": (B, lambda t, x: x.squeeze((0, 1))),
    "unsqueeze": (M, lambda t, x: x.unsqueeze(-1)),
    "atleast_3d": (V, lambda t, x: t.atleast_3d(x)),
    "atleast_2d several": (V, lambda t, x: t.atleast_2d(x, x * 2)),
    "transpose": (C, lambda t, x: x.transpose(0, -1)),
    "swapaxes": (C, lambda t, x: t.swapaxes(x, 1, 2)),
    "t": (M, lambda t, x: x.t()),
    "t of a vector": (V, lambda t, x: t.t(x)),
    "T": (C[1:], lambda t, x: x.T),
    "mT": (C, lambda t, x: x.mT),
    "H": (M, lambda t, x: x.H),
    "mH": (C, lambda t, x: x.mH),
    "adjoint": (C, lambda t, x: x.adjoint()),
    "permute": (C, lambda t, x: x.permute(2, 0, -2)),
    "movedim": (C, lambda t, x: x.movedim(0, -1)),
    "movedim several": (C, lambda t, x: t.movedim(x, (0, 1), (2, 0))),
    "expand": (B, lambda t, x: x.expand(2, 5, 3, -1)),
    "expand_as": (B, lambda t, x: x.expand_as(t.zeros(2, 3, 4))),
    "broadcast_to": (B, lambda t, x: t.broadcast_to(x, (2, 3, 4))),
    "broadcast_tensors": (B, lambda t, x: t.broadcast_tensors(x, t.zeros(2, 1, 4, dtype=t.float64))),
    "clone": (M, lambda t, x: x.t().clone()),
    "contiguous": (M, lambda t, x: x.t().contiguous()),
    "diagonal": (C, lambda t, x: x.diagonal(1, 2, 0)),
    "diagonal below": (M, lambda t, x: x.diagonal(-2)),
    "diagonal outside": (M, lambda t, x: x.diagonal(9)),
    "diag of a matrix": (M, lambda t, x: x.diag(1)),
    "diag of a vector": (V, lambda t, x: x.diag(-1)),
    "diag_embed": (M, lambda t, x: t.diag_embed(x, 1, 0, 2)),
    "diagflat": (M, lambda t, x: t.diagflat(x, -1)),
    "unfold": (M, lambda t, x: x.unfold(1, 3, 2)),
    "unfold overlapping": (C, lambda t, x: x.unfold(1, 2, 1)),
    "unfold apart": (V, lambda t, x: x.unfold(0, 2, 3)),
    "as_strided": (M, lambda t, x: x.as_strided((3, 4), (5, 2), 1)),
    "as_strided overlapping": (V, lambda t, x: x.as_strided((4, 3), (1, 1))),
    "as_strided of a view": (M, lambda t, x: (x * 1).t().as_strided((2, 3), (2, 7), 3)),
    "flip": (C, lambda t, x: x.flip(0, 2)),
    "fliplr": (M, lambda t, x: t.fliplr(x)),
    "flipud": (V, lambda t, x: t.flipud(x)),
    "rot90": (M, lambda t, x: t.rot90(x)),
    "rot90 backwards": (C, lambda t, x: x.rot90(-1, (1, 2))),
    "roll": (M, lambda t, x: x.roll(7)),
    "roll along": (C, lambda t, x: x.roll((1, -2), (0, 2))),
    "repeat": (M, lambda t, x: x.repeat(3, 1, 2)),
    "tile": (C, lambda t, x: x.tile(2)),
    "repeat_interleave": (M, lambda t, x: x.repeat_interleave(3, 1)),
    "repeat_interleave flat": (M, lambda t, x: x.repeat_interleave(2)),
    "repeat_interleave counts": (M, lambda t, x: x.repeat_interleave(t.tensor([2, 0, 1, 3]), 0)),
    "tril": (M, lambda t, x: x.tril(1)),
    "triu": (C, lambda t, x: t.triu(x, -1)),
    "unbind": (C, lambda t, x: x.unbind(1)),
    "unbind, one used": (C, lambda t, x: x.unbind(1)[2]),
    "iteration": (M, lambda t, x: list(x)[1:]),
    "split": (M, lambda t, x: x.split(4, 1)),
    "split, one used": (M, lambda t, x: x.split(4, 1)[1]),
    "split by sizes": (M, lambda t, x: t.split(x, [1, 0, 3])),
    "chunk": (M, lambda t, x: x.chunk(3)),
    "tensor_split": (M, lambda t, x: x.tensor_split(4, 1)),
    "tensor_split at": (M, lambda t, x: t.tensor_split(x, (1, 5), 1)),
    "hsplit": (M, lambda t, x: x.hsplit(2)),
    "vsplit": (M, lambda t, x: x.vsplit((1, 2))),
    "dsplit": (C, lambda t, x: x.dsplit(2)),
    "chains of views": (C, lambda t, x: x.transpose(0, 1)[1:].unsqueeze(0).flatten(0, 1)),
    "nothing in it": ((0, 3), lambda t, x: x.reshape(3, 0).t().contiguous()),
}

JOINS = {
    "cat": (M, M, lambda t, x, y: t.cat([x, y])),
    "cat last": (C, (2, 3, 1), lambda t, x, y: t.cat((x, y, x), -1)),
    "cat with an empty vector": (M, (0,), lambda t, x, y: t.cat([y, x])),
    "stack": (M, M, lambda t, x, y: t.stack([x, y])),
    "stack last": (V, V, lambda t, x, y: t.stack((x, y, x), -1)),
    "stack numbers": ((), (), lambda t, x, y: t.stack([x, y])),
    "hstack": (M, (4, 2), lambda t, x, y: t.hstack([x, y])),
    "hstack vectors": (V, (2,), lambda t, x, y: t.hstack([x, y])),
    "vstack": (M, V, lambda t, x, y: t.vstack([x, y])),
    "dstack": (M, M, lambda t, x, y: t.dstack([x, y])),
    "column_stack": (M, (4,), lambda t, x, y: t.column_stack([x, y])),
    "block_diag": (M, V, lambda t, x, y: t.block_diag(x, y)),
    "meshgrid ij": (V, (3,), lambda t, x, y: t.meshgrid(x, y, indexing="ij")),
    "meshgrid xy": (V, (3,), lambda t, x, y: t.meshgrid(x, y, indexing="xy")),
    "broadcast_tensors": (B, (2, 1, 4), lambda t, x, y: t.broadcast_tensors(x, y)),
}
PLAIN_NAMES = {  # PyTorch's names for what these are made of, where it shows how it happens to be made there
    "cartesian_prod": (V, (3,), lambda t, x, y: t.cartesian_prod(x, y)),
    "combinations": (V, V, lambda t, x, y: t.combinations(x, 3)),
    "combinations with replacement": (V, V, lambda t, x, y: t.combinations(y, 2, True)),
    "vander": (V, V, lambda t, x, y: powers(t, x, 4, False)),
    "vander increasing": (V, V, lambda t, x, y: powers(t, x, 6, True)),
}


def powers(t, x, n, increasing):
    """(PyTorch's own vander writes over what its derivative needs.)"""
    if t.__name__ == "chainrule":
        return t.vander(x, n, increasing)
    return t.stack([x**i for i in (range(n) if increasing else reversed(range(n)))], 1)


@pytest.mark.parametrize("case", MOVES)
def test_moves(case):
    shape, function = MOVES[case]
    check(function, [normal(*shape)])


@pytest.mark.parametrize("case", JOINS)
def test_joins(case):
    first, second, function = JOINS[case]
    check(function, [normal(*first), normal(*second, seed=1)])


@pytest.mark.parametrize("case", PLAIN_NAMES)
def test_pairings(case):
    first, second, function = PLAIN_NAMES[case]
    check(function, [normal(*first), normal(*second, seed=1)], names=False)


@pytest.mark.parametrize(
    ("shape", "pad", "mode"),
    [
        (M, (1, 2), "constant"), (M, (1, 2, 3, 0), "constant"), (M, (-1, 2, 0, -3), "constant"), (V, (0, 0), "constant"),
        (M, (5, 1), "reflect"), (C, (1, 0), "reflect"), ((1, 2, 3, 4), (3, 1, 2, 0), "reflect"),
        ((1, 2, 3, 4, 5), (1, 2, 2, 1, 0, 1), "reflect"), (M, (3, 9), "replicate"), ((1, 2, 3, 4), (2, 0, 1, 5), "replicate"),
        ((2, 3, 4, 2), (1, 1, 0, 2, 3, 0), "replicate"), (M, (6, 2), "circular"), ((1, 2, 3, 4), (1, 3, 2, 1), "circular"),
        (M, (-2, 3), "reflect"), (M, (2, -1), "replicate"), (M, (-1, 2), "circular"),
    ],
)  # fmt: skip
def test_pad(shape, pad, mode):
    from chainrule.tensors.rearranging import pad as ours

    def function(lib, x):
        return (lib.nn.functional.pad if lib.__name__ == "torch" else ours)(x, pad, mode)

    check(function, [normal(*shape)], names=mode != "circular" and min(pad) >= 0)


def test_pad_value():
    import chainrule as torch
    from chainrule.tensors.rearranging import pad

    assert pad(torch.ones(2), (1, 0), value=-2.5).tolist() == [-2.5, 1, 1]


@pytest.mark.parametrize("seed", range(40))
def test_random_chains_of_views(seed):
    """Views of views of views: values, gradients, and what a write through the last one does to the first."""
    rng = np.random.default_rng(seed)
    steps = []
    shape = tuple(rng.integers(1, 5, rng.integers(1, 4)))
    x = normal(*shape, seed=seed)
    view = x
    for _ in range(rng.integers(1, 5)):
        kind = rng.choice(["transpose", "unsqueeze", "slice", "select", "flip axes"])
        n = view.ndim
        if kind == "transpose" and n > 1:
            a, b = (int(d) for d in rng.choice(n, 2, replace=False))
            steps.append(lambda t, y, a=a, b=b: y.transpose(a, b))
        elif kind == "unsqueeze":
            a = int(rng.integers(-n - 1, n + 1))
            steps.append(lambda t, y, a=a: y.unsqueeze(a))
        elif kind == "slice" and n:
            key = slice(*sorted(int(i) for i in rng.integers(0, view.shape[0] + 1, 2)), int(rng.integers(1, 3)))
            steps.append(lambda t, y, key=key: y[key])
        elif kind == "select" and n and view.shape[-1]:
            i = int(rng.integers(-view.shape[-1], view.shape[-1]))
            steps.append(lambda t, y, i=i: y[..., i])
        else:
            order = tuple(int(d) for d in rng.permutation(n))
            steps.append(lambda t, y, order=order: y.permute(order))
        view = through(steps, x)

    def function(t, x):
        y = x * 1
        for step in steps:
            y = step(t, y)
        return y

    check(function, [x], seed)

    def written(t, x):
        whole = x * 1
        y = whole
        for step in steps:
            y = step(t, y)
        y.mul_(3)
        return whole

    check(written, [x], seed, names=False)


def through(steps, x):
    import chainrule as t

    y = t.tensor(x)
    for step in steps:
        y = step(t, y)
    return y.numpy()
