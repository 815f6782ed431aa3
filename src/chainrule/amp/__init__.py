"""``torch.amp``: mixed precision."""

from __future__ import annotations

from .autocast_mode import autocast as autocast
from .autocast_mode import custom_bwd as custom_bwd
from .autocast_mode import custom_fwd as custom_fwd
from .autocast_mode import get_autocast_cpu_dtype as get_autocast_cpu_dtype
from .autocast_mode import get_autocast_dtype as get_autocast_dtype
from .autocast_mode import get_autocast_gpu_dtype as get_autocast_gpu_dtype
from .autocast_mode import is_autocast_available as is_autocast_available
from .autocast_mode import is_autocast_cache_enabled as is_autocast_cache_enabled
from .autocast_mode import is_autocast_cpu_enabled as is_autocast_cpu_enabled
from .autocast_mode import is_autocast_enabled as is_autocast_enabled
from .scaler import GradScaler as GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
