"""``torch.utils``: where PyTorch's users look for the data tools."""

from __future__ import annotations

from . import data as data
