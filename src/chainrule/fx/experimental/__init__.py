"""``torch.fx.experimental``"""

from __future__ import annotations

from . import optimization as optimization
