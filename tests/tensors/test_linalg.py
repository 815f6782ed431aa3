"""Products of vectors, matrices and stacks of them: frozen numbers, then PyTorch to the second derivative, then bad input."""

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.tensors import linalg
from tests.tensors.compare import check, normal

SHAPES = [
    ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (4,)), ((4,), (2, 4, 5)),
    ((3, 4), (2, 4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((1, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (4,)),
    ((4,), (2, 1, 4, 3)), ((1, 1), (1, 1)),
]  # fmt: skip
EMPTY = [
    ((0, 4), (4, 5)), ((4, 0), (0, 5)), ((3, 0), (0,)), ((0,), (0,)), ((0,), (0, 3)), ((0, 3, 4), (0, 4, 5)),
    ((2, 0, 4), (4, 3)), ((2, 0, 4), (4,)),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_matmul(a, b):
    check(lambda t, x, y: x @ y, [normal(*a), normal(*b, seed=1)], names=a != (1, 3, 4))


@pytest.mark.parametrize(("a", "b"), EMPTY)
def test_matmul_of_nothing(a, b):
    x, y = np.ones(a), np.ones(b)
    u, v = (tensor(z, requires_grad=True) for z in (x, y))
    z = u @ v
    assert z.shape == (x @ y).shape and z.detach().numpy().tolist() == (x @ y).tolist()
    z.sum().backward()
    assert u.grad.shape == a and v.grad.shape == b and not u.grad.any() and not v.grad.any()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "int64", "int32", "uint8", "float16", "bfloat16"])
def test_matmul_of_every_dtype_like_torch(dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, (3, 4)), rng.integers(0, 5, (4, 2))

    def run(lib):
        x, y = (lib.tensor(z).to(getattr(lib, dtype)) for z in (a, b))
        found = [x @ y, y.t() @ x.t(), x @ y[:, 0], x[0] @ y, x[0] @ y[:, 0], lib.stack([x, x]) @ y]
        return [(str(z.dtype), z.to(lib.complex128).numpy().tolist()) for z in found]

    assert run(chainrule) == run(torch)


def test_a_stack_times_a_matrix_is_one_product():
    """The leading axes are merged: the result is that of the matrices one by one."""
    a, b = normal(3, 2, 5, 4).astype(np.float32), normal(4, 6).astype(np.float32)
    x, w = tensor(a, requires_grad=True), tensor(b, requires_grad=True)
    (x @ w).backward(chainrule.ones(3, 2, 5, 6))
    np.testing.assert_allclose((x @ w).detach().numpy(), np.matmul(a, b), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(w.grad.numpy(), a.reshape(-1, 4).sum(0)[:, None] * np.ones(6), rtol=1e-5, atol=1e-5)


PRODUCTS = {
    "mm": ([(2, 3), (3, 4)], lambda t, a, b: t.mm(a, b)),
    "bmm": ([(2, 3, 4), (2, 4, 5)], lambda t, a, b: a.bmm(b)),
    "mv": ([(2, 3), (3,)], lambda t, a, b: t.mv(a, b)),
    "dot": ([(3,), (3,)], lambda t, a, b: a.dot(b)),
    "vdot": ([(3,), (3,)], lambda t, a, b: t.vdot(a, b)),
    "inner": ([(2, 3), (4, 3)], lambda t, a, b: t.inner(a, b)),
    "inner with a number": ([(2, 3), ()], lambda t, a, b: t.inner(a, b)),
    "outer": ([(2,), (3,)], lambda t, a, b: t.outer(a, b)),
    "ger": ([(2,), (3,)], lambda t, a, b: a.ger(b)),
    "tensordot": ([(2, 3, 4), (3, 4, 5)], lambda t, a, b: t.tensordot(a, b, 2)),
    "tensordot of lists": ([(2, 3, 4), (3, 2, 5)], lambda t, a, b: t.tensordot(a, b, ([0, 1], [1, 0]))),
    "tensordot of nothing": ([(2,), (3,)], lambda t, a, b: t.tensordot(a, b, 0)),
    "addmm": ([(2, 4), (2, 3), (3, 4)], lambda t, a, b, c: t.addmm(a, b, c)),
    "addmm scaled": ([(4,), (2, 3), (3, 4)], lambda t, a, b, c: t.addmm(a, b, c, beta=2, alpha=3)),
    "addmm without the sum": ([(4,), (2, 3), (3, 4)], lambda t, a, b, c: t.addmm(a, b, c, beta=0)),
    "baddbmm": ([(2, 1, 1), (2, 3, 4), (2, 4, 5)], lambda t, a, b, c: t.baddbmm(a, b, c, beta=0.5, alpha=-1)),
    "matrix_power": ([(3, 3)], lambda t, a: t.matrix_power(a, 3)),
    "matrix_power 1 of a stack": ([(2, 3, 3)], lambda t, a: a.matrix_power(1)),
    "trace": ([(3, 4)], lambda t, a: a.trace()),
}
NAMED_DIFFERENTLY = {
    "addmv": ([(2,), (2, 3), (3,)], lambda t, a, b, c: a.addmv(b, c, beta=2, alpha=3)),
    "addr": ([(2, 3), (2,), (3,)], lambda t, a, b, c: a.addr(b, c, alpha=2)),
    "addbmm": ([(3, 5), (2, 3, 4), (2, 4, 5)], lambda t, a, b, c: a.addbmm(b, c, beta=3)),
    "kron": ([(2, 3), (2, 2)], lambda t, a, b: t.kron(a, b)),
    "kron of different dims": ([(2,), (2, 2)], lambda t, a, b: t.kron(a, b)),
    "cross": ([(4, 3), (4, 3)], lambda t, a, b: t.linalg.cross(a, b)),
    "cross without dim": ([(3, 3), (3, 3)], lambda t, a, b: t.cross(a, b, 0) + t.linalg.cross(a, b)),
    "cross along an axis": ([(3, 4), (3, 4)], lambda t, a, b: a.cross(b, dim=0)),
    "matrix_power 0": ([(3, 3)], lambda t, a: t.matrix_power(a, 0) * a),
    "matrix_power -2": ([(3, 3)], lambda t, a: t.matrix_power(a, -2)),
    "multi_dot": ([(2, 3), (3, 4), (4, 5)], lambda t, a, b, c: t.linalg.multi_dot([a, b, c])),
}


@pytest.mark.parametrize("name", [*PRODUCTS, *NAMED_DIFFERENTLY])
def test_products(name):
    shapes, function = {**PRODUCTS, **NAMED_DIFFERENTLY}[name]
    check(function, [normal(*s, seed=i) for i, s in enumerate(shapes)], names=name in PRODUCTS)


def test_beta_0_leaves_the_input_out():
    x, one = chainrule.full((2, 2), float("nan")), chainrule.ones(2, 2)
    assert chainrule.addmm(x, one, one, beta=0).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert chainrule.addmv(x[0], one, one[0], beta=0).tolist() == [2.0, 2.0]


def test_in_place_and_out():
    x, a = chainrule.zeros(2, 2), tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.addmm_(a, a) is x and x.tolist() == [[7.0, 10.0], [15.0, 22.0]]
    out = chainrule.empty(0)
    assert chainrule.matmul(a, a, out=out) is out and out.tolist() == x.tolist()


def test_chain_matmul_multiplies_the_cheap_way_round(monkeypatch):
    """(100 × 2)(2 × 100)(100 × 3): from the right it is 1,200 multiplications, from the left 50,000."""
    calls, product = [], linalg.mm
    monkeypatch.setattr(linalg, "mm", lambda x, y: calls.append((tuple(x.shape), tuple(y.shape))) or product(x, y))
    a, b, c = (chainrule.ones(n, m) for n, m in ((100, 2), (2, 100), (100, 3)))
    with pytest.warns(UserWarning, match="deprecated"):
        assert linalg.chain_matmul(a, b, c).shape == (100, 3)
    assert calls == [((2, 100), (100, 3)), ((100, 2), (2, 3))]


BAD = {
    "matrices": (lambda t, r: r(3, 4) @ r(5, 4), "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x4)"),
    "vectors": (lambda t, r: r(3) @ r(4), "inconsistent tensor size, expected tensor [3] and src [4] to have the same number"),
    "matrix and vector": (lambda t, r: r(2, 3) @ r(4), "size mismatch, got input (2), mat (2x3), vec (4)"),
    "vector and matrix": (lambda t, r: r(3) @ r(4, 5), "mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)"),
    "stacks": (lambda t, r: r(2, 3, 4) @ r(2, 5, 4), "Expected size for first two dimensions of batch2 tensor to be: [2, 4]"),
    "stacks of different length": (lambda t, r: r(2, 3, 4) @ r(3, 4, 5), "The size of tensor a (2) must match the size of tensor b (3)"),
    "a stack and a matrix": (lambda t, r: r(2, 3, 4) @ r(5, 6), "mat1 and mat2 shapes cannot be multiplied (6x4 and 5x6)"),
    "numbers": (lambda t, r: r(()) @ r(3), "both arguments to matmul need to be at least 1D, but they are 0D and 1D"),
    "dtypes": (lambda t, r: r(2, 2) @ r(2, 2).double(), "expected m1 and m2 to have the same dtype, but got: float != double"),
    "integers and reals": (lambda t, r: r(2, 2).long() @ r(2, 2), "but got: long int != float"),
    "truth values": (lambda t, r: r(2, 2).bool() @ r(2, 2).bool(), "\"addmm_impl_cpu_\" not implemented for 'Bool'"),
    "mm of a stack": (lambda t, r: t.mm(r(2, 3, 4), r(4, 5)), "self must be a matrix"),
    "bmm of a matrix": (lambda t, r: t.bmm(r(2, 3), r(2, 3, 4)), "batch1 must be a 3D tensor"),
    "bmm": (lambda t, r: t.bmm(r(2, 3, 4), r(3, 4, 5)),
        "Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [3, 4]."),
    "mv": (lambda t, r: t.mv(r(3), r(3)), "vector + matrix @ vector expected, got 1, 1, 1"),
    "dot of matrices": (lambda t, r: t.dot(r(2, 3), r(2)), "1D tensors expected, but got 2D and 1D tensors"),
    "outer": (lambda t, r: t.outer(r(2, 2), r(2)), "outer: Expected 1-D argument self, but got 2-D"),
    "addmm": (lambda t, r: t.addmm(r(5), r(2, 4), r(4, 3)),
        "The expanded size of the tensor (3) must match the existing size (5) at non-singleton dimension 1.  Target "
        "sizes: [2, 3].  Tensor sizes: [5]"),
    "trace": (lambda t, r: t.trace(r(2, 2, 2)), "trace: expected a matrix, but got tensor with dim 3"),
    "tensordot": (lambda t, r: t.tensordot(r(2, 3), r(4, 3), 1),
        "contracted dimensions need to match, but first has size 3 in dim -1 and second has size 4 in dim 0"),
    "tensordot of uneven lists": (lambda t, r: t.tensordot(r(2, 3), r(2, 3), ([0, 1], [0])),
        "both dimension lists should have same length"),
    "inner": (lambda t, r: t.inner(r(2, 3), r(4, 2)),
        "inner() the last dimension must match on both input tensors but got shapes [2, 3] and [4, 2]"),
    "matrix_power": (lambda t, r: t.matrix_power(r(2, 3), 2),
        "linalg.matrix_power: A must be batches of square matrices, but they are 2 by 3 matrices"),
    "cross": (lambda t, r: t.cross(r(2, 4), r(2, 4)), ""),
    "linalg.cross": (lambda t, r: t.linalg.cross(r(3, 4), r(3, 4)), "linalg.cross: inputs dimension -1 must have length 3. Got 4 and 4"),
    "a list": (lambda t, r: t.matmul([1.0], r(1)), "matmul(): argument 'input' (position 1) must be Tensor, not list"),
    "a number": (lambda t, r: r(2, 2) @ 3, ""),
    "Linear": (lambda t, r: t.nn.Linear(3, 4)(r(2, 5)), "mat1 and mat2 shapes cannot be multiplied (2x5 and 3x4)"),
    "Linear on a vector": (lambda t, r: t.nn.Linear(3, 4)(r(5)), ""),
    "Linear on a stack": (lambda t, r: t.nn.Linear(3, 4)(r(2, 2, 5)), "mat1 and mat2 shapes cannot be multiplied (4x5 and 3x4)"),
    "Linear on doubles": (lambda t, r: t.nn.Linear(3, 4)(r(2, 3).double()),
        "mat1 and mat2 must have the same dtype, but got Double and Float"),
    "Linear on integers": (lambda t, r: t.nn.Linear(3, 4)(r(2, 3).long()),
        "mat1 and mat2 must have the same dtype, but got Long and Float"),
    "Linear on a number": (lambda t, r: t.nn.Linear(3, 4)(r(())),
        "both arguments to linear need to be at least 1D, but they are 0D and 2D"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, words = BAD[name]
    with pytest.raises((RuntimeError, TypeError, NotImplementedError)) as error:
        call(chainrule, chainrule.ones)
    assert words in str(error.value)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, words = BAD[name]
    with pytest.raises((RuntimeError, TypeError)) as theirs:
        call(torch, torch.ones)
    assert words in str(theirs.value), "the words that are asserted here are PyTorch's"
    with pytest.raises(theirs.type):
        call(chainrule, chainrule.ones)


def test_integers_are_not_scaled_by_a_fraction():
    """PyTorch would take 0.5 for 0 here without a word."""
    whole = chainrule.ones(2, 2, dtype=chainrule.int64)
    assert chainrule.addmm(whole, whole, whole, alpha=3).tolist() == [[7, 7], [7, 7]]
    with pytest.raises(RuntimeError, match="For integral input tensors, argument alpha must not be a floating point number"):
        chainrule.addmm(whole, whole, whole, alpha=0.5)


def test_the_errors_say_why_and_what_to_write_instead():
    r = chainrule.ones
    with pytest.raises(RuntimeError) as error:
        r(3, 4) @ r(5, 4)
    assert str(error.value) == (
        "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x4)\n"
        "  why: each row of the first, `r(3, 4)` of shape [3, 4], has 4 entries, each column of the second, `r(5, 4)` of shape "
        "[5, 4], 5; they must be equal\n"
        "  instead: r(3, 4) @ r(5, 4).T (transpose the second)\n"
        "  (E008: chainrule why E008)"
    )
    with pytest.raises(RuntimeError, match=r"instead: r\(4, 3\)\.T @ r\(4, 5\) \(transpose the first\)"):
        r(4, 3) @ r(4, 5)
    with pytest.raises(RuntimeError) as error:
        chainrule.nn.Linear(3, 4)(r(2, 5))
    assert "why: the input has shape [2, 5] (samples, features): 5 features; the weight has shape [4, 3] " in str(error.value)
    assert "instead: nn.Linear(in_features=5, out_features=4), or give it inputs whose last axis has 3 entries" in str(error.value)
    with pytest.raises(RuntimeError, match=r"instead: flatten each sample first: x.flatten\(1\) has 12 features"):
        chainrule.nn.Linear(12, 2)(r(5, 3, 4))
    with pytest.raises(RuntimeError, match=r"instead: pass x.T \(shape \[2, 3\]\), or nn.Linear\(2, 4\)"):
        chainrule.nn.Linear(3, 4)(r(3, 2))
    with pytest.raises(RuntimeError, match=r"instead: convert the torch.float64 one: r\(2, 2\).double\(\).to\(torch.float32\)"):
        r(2, 2) @ r(2, 2).double()
