"""Sparse tensors in coordinate form: what graph networks do with them, as PyTorch does it."""

import warnings

import pytest

import chainrule as cr

INDICES, VALUES = [[0, 1, 1, 1], [2, 0, 2, 0]], [3.0, 4.0, 5.0, 6.0]


def matrix(lib, **options):
    return lib.sparse_coo_tensor(lib.tensor(INDICES), lib.tensor(VALUES), (2, 3), **options)


def quietly(lib, expression):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(expression, {"torch": lib, "s": matrix(lib), "x": lib.arange(6.0).reshape(3, 2)})


SAME = """
repr(s); repr(s.coalesce()); repr(s.double()); s.to_dense().tolist(); s.t().to_dense().tolist(); (s * 2).to_dense().tolist()
(2 * s).to_dense().tolist(); (s / 2).to_dense().tolist(); (-s).to_dense().tolist(); (s + s).to_dense().tolist()
torch.spmm(s, x).tolist(); torch.mm(s, x).tolist(); torch.matmul(s, x).tolist(); (s @ x).tolist(); (s @ x[:, 0]).tolist()
torch.sparse.mm(s, x).tolist(); s.mm(x).tolist(); torch.sparse.mm(s, s.t()).to_dense().tolist(); torch.sparse.sum(s).item()
s.shape; s.size(1); s.dim(); s.dtype; s.layout; s.is_sparse; s._nnz(); s.is_coalesced(); s.sparse_dim(); s.dense_dim()
s.numel(); s.coalesce().indices().tolist(); s.coalesce().values().tolist(); s._indices().tolist(); s._values().tolist()
torch.eye(2).to_sparse().indices().tolist(); torch.zeros(2, 2).to_sparse()._nnz(); x.to_sparse().to_dense().tolist()
torch.sparse.FloatTensor(torch.tensor([[0], [1]]), torch.tensor([2.0]), torch.Size([2, 2])).to_dense().tolist()
torch.sparse_coo_tensor(torch.tensor([[0, 2]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])).to_dense().tolist()
torch.sparse_coo_tensor([[1], [0]], [2]).dtype; torch.sparse.addmm(torch.ones(2, 2), s, x, beta=2.0, alpha=3.0).tolist()
s.cpu() is s; s.clone().to_dense().tolist(); x.to_dense() is x; x.dense_dim(); x.sparse_dim()
"""


@pytest.mark.parametrize("expression", [e.strip() for e in SAME.replace("\n", ";").split(";") if e.strip()])
def test_as_in_torch(expression):
    torch = pytest.importorskip("torch")
    assert repr(quietly(cr, expression)) == repr(quietly(torch, expression))


def test_gradients_reach_the_values_and_the_dense_factor():
    s, x = matrix(cr, requires_grad=True), cr.arange(6.0).reshape(3, 2).requires_grad_()
    weights = cr.tensor([[1.0, 2.0], [3.0, 4.0]])
    ((s @ x) * weights).sum().backward()
    dense = s.to_dense().detach()
    assert x.grad.tolist() == (dense.t() @ weights).tolist()
    full = (weights @ x.detach().t()).tolist()
    assert s._values().grad.tolist() == [full[i][j] for i, j in zip(*INDICES)]


def test_a_dense_tensor_gets_its_gradient_through_to_sparse():
    x = cr.tensor([[0.0, 2.0], [3.0, 0.0]], requires_grad=True)
    (x.to_sparse() @ cr.ones(2, 1)).sum().backward()
    assert x.grad.tolist() == [[0, 1], [1, 0]]


REFUSED = {
    "s.values()": (RuntimeError, r"Cannot get values on an uncoalesced tensor, please call .coalesce\(\) first"),
    "s.indices()": (RuntimeError, "Cannot get indices on an uncoalesced tensor"),
    "x.values()": (RuntimeError, "values expected sparse tensor layout but got Strided"),
    "x.coalesce()": (RuntimeError, "coalesce expected sparse coordinate tensor layout but got Strided"),
    "s @ torch.ones(2, 2)": (RuntimeError, r"mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x2\)"),
    "s * s": (NotImplementedError, r"instead: s.to_dense\(\)"),
    "s.exp()": (NotImplementedError, r"has no 'exp' here(.|\n)*instead: s.to_dense\(\).exp"),
    "s.frobnicate": (AttributeError, "'SparseTensor' object has no attribute 'frobnicate'"),
    "s.cuda()": (AssertionError, "Torch not compiled with CUDA enabled"),
    "x.to_sparse_csr()": (NotImplementedError, "torch.sparse_coo"),
    "x.to_sparse(layout=torch.sparse_csr)": (NotImplementedError, "torch.sparse_csr is not available"),
    "torch.sparse_coo_tensor([[0, 1]], [1.0])": (RuntimeError, "indices and values must have same nnz, .*indices: 2, nnz.*: 1"),
    "torch.sparse_coo_tensor([0], [1.0])": (RuntimeError, "indices must be sparse_dim x nnz"),
    "torch.sparse_coo_tensor([[3]], [1.0], (2,))": (RuntimeError, "for dim 0, size is 2 but found index 3"),
    "torch.sparse_coo_tensor([[-1]], [1.0], (2,))": (RuntimeError, "found index -1"),
    "torch.sparse_coo_tensor([[0]], [1.0], (2, 2))": (RuntimeError, r"number of dimensions must be sparse_dim \(1\)"),
    "torch.sparse.softmax(s, 1)": (NotImplementedError, r"s.to_dense\(\)"),
}


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_refused(expression):
    error, words = REFUSED[expression]
    with pytest.raises(error, match=words):
        quietly(cr, expression)


def test_the_former_constructor_says_so():
    with pytest.warns(UserWarning, match="Please use  ?torch.sparse_coo_tensor"):
        cr.sparse.FloatTensor(cr.tensor([[0]]), cr.tensor([1.0]))
