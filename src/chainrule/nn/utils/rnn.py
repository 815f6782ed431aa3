"""Sequences of different lengths, padded to one length, or packed so that no step is spent on padding.

A `PackedSequence` holds the entries of all sequences step by step: first those of step 0 of all sequences, then those of
step 1 of all that have one … For that the sequences stand in order of decreasing length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...base.errors import message
from ...graph.apply import plain
from ...graph.value import wrap
from ...ops.recurrent import pack
from ...tensors.joining import cat, stack
from ...tensors.tensor import Tensor


class Packed(NamedTuple):
    """The fields of a `PackedSequence`."""

    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(Packed):
    """Sequences of different lengths without padding.

    ``data`` (Σ lengths, *) holds the entries step by step, ``batch_sizes`` how many sequences have each step;
    ``sorted_indices`` says which sequence stands where in the order of decreasing length, ``unsorted_indices`` the inverse.
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def __repr__(self) -> str:
        return "PackedSequence" + super().__repr__()[len(type(self).__name__) :]

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with its entries in another dtype or on another device."""
        return PackedSequence(self.data.to(*args, **kwargs), *self[1:])

    def cpu(self) -> PackedSequence:
        return self

    def float(self) -> PackedSequence:
        return PackedSequence(self.data.float(), *self[1:])

    def double(self) -> PackedSequence:
        return PackedSequence(self.data.double(), *self[1:])

    @property
    def is_cuda(self) -> bool:
        return False


def invert_permutation(permutation: Any) -> Any:
    """Where each number stands in a permutation."""
    if permutation is None:
        return None
    inverse = np.empty_like(permutation.array)
    inverse[permutation.array] = np.arange(permutation.array.size)
    return wrap(inverse)


def as_lengths(lengths: Any) -> np.ndarray:
    return np.asarray(lengths.numpy() if hasattr(lengths, "numpy") else lengths, np.int64)


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences (T, B, *), or (B, T, *) if ``batch_first``, of the given lengths.

    They must come in order of decreasing length, unless ``enforce_sorted`` is False: then they are put in that order.

    >>> x = torch.tensor([[1, 2, 0], [3, 4, 5]])
    >>> nn.utils.rnn.pack_padded_sequence(x, [2, 3], batch_first=True, enforce_sorted=False).data
    tensor([3, 1, 4, 2, 5])
    """
    n = as_lengths(lengths)
    order = None
    if not enforce_sorted:
        order = np.argsort(-n, kind="stable")
        input = input.index_select(0 if batch_first else 1, wrap(order))
        n = n[order]
    x = input.transpose(0, 1) if batch_first else input
    check_lengths(n, x.size(1))
    if len(n) > 1 and (n[:-1] < n[1:]).any():
        raise RuntimeError(
            message(
                "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
                "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not "
                "need ONNX exportability.",
                f"the lengths are {n.tolist()}",
                "enforce_sorted=False",
            )
        )
    steps = int(n[0])
    if steps > x.size(0):
        raise RuntimeError(
            message(
                f"Expected lengths of at most {x.size(0)} steps, but got length {steps}",
                f"the padded input has shape {list(x.shape)}, its steps along axis 0" + " (after batch_first)" * batch_first,
            )
        )
    sizes = (n[:, None] > np.arange(steps)).sum(0)
    t, b = np.nonzero(np.arange(x.size(1)) < sizes[:, None])
    data = plain(pack, x, t, b)
    return PackedSequence(data, wrap(sizes.astype(np.int64)), None if order is None else wrap(order))


def check_lengths(n: np.ndarray, batch: int) -> None:
    if n.size != batch:
        raise RuntimeError(
            message(f"Expected `len(lengths)` to be equal to batch_size, but got {n.size} (batch_size={batch})", "one length each")
        )
    if n.size and n.min() <= 0:
        raise RuntimeError(
            message(
                "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
                f"the lengths are {n.tolist()}",
                "leave empty sequences out of the batch",
            )
        )


def places(batch_sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The step and the (sorted) sequence of each packed entry."""
    steps, sequences = np.nonzero(np.arange(batch_sizes[0]) < batch_sizes[:, None])
    return steps, sequences


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """The inverse of `pack_padded_sequence`: sequences padded with ``padding_value``, in their old order, and their lengths.

    >>> packed = nn.utils.rnn.pack_sequence([torch.tensor([1., 2.]), torch.tensor([3.])])
    >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    (tensor([[1., 2.],
            [3., 0.]]), tensor([2, 1]))
    """
    sizes = sequence.batch_sizes.numpy()
    steps = len(sizes)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                f"Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    data = sequence.data
    t, b = places(sizes)
    padded = data.new_full((steps, int(sizes[0]), *data.shape[1:]), padding_value)
    padded = padded.index_put((wrap(t), wrap(b)), data)
    lengths = (np.arange(sizes[0])[:, None] < sizes).sum(1).astype(np.int64)
    if sequence.unsorted_indices is not None:
        padded = padded.index_select(1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices.array]
    return (padded.transpose(0, 1) if batch_first else padded), wrap(lengths)


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences (Lᵢ, *) filled up to the longest: (T, B, *), or (B, T, *) if ``batch_first``.

    >>> nn.utils.rnn.pad_sequence([torch.ones(2), torch.ones(3)], batch_first=True)
    tensor([[1., 1., 0.],
            [1., 1., 1.]])
    """
    if isinstance(sequences, Tensor):
        sequences = sequences.unbind(0)
    elif not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    sequences = tuple(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f'Expected padding_side to be one of left or right, but got {padding_side}.')
    rest = sequences[0].shape[1:]
    for i, s in enumerate(sequences):
        if s.shape[1:] != rest:
            raise RuntimeError(
                message(
                    f"The size of the sequences must match beyond their first axis, but sequence 0 has shape "
                    f"{list(sequences[0].shape)} and sequence {i} has shape {list(s.shape)}",
                    "only lengths may differ",
                )
            )
    longest = max(s.size(0) for s in sequences)
    filled = []
    for s in sequences:
        missing = longest - s.size(0)
        if missing:
            filler = s.new_full((missing, *rest), padding_value)
            s = cat([filler, s] if padding_side == "left" else [s, filler])
        filled.append(s)
    return stack(filled, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded batch, each in its own length."""
    x = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(n)] for row, n in zip(x.unbind(0), as_lengths(lengths))]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (Lᵢ, *), in order of decreasing length unless ``enforce_sorted`` is False."""
    lengths = wrap(np.array([s.size(0) for s in sequences], np.int64))
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a pack, each in its own length."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
