"""float64 that came in with NumPy arrays and was not asked for."""

from __future__ import annotations

from collections.abc import Iterator

from ...tensors.dtype_info import get_default_dtype
from ..finding import Finding, hint, sure
from ..record import Run


def check(run: Run) -> Iterator[Finding]:
    if not run.doubles or run.asked_double or str(get_default_dtype()) == "torch.float64":
        return
    source = run.doubles[0]
    text = str(run.error)
    if run.error is not None and ("same dtype" in text or "Double" in text):
        yield sure(
            "D35", source["line"],
            f"a tensor of shape {source['shape']} made here from NumPy is float64, and the model float32: {text.partition(chr(10))[0]}",
            "torch.tensor(array, dtype=torch.float32), or torch.from_numpy(array).float()",
            shape=source["shape"],
        )  # fmt: skip
        return
    passes = [p for p in run.passes if not p.capture]
    wide = [p for p in passes if p.dtype == "float64"]
    if not wide:
        return
    kinds = {w.dtype for p in wide for w in p.weights}
    made = sure if "float32" in kinds else hint
    yield made(
        "D35", source["line"],
        f"a tensor of shape {source['shape']} made here from NumPy is float64; {len(wide)} of {len(passes)} backward passes ran in "
        f"float64, with weights in {' and '.join(sorted(kinds))}",
        "torch.tensor(array, dtype=torch.float32), or torch.from_numpy(array).float()",
        passes=len(wide), of=len(passes), weights=sorted(kinds),
    )  # fmt: skip
