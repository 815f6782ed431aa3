"""New tensors: what they hold, their dtype, their memory; the limits and meetings of dtypes."""

import copy
import pickle

import numpy as np
import pytest

import chainrule as torch
from tests.tensors.against import same_as_pytorch

EXPRESSIONS = """
torch.zeros(2, 3)
torch.zeros((2,), dtype=torch.int64)
torch.zeros(torch.Size([1, 2]))
torch.zeros(())
torch.zeros(2, dtype=int)
torch.zeros(2, requires_grad=True)
torch.ones([2, 2], dtype=torch.float64)
torch.empty(2, 0)
torch.full((2, 2), 3.5)
torch.full((2,), 1)
torch.full((2,), True)
torch.full((2,), 1j)
torch.full((2,), 2.7, dtype=torch.int64)
torch.full((2,), torch.tensor(3))
torch.zeros_like(torch.ones(2, 3).t()).stride()
torch.ones_like(torch.zeros(2, dtype=torch.int32))
torch.full_like(torch.zeros(2), 7)
torch.zeros_like(torch.ones(2), dtype=torch.bool)
torch.empty_like(torch.ones(1, 2, 3, 4), memory_format=torch.channels_last).stride()
torch.empty_strided((2, 3), (1, 2)).stride()
torch.scalar_tensor(3)
torch.eye(3)
torch.eye(2, 3, dtype=torch.int64)
torch.arange(5)
torch.arange(1, 2.5, 0.5)
torch.arange(0, 1, 0.1)
torch.arange(5, 0, -2)
torch.arange(3.5)
torch.arange(0, 10, 3, dtype=torch.float32)
torch.arange(torch.tensor(3))
torch.arange(0.5, 3.6, dtype=torch.int64)
torch.range(0, 3)
torch.range(1, 4, 0.5)
torch.linspace(0, 1, 5)
torch.linspace(-3.3, 7.1, 11)
torch.linspace(5, -5, 7, dtype=torch.float64)
torch.linspace(0, 10, 5, dtype=torch.int64)
torch.linspace(0, 10, 1)
torch.linspace(0, 10, 0)
torch.linspace(0, 1j, 3)
torch.linspace(torch.tensor(0.), 1, 3)
torch.logspace(0, 2, 3)
torch.logspace(-1, 1, 4, base=2)
torch.logspace(0, 10, 5, dtype=torch.int64)
torch.tril_indices(3, 4, 1)
torch.triu_indices(3, 3, -1, dtype=torch.int32)
torch.complex(torch.tensor([1., 2.]), torch.tensor(3.))
torch.tensor([1, 2.5])
torch.tensor([[True], [False]])
torch.tensor(np.arange(3.))
torch.tensor([torch.tensor(1.), torch.tensor(2.)])
torch.tensor(torch.ones(2))
torch.tensor([])
torch.tensor(3, dtype=torch.float16)
torch.tensor(range(3))
torch.as_tensor([1, 2])
torch.as_tensor(np.arange(3), dtype=torch.float32)
torch.asarray(3.5)
torch.asarray(np.arange(2))
torch.asarray([1, 2], dtype=torch.float64, requires_grad=True)
torch.from_dlpack(np.arange(3))
torch.frombuffer(bytearray(b"abcd"), dtype=torch.uint8)
torch.frombuffer(bytearray(b"abcdefgh"), dtype=torch.int32, offset=4)
torch.frombuffer(bytearray(b"abcdefgh"), dtype=torch.int16, count=2)
torch.ones(2).new_zeros(2, 3)
torch.ones(2, dtype=torch.int64).new_full((2,), 2.7)
torch.ones(2, dtype=torch.int64).new_tensor([1.5, 2])
torch.ones(2).new_ones(2, dtype=torch.bool)
torch.ones(2).new([1, 2])
torch.ones(2).new_empty((2, 0))
torch.Tensor([1, 2])
torch.Tensor()
torch.Tensor(2, 3).shape
torch.Tensor(torch.Size([2])).shape
torch.Tensor(np.array([1, 2]))
torch.Tensor(torch.tensor([1, 2]))
torch.Tensor((2, 3))
torch.FloatTensor([1, 2])
torch.FloatTensor(2, 3).shape
torch.LongTensor([1.5, 2])
torch.DoubleTensor([[1], [2]])
torch.BoolTensor([0, 1])
torch.ByteTensor([1, 255])
torch.FloatTensor
torch.FloatTensor.dtype
isinstance(torch.ones(1), torch.FloatTensor), isinstance(torch.ones(1), torch.LongTensor)
torch.ones(1).type(torch.LongTensor)
torch.promote_types(torch.int32, torch.float16), torch.promote_types(torch.uint8, torch.int8)
torch.result_type(torch.tensor([1]), 1.5), torch.result_type(torch.tensor([1]), torch.tensor(1.5)), torch.result_type(1, 2.5)
torch.can_cast(torch.float32, torch.int32), torch.can_cast(torch.int64, torch.uint8), torch.can_cast(torch.uint8, torch.bool)
torch.finfo(torch.float32)
torch.finfo(torch.float64).eps, torch.finfo(torch.float16).max, torch.finfo(torch.complex64).bits
torch.finfo()
torch.iinfo(torch.int16)
torch.iinfo(torch.uint8).max
torch.is_tensor(3), torch.is_tensor(torch.ones(1))
torch.is_floating_point(torch.ones(1)), torch.is_complex(torch.ones(1)), torch.ones(1).is_signed()
torch.is_nonzero(torch.tensor([0.])), torch.numel(torch.ones(2, 3))
torch.get_default_dtype()
torch.strided, torch.contiguous_format, torch.ones(1).layout
torch.zeros(2, -1)
torch.zeros()
torch.zeros(2.5)
torch.zeros(2, dtype="float32")
torch.zeros(2, device="cuda")
torch.zeros(2, pin_memory=True)
torch.zeros(2, requires_grad=True, dtype=torch.int64)
torch.zeros(2, colour="red")
torch.full(2, 1.)
torch.eye(-1)
torch.arange(5, 0)
torch.arange(0, 5, 0)
torch.arange(0, float("inf"))
torch.arange("a")
torch.arange(5, dtype=torch.bool)
torch.linspace(0, 1, -1)
torch.complex(torch.tensor(1), torch.tensor(2))
torch.complex(torch.tensor(1.), torch.tensor(2., dtype=torch.float64))
torch.tensor([[1, 2], [3]])
torch.tensor("a")
torch.tensor([None])
torch.frombuffer(bytearray(b""), dtype=torch.int32)
torch.frombuffer(bytearray(b"abcde"), dtype=torch.int32)
torch.frombuffer(bytearray(b"abcdefgh"), dtype=torch.int32, count=3)
torch.Tensor(2.5)
torch.Tensor("a")
torch.Tensor([[1, 2], [3]])
torch.FloatTensor(torch.tensor([1, 2]))
torch.ByteTensor([1, 300])
torch.finfo(torch.int8)
torch.iinfo(torch.float32)
torch.set_default_dtype(torch.int32)
torch.set_default_dtype("float32")
torch.tril_indices(-1, 4)
torch.tril_indices(2, 2, dtype=torch.float32)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_as_in_pytorch(expression):
    same_as_pytorch(expression)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_steps_have_pytorchs_digits(dtype):
    reference = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for _ in range(150):
        a, b, n, step = (
            float(rng.normal() * 10),
            float(rng.normal() * 10),
            int(rng.integers(2, 90)),
            float(abs(rng.normal()) + 0.01),
        )
        ours, theirs = [
            (lib.linspace(a, b, n, dtype=getattr(lib, dtype)).numpy(), lib.arange(a, a + n * step, step, dtype=getattr(lib, dtype)).numpy())
            for lib in (torch, reference)
        ]  # fmt: skip
        assert ours[0].tobytes() == theirs[0].tobytes()
        if dtype != "float16":
            assert ours[1].tobytes() == theirs[1].tobytes()


def test_the_default_dtype_is_what_new_tensors_get():
    try:
        torch.set_default_dtype(torch.float64)
        assert (
            torch.ones(1).dtype
            == torch.tensor(1.5).dtype
            == torch.arange(1.5).dtype
            == torch.Tensor([1]).dtype
            == torch.float64
        )
        torch.set_default_tensor_type(torch.FloatTensor)
        assert torch.get_default_dtype() == torch.float32
        torch.set_default_tensor_type("torch.DoubleTensor")
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_memory_is_shared_where_pytorch_shares_it():
    array = np.zeros(3)
    for share in (torch.from_numpy, torch.as_tensor, torch.asarray, torch.from_dlpack):
        t = share(array)
        t[0] += 1
    assert array[0] == 4
    assert torch.tensor(array)[0].item() == 4
    torch.tensor(array)[0] = 9
    assert array[0] == 4
    t = torch.ones(2)
    assert torch.as_tensor(t) is t and torch.asarray(t) is t
    assert torch.asarray(t, copy=True) is not t
    assert np.from_dlpack(t)[0] == 1
    buffer = bytearray(4)
    torch.frombuffer(buffer, dtype=torch.uint8)[1] = 7
    assert buffer[1] == 7
    shared = torch.Tensor(t)
    shared[0] = 5
    assert t[0].item() == 5


def test_asarray_refuses_to_copy_when_told():
    with pytest.raises(ValueError, match="can't alias arbitrary sequence"):
        torch.asarray([1, 2], copy=False)
    with pytest.raises(ValueError, match="can't alias tensor with dtype 'torch.float64'"):
        torch.asarray(np.zeros(2), dtype=torch.float32, copy=False)


def test_dlpack_refuses_tensors_with_a_history():
    with pytest.raises(BufferError, match="use tensor.detach()"):
        np.from_dlpack(torch.ones(2, requires_grad=True))


def test_out_is_written_to():
    out = torch.empty(0)
    assert torch.arange(3, out=out, dtype=torch.float32) is out and out.tolist() == [0, 1, 2]
    with pytest.warns(UserWarning, match="was resized since it had shape \\[3\\]"):
        assert torch.zeros(2, out=out).tolist() == [0, 0]


def test_a_layout_that_is_not_there_is_refused():
    with pytest.raises(TypeError, match="layout"):
        torch.zeros(2, layout="sparse")


def test_formats_and_layouts_survive_pickling():
    for thing in (torch.strided, torch.channels_last, torch.preserve_format):
        assert pickle.loads(pickle.dumps(thing)) is copy.deepcopy(thing) is thing


def test_new_tensors_of_a_subclass():
    class Mine(torch.Tensor):
        pass

    mine = Mine([1, 2])
    assert type(mine) is Mine and mine.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: torch.zeros(2, -3), RuntimeError, ["negative dimension -3: [2, -3]", "a size counts entries"]),
        (lambda: torch.zeros(2.5), TypeError, ["must be tuple of ints", "2.5", "n // 2"]),
        (lambda: torch.zeros(2, colour=1), TypeError, ["unexpected keyword argument 'colour'", "dtype="]),
        (
            lambda: torch.arange(5, 0),
            RuntimeError,
            ["upper bound and lower bound inconsistent with step sign", "never reaches 0", "torch.arange(5, 0, -1)"],
        ),
        (
            lambda: torch.full(2, 1.0),
            TypeError,
            ["argument 'size' (position 1) must be tuple of ints, not int", "torch.full((2,)"],
        ),
        (lambda: torch.Tensor(2.5), TypeError, ["data must be a sequence (got float)", "torch.tensor(2.5)"]),
        (
            lambda: torch.FloatTensor(torch.tensor([1])),
            TypeError,
            ["dtype=float", "torch.int64", "x.to(torch.float32)"],
        ),
        (
            lambda: torch.complex(torch.tensor(1), torch.tensor(2)),
            RuntimeError,
            ["Expected both inputs to be Half, Float or Double", "Long and Long", "x.float()"],
        ),
        (
            lambda: torch.zeros(2, device="cuda"),
            AssertionError,
            ["Torch not compiled with CUDA enabled", "chainrule computes on the CPU"],
        ),
    ],
)
def test_errors_say_what_why_and_instead(call, kind, words):
    with pytest.raises(kind) as e:
        call()
    for w in words:
        assert w in str(e.value)
