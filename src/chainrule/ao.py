"""``torch.ao``: where PyTorch keeps quantization now."""

from __future__ import annotations

from . import quantization as quantization

__path__: list[str] = []  # `import torch.ao.quantization` asks for a package
