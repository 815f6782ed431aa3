"""``torch.backends.mps``: Apple's GPUs."""

from __future__ import annotations

from ..base.absent import answering

is_available = answering("is_available", False, "Whether an Apple GPU is used: it is not.")
is_built = answering("is_built", False, "Whether the library was built for Apple's GPUs: False.")
