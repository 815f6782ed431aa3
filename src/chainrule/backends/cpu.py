"""``torch.backends.cpu``: what the processor can do."""

from __future__ import annotations


def get_cpu_capability() -> str:
    """The widest vector instructions NumPy found: ``"AVX512"``, ``"AVX2"``, or ``"DEFAULT"``."""
    import numpy as np

    features: dict[str, bool] = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    if features.get("AVX512F"):
        return "AVX512"
    return "AVX2" if features.get("AVX2") else "DEFAULT"
