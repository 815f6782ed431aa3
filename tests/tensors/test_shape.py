"""Shapes by name: what is refused and how, strides as PyTorch's, what is remembered of a call."""

import numpy as np
import pytest

import chainrule as torch
from tests.tensors.against import same_as_pytorch

EXPRESSIONS = """
torch.zeros(2, 3).t().reshape(3, 2).is_contiguous(), torch.zeros(2, 3).t().reshape(-1).is_contiguous()
torch.zeros(2, 3, 4).transpose(0, 1).stride(), torch.zeros(2, 3, 4).permute(2, 0, 1).stride()
torch.zeros(2, 1, 4).expand(2, 3, 4).stride(), torch.zeros(4).expand(2, 4).stride()
torch.zeros(2, 3, 4).diagonal().stride(), torch.zeros(8).unfold(0, 3, 2).stride()
torch.zeros(2, 3, 4)[:, ::2].stride(), torch.zeros(2, 3, 4)[..., 0].stride()
torch.zeros(2, 3).view(3, 2).stride(), torch.zeros(2, 3, 4).view(6, 4).stride()
torch.zeros(2, 3).T.clone().stride()
torch.broadcast_shapes((2, 1), (3,), ()), torch.broadcast_shapes(2, (1, 2))
torch.broadcast_shapes((2,), (3,))
torch.broadcast_tensors(torch.zeros(2, 3), torch.zeros(4))
torch.zeros(0, 3).view(-1, 3), torch.zeros(0).reshape(0, 2), torch.zeros(2, 0).flatten()
torch.zeros(0).view(-1, 0)
torch.zeros(2, 3).view(5, -1)
torch.zeros(2, 3).view(-1, -1)
torch.zeros(2, 3).view(-2, 3)
torch.zeros(2, 3).reshape(())
torch.zeros(2, 3).view(2.0, 3)
torch.zeros(2, 3).view(np.int64(3), 2).shape
torch.zeros(2, 3).view(torch.tensor(3), 2).shape
torch.zeros(2, 3).view(torch.Size([3, 2])).shape
torch.zeros(2, 3).t().view(-1)
torch.zeros(2, 3).permute(0)
torch.zeros(2, 3).permute(0, 0)
torch.zeros(2, 3).permute(0, 2)
torch.zeros(2, 3).transpose(0, 2)
torch.zeros(2, 3, 4).t()
torch.zeros(2).mT
torch.tensor(1.).mT, torch.tensor(1.).T, torch.tensor(1.).t(), torch.zeros(3).T
torch.zeros(2).H
torch.zeros(2).mH
torch.zeros(2).adjoint()
torch.zeros(2, 3, 4).H
torch.zeros(2, 3).movedim(0, (0, 1))
torch.zeros(2, 3).movedim((0, 0), (0, 1))
torch.zeros(2, 3).movedim((0, 1), (1, 1))
torch.zeros(2, 3).movedim((0, 1), (1,))
torch.zeros(2, 3).expand(-1, 2, 3)
torch.zeros(2, 3).expand(3)
torch.zeros(2, 3).expand(2, 4)
torch.zeros(2, 3).expand(2, -2)
torch.zeros(2, 3).flatten(1, 0)
torch.zeros(2, 3).flatten(0, 3)
torch.zeros(2, 3).unflatten(1, (2, 2))
torch.zeros(2, 3).unflatten(1, ())
torch.zeros(2, 3).squeeze((0, 0))
torch.zeros(2, 3).squeeze(4)
torch.zeros(2, 3).unsqueeze(4)
torch.zeros(2, 3).unsqueeze(1.0)
torch.cat([])
torch.cat(torch.zeros(2, 2))
torch.cat([torch.zeros(2), 3])
torch.cat([torch.zeros(2, 3), torch.zeros(3, 2)])
torch.cat([torch.zeros(2, 3), torch.zeros(2)])
torch.cat([torch.tensor(1.), torch.tensor(2.)])
torch.cat([torch.zeros(2), torch.ones(2, dtype=torch.int64), torch.ones(1, dtype=torch.bool)])
torch.cat([torch.zeros(2, 3), torch.zeros(2, 3)], 2)
torch.cat([torch.zeros(1, dtype=torch.int32), torch.zeros(1, dtype=torch.int64)]).dtype
torch.stack([])
torch.stack([torch.zeros(2), torch.zeros(3)])
torch.stack([torch.zeros(2), torch.ones(2, dtype=torch.float64)])
torch.stack([torch.zeros(2)], 2)
torch.hstack([])
torch.column_stack([torch.tensor(1), torch.tensor([2])])
torch.block_diag(), torch.block_diag(torch.tensor([[1, 2]]), torch.tensor(3.))
torch.block_diag(torch.zeros(2, 2, 2))
torch.zeros(4).split(0)
torch.zeros(4).split([1, 2])
torch.zeros(4).split([-1, 5])
torch.zeros(0).split(2), torch.zeros(0).chunk(2)
torch.tensor(1).split(1)
torch.tensor(1).unbind()
torch.zeros(4).chunk(0)
torch.zeros(4).tensor_split(0)
torch.zeros(4).tensor_split(torch.tensor([1, 3])), torch.zeros(4).tensor_split(6)
torch.zeros(4).hsplit(3)
torch.zeros(4).vsplit(1)
torch.meshgrid(torch.tensor([1, 2]), torch.tensor(3), indexing="xy")
torch.meshgrid(torch.zeros(2, 2))
torch.meshgrid(torch.zeros(2), torch.zeros(2), indexing="no")
torch.cartesian_prod(torch.tensor([1, 2])), torch.combinations(torch.arange(3), 0), torch.combinations(torch.arange(2), 3)
torch.cartesian_prod(torch.zeros(2, 2))
torch.vander(torch.tensor([1, 2, 3])), torch.vander(torch.tensor([2.]), 0).shape
torch.zeros(2, 3).flip(0, 0)
torch.zeros(2, 3).flip(5)
torch.zeros(3).fliplr()
torch.zeros(3).rot90()
torch.zeros(2, 3).rot90(1, (0, 0))
torch.zeros(2, 3).roll((1, 2), 0)
torch.zeros(2, 3).roll(())
torch.zeros(2, 3).repeat(2)
torch.zeros(2, 3).repeat(-1, 1)
torch.zeros(2, 3).repeat(0, 2).shape
torch.zeros(4).repeat_interleave(torch.tensor([1, 2]))
torch.zeros(4).repeat_interleave(-1)
torch.repeat_interleave(torch.tensor([1, 0, 2]))
torch.zeros(3).tril()
torch.zeros(2, 3).diagonal(0, 0, 0)
torch.zeros(2, 2, 2).diag()
torch.tensor(1.).diag_embed()
torch.zeros(4).unfold(0, 5, 1)
torch.zeros(4).unfold(0, 2, 0)
torch.tensor(3.).unfold(0, 1, 1), torch.tensor(3.).unfold(0, 0, 1)
torch.zeros(4).as_strided((2, 2), (1, 2), 1).shape
torch.zeros(4).as_strided((2, 2), (1, 2), 2)
torch.zeros(4).as_strided((2,), (1, 2))
torch.zeros(4).as_strided((2,), (-1,))
torch.arange(6)[2:].as_strided((2,), (1,)), torch.arange(6)[2:].as_strided((2,), (1,), 0)
torch.cat([torch.zeros(2, 3)] * 2, axis=1).shape, torch.stack([torch.zeros(2)] * 2, axis=1).shape
torch.unsqueeze(torch.zeros(2), axis=0).shape
torch.zeros(2, 3).flip(dims=(0,)).shape, torch.permute(torch.zeros(2, 3), dims=(1, 0)).shape, torch.tile(torch.zeros(2, 3), dims=(2,)).shape
torch.zeros(2, 3).reshape(shape=(3, 2)).shape, torch.zeros(2, 3).view(size=(6,)).shape, torch.zeros(2, 3).expand(size=(4, 2, 3)).shape
torch.zeros(size=(2, 3)).shape, torch.zeros(2).new_ones(size=(3,)).shape, torch.zeros(2, 3).repeat(repeats=(2, 2)).shape
torch.zeros(4).split(split_size=2)[0].shape, torch.zeros(4).tensor_split(sections=2)[0].shape
torch.zeros(2, 3).swapaxes(axis0=0, axis1=1).shape
torch.zeros(2, 3).reshape(form=(3, 2))
torch.zeros(2, 3).permute((1, 0), dims=(1, 0))
torch.atleast_1d(torch.tensor(1)), torch.atleast_2d(torch.tensor([1]), torch.tensor(2)), torch.atleast_3d(torch.zeros(2, 3)).shape
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_as_in_pytorch(expression):
    same_as_pytorch(expression)


def test_a_remembered_plan_does_not_accept_what_the_call_would_refuse():
    """`lru_cache` finds 1 for 1.0 and for True, unless it is told that types matter."""
    x = torch.zeros(2, 3)
    x.unsqueeze(1), x.transpose(0, 1)
    with pytest.raises(TypeError):
        x.unsqueeze(1.0)
    with pytest.raises(TypeError):
        x.transpose(0.0, 1)
    with pytest.raises(TypeError):
        x.view(3.0, 2)


def test_sizes_may_be_numpy_ints_and_tensors():
    x = torch.zeros(2, 3)
    assert x.view(np.int64(3), torch.tensor(2)).shape == x.expand(np.int32(2), 3).mT.shape == (3, 2)


def test_reshape_copies_only_where_it_must():
    x = torch.zeros(2, 3)
    assert x.reshape(3, 2).data_ptr() == x.data_ptr()
    assert x.t().reshape(3, 2).data_ptr() == x.data_ptr()
    assert x.t().reshape(6).data_ptr() != x.data_ptr()


def test_out_is_written_to():
    out = torch.empty(0)
    assert torch.cat([torch.ones(1), torch.zeros(1)], out=out) is out and out.tolist() == [1, 0]
    with pytest.warns(UserWarning, match="was resized"):
        assert torch.stack([torch.ones(1)], out=out).shape == (1, 1)
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        torch.cat([torch.ones(1, requires_grad=True)], out=out)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: torch.zeros(2, 3).t().view(6),
            [
                "view size is not compatible with input tensor's size and stride",
                "[3, 2] with strides [1, 3]",
                "x.reshape(6)",
            ],
        ),
        (
            lambda: torch.zeros(2, 3).view(4),
            ["shape '[4]' is invalid for input of size 6", "holds 4 entries, the tensor 6"],
        ),
        (
            lambda: torch.zeros(2, 3).expand(2, 4),
            ["The expanded size of the tensor (4) must match the existing size (3)", "x.repeat(...)"],
        ),
        (lambda: torch.zeros(2, 3, 4).t(), ["t() expects a tensor with <= 2 dimensions, but self is 3D", "x.mT"]),
        (
            lambda: torch.cat([torch.zeros(2, 3), torch.zeros(2, 4)]),
            [
                "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1",
                "[2, 3] and [2, 4]",
                "torch.cat([...], dim=1)",
            ],
        ),
        (
            lambda: torch.cat([torch.tensor(1.0)]),
            ["zero-dimensional tensor (at position 0) cannot be concatenated", "torch.stack([...])"],
        ),
        (
            lambda: torch.cat([torch.zeros(2, 2), torch.zeros(2)]),
            ["Tensors must have same number of dimensions: got 2 and 1", "x.unsqueeze(dim)"],
        ),
        (
            lambda: torch.stack([torch.zeros(2), torch.zeros(3)]),
            ["stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1", "pad_sequence"],
        ),
        (lambda: torch.zeros(2, 3).repeat(2), ["Number of dimensions of repeat dims can not be smaller", "x.tile"]),
        (
            lambda: torch.zeros(4).as_strided((3,), (2,)),
            ["out of bounds for storage of size 16", "number 4 of a memory that holds 4"],
        ),
        (lambda: torch.zeros(4).split([1, 2]), ["split_sizes to sum exactly to 4", "they sum to 3"]),
        (lambda: torch.zeros(2).mT, ["tensor.mT is only supported on matrices", "x.unsqueeze(-1)"]),
    ],
)
def test_errors_say_what_why_and_instead(call, words):
    with pytest.raises(RuntimeError) as e:
        call()
    for w in words:
        assert w in str(e.value)
