"""``torch.signal``: tools for signals; so far windows."""

from __future__ import annotations

from . import windows as windows
