"""What counts as the same.

Whole numbers, shapes, dtypes and what is only moved must be equal; digits may differ by rounding. How much rounding may
do depends on the problem, so a difference beyond the plain tolerance is measured against PyTorch itself: how far do *its*
digits move when the last digit of each input does? A difference of that order is rounding too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import At, Case, X
from .observe import Entries, Raised, Seen, error_class, observe

RELATIVE = {"float64": 1e-10, "complex128": 1e-10, "float32": 4e-6, "complex64": 6e-6, "float16": 2.1e-3, "bfloat16": 1.7e-2}
ABSOLUTE = {"float64": 1e-12, "complex128": 1e-12, "float32": 2e-7, "complex64": 4e-7, "float16": 1e-4, "bfloat16": 1e-4}
DIGIT = {"float64": 2e-16, "complex128": 2e-16, "float32": 1e-7, "complex64": 1e-7, "float16": 1e-3, "bfloat16": 8e-3}

NO_KERNEL = ("not implemented for '", "not supported for", "is not yet implemented", "Got unsupported ScalarType")
NO_DERIVATIVE = (
    "derivative for", "does not support automatic differentiation", "Autograd not support dtype", "is not differentiable",
)  # fmt: skip


def no_kernel(error: BaseException | str) -> bool:
    """PyTorch's way of saying that a dtype was left out."""
    text = str(error)
    return any(words in text for words in NO_KERNEL)


def no_derivative(error: BaseException | str) -> bool:
    """PyTorch's way of saying that a derivative was left out."""
    return any(words in str(error) for words in NO_DERIVATIVE)


def kind_of_refusal(error: BaseException | str) -> str:
    return "more" if no_kernel(error) else "more derivatives" if no_derivative(error) else "accepted"


def zero(a: Any) -> bool:
    """A gradient of zeros and none at all say the same."""
    return a is None or isinstance(a, Entries) and not np.any(np.abs(a.array) > 1e-12)


def difference(case: Case, ours: Seen, theirs: Seen, exact: bool = False, sensitivity: Any = None) -> str:
    """What differs first, in a line that starts with its kind; "" if nothing does."""
    if theirs.error is not None or ours.error is not None:
        return errors(ours.error, theirs.error)
    mine, others = dict(ours.parts), dict(theirs.parts)
    for place, b in theirs.parts:
        if place not in mine and place.startswith("second") and zero(b):
            continue
        if place not in mine and isinstance(b, Raised):
            return f"{'accepted' if 'modified by an inplace' in b.text else 'more derivatives'}: the backward pass works here, PyTorch raises {b}"
        if place not in mine:
            if raised := next((f"{p}: {v}" for p, v in ours.parts if isinstance(v, Raised)), ""):
                return f"raised: {raised}"
            return f"parts: {place} is missing here: PyTorch has {str(b)[:200]}"
        if found := part(case, place, mine[place], b, exact and place[0] == "y", sensitivity and (lambda place=place: sensitivity(place))):
            return f"{found[0]}: {place}: {found[1]}"
    for place, a in ours.parts:
        if place not in others and not (place.startswith("second") and zero(a)):
            return f"parts: {place} is new here: {str(a)[:200]}"
    if ours.warned != theirs.warned:
        return f"warnings: {ours.warned} here, {theirs.warned} in PyTorch"
    return ""


def errors(a: BaseException | None, b: BaseException | None) -> str:
    if a is None:
        return f"{kind_of_refusal(b)}: works here, PyTorch raises {error_class(b)}: {first_line(b)}"
    if b is None:
        return f"raised: {error_class(a)} here: {first_line(a)}"
    expected = error_class(b)
    if expected in [cls.__name__ for cls in type(a).__mro__]:
        return ""
    kind = "error class (no kernel)" if no_kernel(b) else "error class"
    return f"{kind}: {error_class(a)} here: {first_line(a)} | PyTorch {expected}: {first_line(b)}"


def first_line(error: BaseException) -> str:
    return (str(error).strip() or "(no text)").splitlines()[0][:160]


def part(case: Case, place: str, a: Any, b: Any, exact: bool, sensitivity: Any) -> tuple[str, str] | None:
    if not (isinstance(a, Entries) and isinstance(b, Entries)):
        return None if same_plain(a, b) else ("value", f"{str(a)[:300]} here, {str(b)[:300]} in PyTorch")
    if a.array.shape != b.array.shape:
        return "shape", f"{a.array.shape} here, {b.array.shape} in PyTorch"
    if a.dtype != b.dtype:
        return "dtype", f"{a.dtype} here, {b.dtype} in PyTorch"
    if not close(a, b, coarsest(case, b.dtype), place, at_edge(case, place), exact, sensitivity):
        return "value", f"{str(a)[:400]} here, {str(b)[:400]} in PyTorch"
    if a.asks != b.asks:
        return "requires_grad", f"{a.asks} here, {b.asks} in PyTorch"
    if a.stride != b.stride:
        kind = "stride" if contiguous(b) else "layout" if contiguous(a) else "layouts"
        return kind, f"{a.stride} here, {b.stride} in PyTorch (shape {a.array.shape})"
    return None


