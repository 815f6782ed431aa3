"""Einstein's summation against NumPy and PyTorch, and what an equation may not say."""

import numpy as np
import pytest

import chainrule
from tests.tensors.compare import check, normal

EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("ij,ij->i", (2, 3), (2, 3)), ("ii->i", (3, 3)),
    ("ii", (3, 3)), ("iij->j", (3, 3, 2)), ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("i,j->ij", (2,), (3,)), ("ij,j->i", (2, 3), (3,)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)), ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
    ("...ij,jk->...ik", (2, 3, 4), (4, 5)), ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)), ("ij,kj", (2, 3), (4, 3)),
    ("bn,anm,bm->ba", (2, 3), (4, 3, 5), (2, 5)), ("i,i->", (3,), (3,)), ("ij,ij->ij", (2, 3), (2, 3)), ("...i->...", (2, 3)),
    ("b...,b...->...", (2, 3, 4), (2, 3, 4)), ("i j, j -> i", (2, 3), (3,)), ("bij,bj->bi", (1, 2, 3), (4, 3)),
    ("Ab,bC->CA", (2, 3), (3, 4)), ("ba", (2, 3)), ("...,...", (2, 3), (3,)), ("ij,ji->", (2, 3), (3, 2)),
    ("ijk,ilm,njm,nlk,abc->", *[(2, 2, 2)] * 5),
    ("i,ij,j", (2,), (2, 3), (3,)), ("ij,ik->jk", (0, 3), (0, 2)), (",->", (), ()), ("", ()), (",ij->ij", (), (2, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("equation", "shapes"), [(e, s) for e, *s in EQUATIONS])
def test_like_torch(equation, shapes):
    check(lambda t, *xs: t.einsum(equation, *xs), [normal(*s, seed=i) for i, s in enumerate(shapes)], names=False)


@pytest.mark.parametrize(("equation", "shapes"), [(e, s) for e, *s in EQUATIONS])
def test_like_numpy(equation, shapes):
    arrays = [normal(*s, seed=i) for i, s in enumerate(shapes)]
    found = chainrule.einsum(equation, *map(chainrule.tensor, arrays))
    np.testing.assert_allclose(found.numpy(), np.einsum(equation, *arrays), rtol=1e-10, atol=1e-12)


def test_operands_in_a_list_and_axes_by_number():
    a, b = chainrule.ones(2, 3), chainrule.ones(3, 4)
    assert chainrule.einsum("ij,jk->ik", [a, b]).shape == (2, 4)
    assert chainrule.einsum(a, [0, 1], b, [1, 2], [2, 0]).shape == (4, 2)
    assert chainrule.einsum(a, [0, 30], b, [30, 2]).shape == (2, 4)
    assert chainrule.einsum(a, [..., 1], [1, ...]).shape == (3, 2)
    assert chainrule.einsum(a, [30, 2]).shape == (3, 2)  # the result's axes in ascending order


BAD = {
    "sizes": ("ij,jk", [(2, 3), (4, 5)],
        "einsum(): subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3"),
    "repeated": ("ii", [(2, 3)], "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 3 != 2"),
    "output": ("ij->ik", [(2, 3)], "einsum(): output subscript k does not appear in the equation for any input operand"),
    "output twice": ("ij->ii", [(2, 2)], "einsum(): output subscript i appears more than once in the output"),
    "fewer": ("ij,jk->ik", [(2, 3)], "einsum(): fewer operands were provided than specified in the equation"),
    "more": ("ij->i", [(2, 3), (3,)], "einsum(): more operands were provided than specified in the equation"),
    "dims": ("ijk->i", [(2, 3)],
        "einsum(): the number of subscripts in the equation (3) does not match the number of dimensions (2) for "
        "operand 0 and no ellipsis was given"),
    "letters": ("i!->i", [(2, 3)], "einsum(): invalid subscript given at index 1 in the equation string, subscripts must be in [a-zA-Z]"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_equations(name):
    equation, shapes, words = BAD[name]
    with pytest.raises(RuntimeError) as error:
        chainrule.einsum(equation, *[chainrule.ones(s) for s in shapes])
    assert str(error.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_equations_like_torch(name):
    torch = pytest.importorskip("torch")
    equation, shapes, words = BAD[name]
    with pytest.raises(RuntimeError) as error:
        torch.einsum(equation, *[torch.ones(s) for s in shapes])
    assert str(error.value).startswith(words)


def test_operands_that_are_no_tensors():
    with pytest.raises(TypeError, match="einsum\\(\\): argument 'operands' .* must be Tensor, not float"):
        chainrule.einsum("i,i", chainrule.ones(2), 3.0)
