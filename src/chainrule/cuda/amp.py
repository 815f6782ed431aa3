"""``torch.cuda.amp``: mixed precision for a GPU, which switches itself off where there is none."""

from __future__ import annotations

from typing import Any

from ..amp import GradScaler as Scaler
from ..amp import autocast as base
from ..amp import custom_bwd as custom_bwd
from ..amp import custom_fwd as custom_fwd


class autocast(base):  # noqa: N801  (torch's own spelling)
    """``torch.autocast("cuda")``"""

    def __init__(self, enabled: bool = True, dtype: Any = None, cache_enabled: bool = True) -> None:
        super().__init__("cuda", dtype=dtype, enabled=enabled, cache_enabled=cache_enabled)


class GradScaler(Scaler):
    """``torch.amp.GradScaler("cuda")``"""

    def __init__(
        self,
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)
