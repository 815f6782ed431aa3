"""A tensor's own answers: what it is, how it leaves for Python and NumPy, its size."""

import pickle

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from tests.tensors.against import same_as_pytorch

X = "x = torch.tensor([[1., 2., 3.], [4., 5., 6.]]); "


@pytest.mark.parametrize(
    "expression",
    [
        "x.shape, x.ndim, x.dim(), x.ndimension(), x.numel(), x.nelement(), len(x)", "x.size(), x.size(0), x.size(-1)", "x.size(2)",
        "x.itemsize, x.nbytes, x.element_size(), x.dtype, x.device", "x.is_leaf, x.requires_grad, x.grad, x.grad_fn, x.output_nr",
        "len(torch.tensor(1.))", "x.item()", "torch.tensor([[2.5]]).item(), torch.tensor(True).item(), torch.tensor(3).item()", "bool(x)",
        "bool(torch.ones(0))", "bool(torch.tensor([0.])), bool(torch.tensor(2))", "float(torch.tensor([2.])), int(torch.tensor(2.9))",
        "complex(torch.tensor(1j))", "[1, 2, 3][torch.tensor(1)]", "[1, 2][torch.tensor(1.)]", "list(x)", "list(torch.tensor(1.))", "3. in x, 7 in x",
        "f'{torch.tensor(3.14159):.2f}'", "f'{x:.2f}'", "np.asarray(x)", "np.array(x, dtype=np.int32)", "len({x, x.clone(), x})",
        "x.data", "torch.is_tensor(x), torch.is_tensor(3)", "round(torch.tensor(2.567), 2)", "x.requires_grad_().sum().requires_grad_(False)",
        "x.requires_grad_().numpy()", "x.requires_grad_().detach().numpy()", "x.tolist(), torch.tensor(2).tolist()", "hash(x) == hash(x)",
        "torch.Size([2, 3]), torch.Size([2, 3]).numel(), torch.Size([2, 3])[:1], torch.Size([2, 3]) + (4,), 2 * torch.Size([2, 3])",
        "(4,) + torch.Size([2]), torch.Size([]), torch.Size([2, 3]) == (2, 3), hash(torch.Size([2, 3])) == hash((2, 3)), str(torch.Size([1]))",
        "x.shape[0], x.shape[-1], x.shape[1:], tuple(x.shape), *x.shape",
    ],
)  # fmt: skip
def test_like_torch(expression):
    same_as_pytorch(X + expression)


def test_frozen():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.shape == (2, 2) and isinstance(x.shape, chainrule.Size) and repr(x.shape) == "torch.Size([2, 2])"
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]] and [row.tolist() for row in x] == x.tolist() and len(x) == 2
    assert x.is_leaf and x.grad is None and x.dtype is chainrule.float32 and float(x[1, 1]) == 4.0


def test_memory_is_shared_with_numpy():
    x = tensor([1.0, 2.0])
    x.numpy()[0] = 7.0
    array = np.array([1.0, 2.0])
    y = chainrule.from_numpy(array)
    y[1] = 9.0
    assert x.tolist() == [7.0, 2.0] and array.tolist() == [1.0, 9.0]
    x.data[1] = 3.0
    assert x.tolist() == [7.0, 3.0] and x._version == 0
    x.data = tensor([5.0])
    assert x.tolist() == [5.0]


def test_sizes_travel():
    size = chainrule.Size([2, 3])
    assert pickle.loads(pickle.dumps(size)) == size and type(pickle.loads(pickle.dumps(size))) is chainrule.Size


def test_the_errors_say_what_to_write_instead():
    x = tensor([[1.0, 2.0]], requires_grad=True)
    for call, instead in [
        (lambda: x.item(), "x.tolist(), or reduce it first: x.sum().item(), x.mean().item()"), (lambda: bool(x > 0), "x.any() or x.all()"),
    ]:  # fmt: skip
        with pytest.raises(RuntimeError) as error:
            call()
        assert f"  instead: {instead}\n  (E0" in str(error.value) and "its shape is [1, 2]" in str(error.value)
    with pytest.raises(RuntimeError, match="why: what NumPy computes is not recorded, so gradients would silently be lost"):
        x.numpy()
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got list"):
        x.data = [1.0]
