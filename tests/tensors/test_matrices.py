"""``torch.linalg``: PyTorch's values, dtypes and gradients to the second order; then matrices without what is asked for."""

import numpy as np
import pytest

import chainrule
from tests.tensors.against import same_as_pytorch
from tests.tensors.compare import check, normal

REGULAR = normal(3, 3) + 3 * np.eye(3)
STACK = normal(2, 3, 3, seed=1) + 3 * np.eye(3)
LOWER = np.tril(REGULAR)

FUNCTIONS = {
    "inv": (lambda t, a: t.linalg.inv(a), [STACK]),
    "inverse": (lambda t, a: a.inverse(), [REGULAR]),
    "inv_ex": (lambda t, a: t.linalg.inv_ex(a)[0], [STACK]),
    "det": (lambda t, a: a.det(), [STACK]),
    "logdet": (lambda t, a: a.logdet(), [REGULAR @ REGULAR.T]),
    "slogdet": (lambda t, a: t.slogdet(a)[1], [STACK]),
    "solve": (lambda t, a, b: t.linalg.solve(a, b), [STACK, normal(2, 3, 2)]),
    "solve of vectors": (lambda t, a, b: t.linalg.solve(a, b), [STACK, normal(2, 3)]),
    "solve from the right": (lambda t, a, b: t.linalg.solve(a, b, left=False), [REGULAR, normal(2, 3)]),
    "solve_ex": (lambda t, a, b: t.linalg.solve_ex(a, b)[0], [REGULAR, normal(3)]),
    "solve_triangular": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [REGULAR, normal(3, 2)]),
    "solve_triangular lower": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=False), [STACK, normal(3, 2)]),
    "solve_triangular with ones": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True, unitriangular=True), [REGULAR, normal(3, 2)]),
    "solve_triangular from the right": (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True, left=False), [REGULAR, normal(2, 3)]),
    "cholesky": (lambda t, a: t.linalg.cholesky(a @ a.mT), [STACK]),
    "cholesky upper": (lambda t, a: t.linalg.cholesky(a @ a.mT, upper=True), [REGULAR]),
    "cholesky_ex": (lambda t, a: t.linalg.cholesky_ex(a @ a.mT)[0], [REGULAR]),
    "cholesky_solve": (lambda t, b, a: t.cholesky_solve(b, a.tril()), [normal(3, 2), REGULAR]),
    "cholesky_solve upper": (lambda t, b, a: b.cholesky_solve(a.triu(), upper=True), [normal(3, 2), REGULAR]),
    "cholesky_inverse": (lambda t, a: t.cholesky_inverse(a.tril()), [REGULAR]),
    "pinv": (lambda t, a: t.linalg.pinv(a), [normal(2, 4, 3)]),
    "pinv of equal singular values": (lambda t, a: t.linalg.pinv(a), [2 * np.eye(3)]),
    "pinverse": (lambda t, a: a.pinverse(), [normal(2, 3)]),
    "lstsq": (lambda t, a, b: t.linalg.lstsq(a, b).solution, [normal(4, 2), normal(4, 3)]),
    "matrix_exp": (lambda t, a: t.linalg.matrix_exp(a), [STACK]),
    "tensorinv": (lambda t, a: t.linalg.tensorinv(a.reshape(2, 3, 6)), [normal(6, 6)]),
    "tensorsolve": (lambda t, a, b: t.linalg.tensorsolve(a.reshape(2, 3, 6), b), [normal(6, 6), normal(2, 3)]),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(a + a.mT), [STACK]),
    "eigh": (lambda t, a: t.linalg.eigh(a + a.mT, "U").eigenvectors.abs(), [REGULAR]),
    "eigvals": (lambda t, a: t.linalg.eigvals(a).abs(), [np.diag([1.0, 2, 4]) + 0.1 * REGULAR]),
    "svdvals": (lambda t, a: t.linalg.svdvals(a), [normal(2, 4, 3)]),
    "svd": (lambda t, a: [f.abs() for f in t.linalg.svd(a, full_matrices=False)], [normal(3, 4)]),
    "svd full": (lambda t, a: t.linalg.svd(a).S, [normal(3, 4)]),
    "torch.svd": (lambda t, a: [f.abs() for f in t.svd(a)], [normal(4, 3)]),
    "qr": (lambda t, a: t.linalg.qr(a), [normal(2, 4, 3)]),
    "qr wide": (lambda t, a: t.linalg.qr(a), [normal(3, 4)]),
    "householder_product": (lambda t, a, tau: t.linalg.householder_product(a, tau), [normal(2, 4, 3), normal(2, 3)]),
    "ormqr": (lambda t, a, tau, b: t.ormqr(a, tau, b), [normal(4, 3), normal(3), normal(4, 2)]),
    "ormqr transposed": (lambda t, a, tau, b: a.ormqr(tau, b, True, True), [normal(4, 3), normal(3), normal(4, 2)]),
    "ormqr from the right": (lambda t, a, tau, b: t.ormqr(a, tau, b, left=False), [normal(4, 3), normal(3), normal(2, 4)]),
    "lu": (lambda t, a: t.linalg.lu(a), [STACK]),
    "lu tall": (lambda t, a: t.linalg.lu(a), [normal(4, 3)]),
    "lu_factor wide": (lambda t, a: t.linalg.lu_factor(a), [normal(2, 3, 4)]),
    "lu_solve": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b), [STACK, normal(2, 3, 2)]),
    "lu_solve adjoint": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b, adjoint=True), [STACK, normal(2, 3, 2)]),
    "lu_solve from the right": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b, left=False), [REGULAR, normal(2, 3)]),
    "vander": (lambda t, x: t.linalg.vander(x, N=4), [normal(2, 3)]),
    "vecdot": (lambda t, a, b: t.linalg.vecdot(a, b, dim=0), [normal(3, 2), normal(3, 2, seed=1)]),
    "diagonal": (lambda t, a: t.linalg.diagonal(a, offset=1), [STACK]),
    "multi_dot": (lambda t, a, b, c: t.linalg.multi_dot([a, b, c]), [normal(2, 3), normal(3, 4), normal(4)]),
    "cond": (lambda t, a: t.linalg.cond(a), [STACK]),
    "cond of order -2": (lambda t, a: t.linalg.cond(a, -2), [STACK]),
    "norm": (lambda t, a: t.linalg.norm(a), [REGULAR]),
    "norm of order 1": (lambda t, a: t.linalg.norm(a, 1), [REGULAR]),
    "matrix_norm nuc": (lambda t, a: t.linalg.matrix_norm(a, "nuc", keepdim=True), [STACK]),
    "vector_norm": (lambda t, a: t.linalg.vector_norm(a, 3, dim=1), [REGULAR]),
    "cross": (lambda t, a, b: t.linalg.cross(a, b), [normal(2, 3), normal(2, 3, seed=1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_like_pytorch(name):
    program, arrays = FUNCTIONS[name]
    check(program, arrays, names=False)


COMPLEX = [
    "inv(a)", "det(a)", "slogdet(a)", "solve(a, b)", "pinv(b)", "matrix_exp(a)", "svdvals(b)", "eigvalsh(a)", "qr(b)", "lu_factor(a)[0]",
    "lu_solve(*torch.linalg.lu_factor(a), b)", "householder_product(b, b[0])", "vecdot(a, a)", "solve_triangular(a, b, upper=False)",
    "lu_solve(*torch.linalg.lu_factor(a), b, adjoint=True)", "cholesky(a @ a.mH)", "lstsq(b, a).solution", "matrix_rank(b)", "eigvals(a)",
    "ldl_factor(a + a.mH, hermitian=True).LD", "ldl_factor(a + a.mT).LD", "ldl_solve(*torch.linalg.ldl_factor(a + a.mT), b)",
    "ldl_solve(*torch.linalg.ldl_factor(a + a.mH, hermitian=True), b, hermitian=True)",
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize("call", COMPLEX)
def test_of_complex_numbers(call, dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    a = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) + 3 * np.eye(3)).astype(dtype)
    b = (rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2))).astype(dtype)
    found = [eval(f"torch.linalg.{call}", {"torch": t, "a": t.tensor(a), "b": t.tensor(b)}) for t in (chainrule, torch)]
    for ours, theirs in zip(*[f if isinstance(f, tuple) else (f,) for f in found]):
        assert str(ours.dtype) == str(theirs.dtype)
        ours, theirs = ours.resolve_conj().numpy(), theirs.resolve_conj().numpy()
        tolerance = 1e-9 if dtype == "complex128" else 2e-3
        if call == "eigvals(a)":
            ours, theirs = np.sort(ours), np.sort(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_ldl(n):
    torch = pytest.importorskip("torch")
    for seed in range(4):
        a = normal(2, n, n, seed=seed)
        a = a + a.swapaxes(-1, -2)
        ours, theirs = (t.linalg.ldl_factor_ex(t.tensor(a)) for t in (chainrule, torch))
        np.testing.assert_allclose(ours.LD.numpy(), theirs.LD.tril().numpy(), atol=1e-10)
        assert ours.pivots.tolist() == theirs.pivots.tolist() and ours.info.tolist() == theirs.info.tolist()
        b = normal(2, n, 2)
        x = chainrule.linalg.ldl_solve(ours.LD, ours.pivots, chainrule.tensor(b)).numpy()
        np.testing.assert_allclose(a @ x, b, atol=1e-8)


PRINTED = [
    "torch.linalg.lu(torch.tensor([[1., 3.], [2., 1.]]))", "torch.linalg.lu_factor(torch.tensor([[2., 1.], [1., 3.]]))",
    "torch.linalg.lu_factor_ex(torch.zeros(2, 2))", "torch.lu_unpack(*torch.linalg.lu_factor(torch.eye(2)), unpack_data=False)",
    "torch.linalg.cholesky_ex(torch.eye(2))", "torch.linalg.inv_ex(torch.eye(2))", "torch.linalg.solve_ex(torch.eye(2), torch.ones(2))",
    "torch.linalg.inv_ex(torch.zeros(2, 2)).info", "torch.linalg.cholesky_ex(torch.tensor([[4., 0], [0, -1]])).info",
    "torch.linalg.slogdet(torch.eye(2))", "torch.linalg.eigvals(torch.tensor([[0., 1.], [-1., 0.]]))",
    "torch.linalg.lstsq(torch.tensor([[1.], [1.]]), torch.tensor([[1.], [3.]])).residuals",
    "torch.linalg.lstsq(torch.tensor([[1.], [1.]]), torch.tensor([[1.], [3.]]), driver='gels').residuals.shape",
    "torch.linalg.cond(torch.tensor([[2., 1.], [1., 3.]]), 1)", "torch.linalg.cond(torch.tensor([[2., 1.], [1., 3.]]), 'fro')",
    "torch.linalg.matrix_rank(torch.ones(3, 2))",
    "torch.linalg.solve_triangular(torch.zeros(2, 2), torch.ones(2, 1), upper=True)", "torch.linalg.vander(torch.tensor([1., 2, 3]))",
    "torch.svd(torch.diag(torch.tensor([3., 1.])), compute_uv=False)", "torch.linalg.qr(torch.eye(2), 'r').Q.shape",
    "torch.linalg.ldl_factor(torch.tensor([[2., 1.], [1., 3.]]))", "torch.linalg.det(torch.ones(2, 2))",
    "torch.geqrf(torch.tensor([[1., 2.], [2., 6.]]))", "torch.lu(torch.eye(2), get_infos=True)", "torch.linalg.pinv(torch.zeros(2, 3))",
    "torch.triangular_solve(torch.ones(2, 1), torch.tensor([[1., 2.], [3., 4.]]))", "torch.linalg.matrix_rank(torch.eye(3), atol=2.)",
    "torch.linalg.lstsq(torch.eye(2), torch.eye(2), driver='gelsd')", "torch.linalg.LinAlgError.__mro__[1]",
]  # fmt: skip


@pytest.mark.parametrize("expression", PRINTED)
def test_prints_as_pytorch(expression):
    same_as_pytorch(expression)


@pytest.mark.parametrize(
    "matrix", [np.ones((3, 3)) + np.diag([1, 0, 0]), np.array([[1.0, 2], [2, 4]]), np.zeros((2, 2))]
)
def test_gradient_of_the_determinant_of_a_singular_matrix(matrix):
    """The matrix of cofactors, which exists without an inverse."""
    a = chainrule.tensor(matrix, requires_grad=True)
    chainrule.linalg.det(a).backward()
    n = len(matrix)
    minor = lambda i, j: np.linalg.det(np.delete(np.delete(matrix, i, 0), j, 1))  # noqa: E731
    cofactors = np.array([[(-1) ** (i + j) * minor(i, j) for j in range(n)] for i in range(n)])
    np.testing.assert_allclose(a.grad.numpy(), cofactors, atol=1e-12)


ERRORS = {
    "torch.linalg.inv(torch.zeros(2, 2))": "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed",
    "torch.linalg.inv(torch.stack([torch.eye(2), torch.ones(2, 2)]))": r"linalg.inv: \(Batch element 1\): The diagonal element 2 is zero",
    "torch.linalg.solve(torch.zeros(2, 2), torch.ones(2))": "torch.linalg.solve: The solver failed because the input matrix is singular.",
    "torch.linalg.cholesky(-torch.eye(2))": r"not positive-definite \(the leading minor of order 1 is not positive-definite\).\n  why: .*\n  instead: ",
    "torch.linalg.cholesky(torch.diag(torch.tensor([1., -1.])))": "leading minor of order 2",
    "torch.linalg.cholesky_ex(-torch.eye(2), check_errors=True)": "linalg.cholesky_ex: The factorization",
    "torch.linalg.inv_ex(torch.zeros(2, 2), check_errors=True)": "linalg.inv_ex: The diagonal element 1 is zero",
    "torch.linalg.lu_factor(torch.zeros(2, 2))": r"torch.linalg.lu_factor: U\[1,1\] is zero and using it on lu_solve",
    "torch.linalg.lu(torch.eye(2), pivot=False)": "linalg.lu_factor: LU without pivoting is not implemented on the CPU",
    "torch.linalg.inv(torch.ones(2, 3))": "linalg.inv: A must be batches of square matrices, but they are 2 by 3 matrices",
    "torch.linalg.det(torch.ones(3))": "linalg.det: The input tensor A must have at least 2 dimensions.",
    "torch.linalg.inv(torch.eye(2, dtype=torch.int64))": "linalg.inv: Expected a floating point or complex tensor as input. Got Long",
    "torch.linalg.inv(torch.eye(2).half())": "linalg.inv: Low precision dtypes not supported. Got Half",
    "torch.linalg.multi_dot([torch.eye(2)])": r"multi_dot\(\): expected at least 2 tensors but got 1",
    "torch.linalg.solve_triangular(torch.eye(2), torch.ones(3, 1), upper=True)": r"Incompatible shapes of A and B for the equation AX = B \(2x2 and 3x1\)",
    "torch.linalg.qr(torch.eye(2), mode='x')": "qr received unrecognized mode 'x'",
    "torch.linalg.householder_product(torch.ones(2, 3), torch.ones(2))": "must be greater than or equal to input.shape\\[-1\\]",
    "torch.linalg.matrix_norm(torch.eye(2), 3)": "linalg.matrix_norm: Order 3 not supported.",
    "torch.linalg.lstsq(torch.eye(2), torch.eye(2), driver='x')": "parameter `driver` should be one of \\(gels, gelsy, gelsd, gelss\\)",
}  # fmt: skip


@pytest.mark.parametrize("expression", ERRORS)
def test_bad_input(expression):
    with pytest.raises(RuntimeError, match=ERRORS[expression]) as caught:
        eval(expression, {"torch": chainrule})
    singular = "input matrix is singular" in str(caught.value) or "positive-definite" in str(caught.value)
    assert isinstance(caught.value, chainrule.linalg.LinAlgError) == singular


@pytest.mark.parametrize("expression", ERRORS)
def test_pytorch_refuses_the_same(expression):
    torch = pytest.importorskip("torch")
    with pytest.raises(RuntimeError, match=ERRORS[expression].partition(r"\n")[0]):
        eval(expression, {"torch": torch})


@pytest.mark.filterwarnings("ignore:torch..* is deprecated in favor of torch.linalg")
def test_the_names_that_take_their_arguments_the_other_way_round():
    a, b = chainrule.tensor(REGULAR), chainrule.tensor(normal(3, 2))
    x = chainrule.linalg.solve(a, b)
    for y in (
        b.lu_solve(*a.lu()),
        chainrule.lu_solve(b, *chainrule.lu(a)),
        a.svd().V @ (a.svd().U.mT @ b / a.svd().S[:, None]),
    ):
        np.testing.assert_allclose(y.numpy(), x.numpy(), atol=1e-12)
    q, r = a.qr()
    np.testing.assert_allclose((q @ r).numpy(), a.numpy(), atol=1e-12)


def test_names_that_pytorch_gives_up_warn():
    a, b = chainrule.tensor(REGULAR), chainrule.tensor(normal(3, 2))
    for old, call in {
        "qr": a.qr,
        "lu": a.lu,
        "cholesky": (a @ a.mT).cholesky,
        "triangular_solve": lambda: b.triangular_solve(a),
    }.items():
        with pytest.warns(UserWarning, match=f"torch.{old} is deprecated in favor of torch.linalg"):
            call()


def test_no_derivative_where_columns_are_arbitrary():
    a = chainrule.tensor(normal(4, 3), requires_grad=True)
    with pytest.raises(RuntimeError, match="not differentiable when mode='complete' and nrows > ncols"):
        chainrule.linalg.qr(a, "complete").Q.sum().backward()
    with pytest.raises(RuntimeError, match="the derivative for 'geqrf' is not implemented"):
        chainrule.geqrf(a)


def test_every_name_of_pytorch_is_there():
    torch = pytest.importorskip("torch")
    theirs = {n for n in dir(torch.linalg) if not n.startswith("_")} - {"Tensor", "common_notes"}
    assert theirs <= set(chainrule.linalg.__all__)
