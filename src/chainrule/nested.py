"""``torch.nested``: tensors whose rows differ in length. They are not available; padding does the same for training."""

from __future__ import annotations

from functools import partial

from .base.absent import refusing
from .base.errors import message


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "nested tensors are not available",
            "all rows of a tensor here have one length",
            "x = torch.nn.utils.rnn.pad_sequence(list, batch_first=True), with the lengths as a mask or in pack_padded_sequence",
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what to do instead.")
nested_tensor, as_nested_tensor = refuse("nested_tensor"), refuse("as_nested_tensor")
nested_tensor_from_jagged, to_padded_tensor = refuse("nested_tensor_from_jagged"), refuse("to_padded_tensor")
narrow, masked_select = refuse("narrow"), refuse("masked_select")
