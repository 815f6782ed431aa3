"""``import chainrule.as_torch``: from here on ``import torch`` gives chainrule, in a notebook or a module."""

from __future__ import annotations

from .interop.torch_alias import install

install()