def at_edge(case: Case, place: str) -> bool:
    """Is this a second derivative, or a gradient at numbers of which some are inf, nan or huge?

    There a formula passes through 0 · inf or inf − inf, and which entries that leaves depends on how it is written.
    """
    return place.startswith("second") or place.startswith("gradient") and any(x.values in ("edges", "large", "wide") for x in inputs(case))


def inputs(value: Any) -> list[X]:
    if isinstance(value, Case):
        return inputs(value.args) + inputs(tuple(value.named.values()))
    return [value] if isinstance(value, X) else [x for v in value for x in inputs(v)] if isinstance(value, (tuple, list)) else []


def contiguous(a: Entries) -> bool:
    """Do the entries lie in the order of reading?"""
    expected, step = [], 1
    for n in reversed(a.array.shape):
        if n > 1:
            expected.append(step)
        step *= n
    return tuple(reversed(expected)) == a.stride


def same_plain(a: Any, b: Any) -> bool:
    if isinstance(a, Entries) != isinstance(b, Entries):
        return (a is None or b is None) and zero(a) and zero(b)
    if isinstance(a, (float, complex)) and type(a) is type(b):
        return a == b or a != a and b != b or abs(a - b) <= 1e-6 * max(abs(a), abs(b))
    return type(a) is type(b) and a == b


def close(a: Entries, b: Entries, dtype: str, place: str, edge: bool, exact: bool, sensitivity: Any) -> bool:
    x, y = a.array, b.array
    if x.dtype.kind in "biu" or exact:
        return bool(np.array_equal(x, y, equal_nan=x.dtype.kind in "fc"))
    if not x.size:
        return True
    with np.errstate(all="ignore"):
        far = np.abs(x - y)
        if x.dtype.kind == "c" or edge:
            skipped = ~(np.isfinite(x) & np.isfinite(y)) if edge else ~(np.isfinite(x) | np.isfinite(y))
            x, y, far = np.where(skipped, 0, x), np.where(skipped, 0, y), np.where(skipped, 0, far)
        fine = (x == y) | (np.isnan(x) & np.isnan(y)) | (far <= RELATIVE[dtype] * np.abs(y) + ABSOLUTE[dtype] * (1 if place[0] == "y" else 20))
        if fine.all():
            return True
        moved = sensitivity() if sensitivity else None
        if moved is None:
            return False
        return bool((fine | (far <= moved) | (np.isnan(y) & np.isnan(moved) & ~np.isfinite(x))).all())


def coarsest(case: Case, dtype: str) -> str:
    """The dtype that the digits of a result can be expected to have: PyTorch may compute in that of any argument.

    (Integers become float32 before a result is written to ``out=``.)
    """
    if dtype in DIGIT and "out" in case.named and any(d not in DIGIT for d in dtypes(case.args)):
        dtype = max(dtype, "float32", key=DIGIT.__getitem__)
    return max([dtype, *(d for d in dtypes((*case.args, *case.named.values())) if d in DIGIT)], key=lambda d: DIGIT.get(d, 0.0))


def sensitivity_of(torch: Any, case: Case, spec: Any, theirs: Seen) -> Any:
    """A function from a place to how far PyTorch's entries there move with the last digits of the inputs."""
    tried: list[dict[str, Any]] = []

    def moved(place: str) -> np.ndarray | None:
        base = dict(theirs.parts)[place]
        if not tried:
            smallest = widest_digit(case, base.dtype)
            for factor in (1.0, -1.0, 3.0, -3.0):
                tried.append(dict(observe(torch, case, spec, near=factor * smallest).parts))
        with np.errstate(all="ignore"):
            moves = [np.abs(run[place].array - base.array) for run in tried if place in run and run[place].array.shape == base.array.shape]
            if not moves:
                return None
            scale = np.nanmax(np.where(np.isfinite(base.array), np.abs(base.array), 0)) * DIGIT[base.dtype] * 4
            return 20 * np.fmax.reduce(moves) + scale

    return moved


def widest_digit(case: Case, dtype: str) -> float:
    """One unit in the last place of the widest inexact dtype among the tensors, or of the result."""
    found = [DIGIT[name] for name in dtypes(case.args) + dtypes(tuple(case.named.values())) if name in DIGIT]
    return max([*found, DIGIT.get(dtype, 0.0)])


def dtypes(value: Any) -> list[str]:
    if isinstance(value, At):
        return [value.name]
    if hasattr(value, "dtype"):
        return [value.dtype]
    return [name for v in value for name in dtypes(v)] if isinstance(value, (tuple, list)) else []


def kind(found: str) -> str:
    """What a difference is of: two with the same kind are likely to have one cause."""
    head, _, rest = found.partition(": ")
    words = rest.replace(" | PyTorch ", ":").split(":")
    place = words[0] + words[2][:16] if head == "error class" and len(words) > 2 else words[0]
    if head in ("raised", "accepted") and len(words) > 1:
        place += words[1][:40]
    return f"{head}: {''.join(c for c in place if not c.isdigit())[:100]}"
