"""Conversions: dtypes, devices, memory, Python objects, pickles."""

import copy
import pickle

import numpy as np
import pytest

import chainrule as torch
from tests.tensors.against import same_as_pytorch

EXPRESSIONS = """
torch.tensor([1.5]).to(torch.int64)
torch.tensor([1.5]).to("cpu", torch.int64)
torch.tensor([1.5]).to(torch.int64, True, True)
torch.tensor([1.5]).to(torch.tensor(1))
torch.tensor([1.5]).to(device="cpu", dtype=torch.float64)
torch.tensor([1.5]).to(int), torch.tensor([1]).to(float), torch.tensor([2]).to(bool)
torch.tensor([1.5]).to()
torch.tensor([1.5]).to("cuda")
torch.tensor([1.5]).to("nowhere")
torch.tensor([1.5]).to(torch.device("cpu"))
torch.tensor([1.5]).to("cpu", "cpu")
torch.tensor([1.5]).cuda()
torch.tensor([1.5]).cpu()
torch.tensor([1.5, -1.5]).long(), torch.tensor([1.5]).int(), torch.tensor([1.5]).short()
torch.tensor([1]).float(), torch.tensor([1]).double(), torch.tensor([1]).half(), torch.tensor([1]).bfloat16()
torch.tensor([300]).byte(), torch.tensor([200]).char(), torch.tensor([2]).bool(), torch.tensor([1]).cfloat()
torch.tensor([-1]).byte()
torch.tensor([1.5, float("nan")]).long()
torch.tensor([1e10]).int()
torch.tensor([1 + 1j]).real, torch.tensor([1 + 1j]).imag
torch.tensor([1.]).real
torch.tensor([1.]).imag
torch.ones(1).type()
torch.ones(1, dtype=torch.int64).type(), torch.ones(1, dtype=torch.bool).type(), torch.ones(1, dtype=torch.complex64).type()
torch.ones(1).type("torch.LongTensor"), torch.ones(1).type(torch.float64), torch.ones(1).type(torch.ByteTensor)
torch.ones(1).type("nothing")
torch.ones(1).type_as(torch.tensor(1))
torch.tensor([1.5]).view(torch.int32)
torch.tensor([1.5, 2.]).view(torch.int64)
torch.tensor([1.5, 2.]).view(torch.uint8)
torch.tensor([1.5]).view(torch.int64)
torch.tensor(1.5).view(torch.float64)
torch.zeros(2, 2).t().view(torch.int64)
torch.zeros(2, 2).view()
torch.zeros(2, 2).view("a")
torch.zeros(2, 3, 4).stride(), torch.zeros(2, 3).t().stride(), torch.zeros(2, 3).stride(-1)
torch.zeros(2, 3).stride(5)
torch.zeros(6)[2:].storage_offset(), torch.zeros(2, 3).t()[1].storage_offset()
torch.zeros(2, 3).is_contiguous(), torch.zeros(2, 3).t().is_contiguous()
torch.zeros(2, 3).element_size(), torch.zeros(2, dtype=torch.int64).element_size()
torch.zeros(1, 2, 3, 4).contiguous(memory_format=torch.channels_last).stride()
torch.zeros(2, 3, 4, 5).to(memory_format=torch.channels_last).is_contiguous(memory_format=torch.channels_last)
torch.zeros(2, 3, 4, 5).clone(memory_format=torch.channels_last).is_contiguous()
torch.zeros(2, 3).contiguous(memory_format=torch.channels_last)
torch.zeros(3, 2).t().clone().stride(), torch.zeros(3, 2).t().clone(memory_format=torch.contiguous_format).stride()
torch.zeros(2).untyped_storage().nbytes(), len(torch.zeros(2).untyped_storage())
torch.zeros(2, 3)[1].untyped_storage().nbytes()
torch.ones(1).untyped_storage()
torch.zeros(2, 3).dim_order(), torch.zeros(2, 3).t().dim_order()
torch.zeros(2, 3)._is_view(), torch.zeros(2, 3)[0]._is_view(), torch.zeros(2, 3)[0]._base.shape
x = torch.zeros(2, 3); x.is_set_to(x[:]), x.is_set_to(x.clone())
torch.zeros(2).get_device(), torch.zeros(2).is_cuda, torch.zeros(2).is_sparse, torch.zeros(2).is_pinned()
torch.zeros(2).pin_memory()
torch.zeros(2).is_same_size(torch.zeros(2)), torch.zeros(2).is_shared()
torch.tensor([1, 2]).apply_(lambda x: x + 1)
torch.tensor([1, 2]).map_(torch.tensor([3, 4]), lambda x, y: x * y)
torch.tensor([[1, 2]]).tolist(), torch.tensor(3.5).tolist(), torch.tensor([True]).tolist()
3 in torch.tensor([1, 2, 3]), 4 in torch.tensor([1, 2, 3]), torch.tensor(1) in torch.tensor([1])
"a" in torch.tensor([1])
list(torch.tensor([[1], [2]]))
list(torch.tensor(1))
torch.tensor([1., 2., 3., 4.]).resize_(2, 2)
torch.tensor([1., 2., 3., 4.]).resize_(2)
torch.tensor([1., 2.]).resize_(3).shape
torch.tensor([1., 2.]).resize_as_(torch.ones(2, 1))
torch.ones(2, requires_grad=True).resize_(3)
torch.tensor([1.]).set_(torch.tensor([2., 3.]))
torch.tensor([1.]).set_()
x = torch.zeros(2, 1, 3); x.squeeze_(); x.t_(); x.unsqueeze_(0); x.shape
x = torch.zeros(2, 3); x.transpose_(0, 1); x.swapaxes_(0, 1); x.as_strided_((2, 2), (1, 3)); x.stride()
torch.tensor(torch.ones(2, 2).t()).stride()
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_as_in_pytorch(expression):
    same_as_pytorch(expression)


def test_conversion_gives_the_tensor_itself_where_nothing_changes():
    x = torch.ones(2)
    for same in (
        x.to(torch.float32),
        x.float(),
        x.to("cpu"),
        x.to(x),
        x.cpu(),
        x.contiguous(),
        x.type_as(x),
        x.to(dtype=torch.float32),
    ):
        assert same is x
    assert x.to(torch.float32, copy=True) is not x
    assert x.to("cpu", copy=True).data_ptr() != x.data_ptr()


def test_gradients_flow_back_in_the_dtype_they_came_from():
    w = torch.ones(2, dtype=torch.float16, requires_grad=True)
    (w.double() * 3).sum().backward()
    assert w.grad.dtype == torch.float16 and w.grad.tolist() == [3, 3]
    assert not w.long().requires_grad


def test_views_of_one_storage_have_one_storage():
    x = torch.zeros(3, 4)
    assert x[1:].t().untyped_storage().data_ptr() == x.untyped_storage().data_ptr() == x.data_ptr()
    assert x.clone().untyped_storage().data_ptr() != x.data_ptr()


def test_reading_bits_shares_memory():
    x = torch.tensor([1.0])
    x.view(torch.int32)[0] = 0
    assert x.item() == 0


# ---------------------------------------------------------------------- copies and pickles


def test_deepcopy_copies_memory_gradient_and_attributes():
    w = torch.ones(2, requires_grad=True)
    (w * 3).sum().backward()
    w.tag = ["a"]
    c = copy.deepcopy(w)
    assert c.requires_grad and c.is_leaf and c.grad.tolist() == [3, 3] and c.grad is not w.grad
    assert c.tag == ["a"] and c.tag is not w.tag
    c.grad[0] = 0
    with torch.no_grad():
        c[0] = 9
    assert w.tolist() == [1, 1] and w.grad.tolist() == [3, 3]


def test_deepcopy_keeps_sharing():
    x = torch.zeros(4)
    y, z, again = copy.deepcopy((x, x[1:3], x))
    assert y is again and y is not x
    z[0] = 5
    assert y.tolist() == [0, 5, 0, 0]


def test_deepcopy_refuses_tensors_with_a_history():
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user") as e:
        copy.deepcopy(torch.ones(2, requires_grad=True) * 2)
    assert "x.detach().clone()" in str(e.value)


def test_shallow_copy_shares_memory():
    w = torch.ones(2, requires_grad=True)
    c = copy.copy(w)
    assert c is not w and c.data_ptr() == w.data_ptr() and c.requires_grad


@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "float16", "bfloat16", "int64", "int8", "uint8", "bool", "complex64"]
)
def test_pickling(dtype):
    x = torch.tensor([[1, 0], [1, 1]]).to(getattr(torch, dtype))
    y = pickle.loads(pickle.dumps(x))
    assert y.dtype == x.dtype and y.tolist() == x.tolist() and not y.requires_grad


def test_pickling_keeps_requires_grad_attributes_strides_and_sharing():
    w = torch.ones(2, 3, requires_grad=True)
    w.tag = "a"
    x = torch.arange(6.0).reshape(2, 3)
    w2, t, row, whole = pickle.loads(pickle.dumps((w, x.t(), x[1], x)))
    assert w2.requires_grad and w2.is_leaf and w2.tag == "a"
    assert t.stride() == (1, 3) and t.tolist() == x.t().tolist()
    row[0] = 100
    assert whole[1, 0].item() == 100 and t[0, 1].item() == 100


def test_what_was_computed_is_pickled_as_a_leaf():
    x = pickle.loads(pickle.dumps(torch.ones(2, requires_grad=True) * 2))
    assert x.is_leaf and x.requires_grad and x.tolist() == [2, 2]


def test_histories_do_not_go_to_other_processes():
    from multiprocessing.reduction import ForkingPickler

    import chainrule.multiprocessing  # noqa: F401

    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor") as e:
        ForkingPickler.dumps(torch.ones(2, requires_grad=True) * 2)
    assert "x.detach()" in str(e.value)


def test_numpy_arrays_and_bits_survive():
    x = torch.tensor([float("nan"), -0.0, float("inf")])
    assert pickle.loads(pickle.dumps(x)).numpy().tobytes() == x.numpy().tobytes()
    assert np.array(x).tobytes() == x.numpy().tobytes()
