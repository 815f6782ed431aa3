"""Modules, layers, losses and initial weights, by PyTorch's names."""

from __future__ import annotations

from .module import Module as Module
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
