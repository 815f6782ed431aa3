"""Tensors to and from NumPy, other libraries, pickles and copies, by the memory they share or do not share."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.utils import dlpack


def address(array):
    return array.__array_interface__["data"][0]


# ---------------------------------------------------------------------- NumPy


def test_asarray_shares_and_array_copies():
    x = cr.arange(3.0)
    assert address(np.asarray(x)) == x.data_ptr()
    assert address(np.array(x)) != x.data_ptr()
    assert np.array(x, dtype=np.float64).dtype == np.float64
    assert address(np.array(x, copy=False)) == x.data_ptr()
    with pytest.raises(ValueError, match="Unable to avoid copy"):
        np.asarray(x, dtype=np.int32, copy=False)
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        np.asarray(x.requires_grad_())


FUNCTIONS = """np.sin(x) np.add(x,1) np.maximum(x,2) np.isnan(x) np.greater(x,1) np.sqrt(x[1]) np.multiply(np.ones(3),x)
np.exp(x).sum() np.isnan(x).sum() np.argmax(x) np.add.reduce(x) np.stack([x,x]) np.concatenate([x,x]) np.dot(x,np.ones(3))
np.float64(2)*x x*np.ones(3) np.where(x>1,x,0) np.arange(5)[torch.tensor([0,2])] np.array([x,x])""".split()


@pytest.mark.parametrize("expression", FUNCTIONS)
def test_numpys_functions_give_what_they_give_with_torch(expression):
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy's, about PyTorch
        theirs = eval(expression, {"np": np, "torch": torch, "x": torch.arange(3.0)})
    ours = eval(expression, {"np": np, "torch": cr, "x": cr.arange(3.0)})
    assert (type(ours).__name__, repr(ours)) == (type(theirs).__name__, repr(theirs))


# ---------------------------------------------------------------------- DLPack


def test_dlpack_both_ways_shares_memory():
    a = np.arange(6.0).reshape(2, 3)
    x = cr.from_dlpack(a)
    x[0, 0] = 7
    assert a[0, 0] == 7 and x.data_ptr() == address(a)
    assert address(np.from_dlpack(x)) == address(a)
    assert np.from_dlpack(x.t()[1:]).tolist() == a.T[1:].tolist()
    assert cr.from_dlpack(x).data_ptr() == x.data_ptr()
    assert cr.from_dlpack(x, copy=True).data_ptr() != x.data_ptr()
    assert dlpack.from_dlpack(dlpack.to_dlpack(x)).data_ptr() == x.data_ptr()
    assert cr.from_dlpack(x.bfloat16()).dtype is cr.bfloat16
    assert tuple(map(int, x.__dlpack_device__())) == (1, 0)


def test_dlpack_with_torch():
    torch = pytest.importorskip("torch")
    x = cr.arange(6.0).reshape(2, 3)
    theirs = torch.from_dlpack(x)
    theirs[0, 0] = 5
    assert x[0, 0].item() == 5 and theirs.data_ptr() == x.data_ptr()
    assert cr.from_dlpack(theirs.t()).stride() == (1, 3)
    for dtype in ("bool", "uint8", "int64", "float16", "float64", "complex64"):
        assert str(cr.from_dlpack(torch.ones(2, dtype=getattr(torch, dtype))).dtype) == f"torch.{dtype}"
        assert str(torch.from_dlpack(cr.ones(2, dtype=getattr(cr, dtype))).dtype) == f"torch.{dtype}"


@pytest.mark.parametrize(
    "use, error, words",
    [
        (lambda: cr.from_dlpack(3), RuntimeError, "from_dlpack received an invalid capsule: int"),
        (lambda: cr.from_dlpack(np.arange(3)[::-1]), ValueError, "stride in the given numpy array is negative"),
        (lambda: cr.from_dlpack(cr.ones(1), device="cuda"), AssertionError, "Torch not compiled with CUDA enabled"),
        (lambda: cr.from_dlpack(cr.ones(1, requires_grad=True)), BufferError, "use tensor.detach"),
        (lambda: np.from_dlpack(cr.ones(1, requires_grad=True)), BufferError, "use tensor.detach"),
        (lambda: cr.ones(1).__dlpack__(stream=1), AssertionError, "stream should be None on cpu."),
    ],
)
def test_dlpack_refusals(use, error, words):
    with pytest.raises(error, match=words):
        use()


# ---------------------------------------------------------------------- copies


KEPT = [cr.float32, cr.bool, cr.device("cpu"), cr.Size([2, 3]), cr.strided, cr.channels_last]


@pytest.mark.parametrize("value", KEPT, ids=str)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_what_describes_tensors_survives(value, copied):
    assert copied(value) == value


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_parameters_modules_optimizers_and_generators(copied):
    model = cr.nn.Sequential(cr.nn.Linear(2, 3), cr.nn.BatchNorm1d(3))
    optimizer = cr.optim.Adam(model.parameters(), lr=0.5)
    model(cr.ones(4, 2)).sum().backward()
    optimizer.step()
    twin, other = copied((model, optimizer))
    assert all(bool((a == b).all()) and a is not b for a, b in zip(model.parameters(), twin.parameters()))
    assert other.param_groups[0]["params"][0] is next(twin.parameters())
    assert other.state_dict()["param_groups"][0]["lr"] == 0.5
    generator = cr.Generator().manual_seed(3)
    assert copied(generator).initial_seed() == 3


def test_a_parameter_keeps_its_attributes_in_a_pickle():
    p = cr.nn.Parameter(cr.ones(2), requires_grad=False)
    p.tag = "a"
    q = pickle.loads(pickle.dumps(p))
    assert (type(q), q.requires_grad, q.tag) == (cr.nn.Parameter, False, "a")


def test_expanded_and_sliced_tensors_are_copied_with_their_strides():
    for x in (cr.ones(2, 1).expand(2, 3), cr.ones(4, 6)[::2, 1:3]):
        for copied in (copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))):
            assert copied(x).stride() == x.stride()


@pytest.mark.parametrize("make", [cr.from_numpy, cr.tensor, cr.as_tensor, cr.asarray, cr.Tensor])
def test_numbers_in_another_order_of_bytes_are_refused(make):
    with pytest.raises(ValueError, match="byte order different from the native byte order") as error:
        make(np.arange(3.0).astype(">f4"))
    assert "'>f4'" in str(error.value) and "newbyteorder" in str(error.value)
    assert cr.tensor([np.arange(3, dtype=">i4")]).numpy().dtype == np.dtype(np.int32)
