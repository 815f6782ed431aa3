"""``torch.backends.openmp``: OpenMP is not used here."""

from __future__ import annotations

from ..base.absent import answering

is_available = answering("is_available", False, "Whether the library is used: it is not.")
