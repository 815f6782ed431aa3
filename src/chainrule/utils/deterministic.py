"""``torch.utils.deterministic``"""

from __future__ import annotations

fill_uninitialized_memory = True
"""Whether new memory is filled with known numbers under `torch.use_deterministic_algorithms`: holds what it is set to."""
