"""What is wrong with a gradient, in words, from its values and the true ones at several points.

Each cause is one function ``Case → Finding | None``; `CAUSES` lists them, and the first that fits all the numbers is
told. None of them looks at code: what they say is what the values show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .factors import explain_factor
from .points import spell
from .sizes import Sizes

__all__ = ["Case", "Finding", "diagnose", "is_wrong"]


@dataclass(frozen=True)
class Finding:
    """A cause by its short name, what to say of it, and the factor if it is one.

    ``explained`` is False where the numbers show a pattern that several mistakes could have left.
    """

    cause: str
    text: str
    ratio: float | None = None
    explained: bool = True


@dataclass(frozen=True)
class Case:
    """One parameter's values, gradients and tolerances at P points: arrays of shape (P, *shape).

    ``yours`` may have another shape than the rest. ``counts`` marks the entries where a true gradient exists. ``terms``
    holds the gradient of each named term of the loss; ``constants`` the plain numbers that the functions were given;
    ``shortcuts`` what comes out where a factor of the chain rule is left out, by the words for that factor.
    """

    name: str
    values: np.ndarray
    yours: np.ndarray
    true: np.ndarray
    tolerance: np.ndarray
    counts: np.ndarray
    sizes: Sizes = field(default_factory=Sizes)
    terms: Mapping[str, np.ndarray] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    shortcuts: Mapping[str, np.ndarray] = field(default_factory=dict)

    def matches(self, other: np.ndarray, slack: float = 1.0) -> bool:
        """Whether ``other`` is the true gradient wherever there is one."""
        return bool(np.all((np.abs(other - self.true) <= slack * self.tolerance) | ~self.counts))

    @property
    def where(self) -> str:
        return "at every point tried" if len(self.values) > 1 else "at the one point tried"


def diagnose(case: Case) -> Finding | None:
    """The first cause that fits; None where the gradient is right.

    >>> true = np.array([-30.0, -15.0, 0.0])
    >>> tolerance, counts = np.full(3, 1e-6), np.full(3, True)
    >>> diagnose(Case("w", np.array([0.0, 1.0, 2.0]), true * 3.7, true, tolerance, counts)).text
    'your gradient is 3.700 times the true one at every point tried; no size in the problem equals 3.700'
    """
    return next((finding for cause in CAUSES if (finding := cause(case))), None) if is_wrong(case) else None


def is_wrong(case: Case) -> bool:
    """Whether any entry, where there is a true one, is off by more than the tolerance, or the shape is another."""
    return case.yours.shape != case.true.shape or not case.matches(case.yours)


def one_per_sample(case: Case) -> Finding | None:
    n = case.sizes.samples
    if n is None or case.yours.shape != (len(case.values), n.value, *case.true.shape[1:]):
        return None
    found = f"your gradient has a row for each sample: its shape is {case.yours.shape[1:]}, {case.name} has shape "
    for how in ("mean", "sum"):
        if case.matches(getattr(case.yours, how)(axis=1), slack=10):
            return Finding("shape", f"{found}{case.true.shape[1:]}; {_end(how)}")
    return Finding("shape", f"{found}{case.true.shape[1:]}; a mean or sum over the samples is missing")


def _end(how: str) -> str:
    return f"its {how} over the samples is the true one: end it with .{how}(axis=0)"


def one_for_all(case: Case) -> Finding | None:
    if case.yours.shape[1:] not in ((), (1,)) or case.true[0].size == 1:
        return None
    axes = tuple(range(1, case.true.ndim))
    yours = case.yours.reshape(len(case.values))
    text = f"your gradient is one number, {case.name} has {case.true[0].size} entries (shape {case.true.shape[1:]})"
    for how in ("sum", "mean"):
        if np.allclose(yours, getattr(case.true, how)(axis=axes), rtol=1e-4, atol=float(case.tolerance.max())):
            return Finding("shape", f"{text}; it is the {how} of theirs: each entry needs its own slope, so do not "
                           f"take the {how} over the entries of {case.name} too")  # fmt: skip
    return Finding("shape", f"{text}; each entry needs its own slope")


def transposed(case: Case) -> Finding | None:
    turned = np.swapaxes(case.yours, 1, 2) if case.yours.ndim == 3 else None
    if turned is None or turned.shape != case.true.shape:
        return None
    same_shape = case.yours.shape == case.true.shape
    shapes = "" if same_shape else f": its shape is {case.yours.shape[1:]}, {case.name} has {case.true.shape[1:]}"
    if case.matches(turned):
        return Finding("transposed", f"your gradient is the true one transposed{shapes}; write (a.T @ b) as (b.T @ a)")
    if same_shape:
        return None
    inner = diagnose(replace(case, yours=turned))
    return Finding("transposed", f"your gradient is transposed{shapes}; and, turned back, {_then(inner)}")


def other_shape(case: Case) -> Finding | None:
    if case.yours.shape == case.true.shape:
        return None
    text = f"your gradient has shape {case.yours.shape[1:]}, {case.name} has shape {case.true.shape[1:]}"
    if case.yours.size != case.true.size:
        return Finding("shape", f"{text}; each entry of {case.name} needs one slope of its own")
    inner = diagnose(replace(case, yours=case.yours.reshape(case.true.shape)))
    update = f"{case.name} - lr * gradient would not have the shape of {case.name}"
    return Finding(
        "shape", f"{text}: {update}; " + (f"and, reshaped, {_then(inner)}" if inner else "its values are right")
    )


def zero(case: Case) -> Finding | None:
    if np.any(case.yours[case.counts]):
        return None
    return Finding("zero", f"your gradient is 0 {case.where}, the true one is not", 0.0)


def flat(case: Case) -> Finding | None:
    if np.any((np.abs(case.true) > case.tolerance) & case.counts):
        return None
    return Finding("flat", f"your gradient is not 0, though the loss does not change with {case.name} {case.where}")


def factor(case: Case) -> Finding | None:
    """The same factor everywhere, and one that the problem's sizes explain."""
    found = _ratio(case, case.true)
    words = explain_factor(*found[:1], case.sizes, case.name, found[1]) if found else ""
    if not found or not words:
        return None
    cause = "sign" if abs(found[0] + 1) <= found[1] else "factor"
    return Finding(cause, f"your gradient is {found[0]:.3f} times the true one {case.where}; {words}", found[0])


def cut_short(case: Case) -> Finding | None:
    """The chain rule without one of its factors, and if need be a factor besides."""
    found = [
        (ratio, left_out)
        for left_out, result in case.shortcuts.items()
        if result.shape == case.yours.shape and (ratio := _ratio(case, result))
    ]
    for (times, precision), left_out in sorted(found, key=lambda way: abs(way[0][0] - 1) > way[0][1]):  # exact ones first
        exact = abs(times - 1) <= precision
        words = "" if exact else explain_factor(times, case.sizes, case.name, precision)
        if exact or words:
            text = f"your gradient leaves out a factor of the chain rule: {left_out}"
            return Finding("chain rule", f"{text}; besides, {words}" if words else text)
    return None


def nameless_factor(case: Case) -> Finding | None:
    found = _ratio(case, case.true)
    if not found:
        return None
    text = f"your gradient is {found[0]:.3f} times the true one {case.where}"
    return Finding("factor", f"{text}; no size in the problem equals {found[0]:.3f}", found[0], False)


def _ratio(case: Case, reference: np.ndarray) -> tuple[float, float] | None:
    """The number that ``yours`` is times ``reference`` everywhere, and its relative precision."""
    yours, other = case.yours[case.counts], reference[case.counts]
    if not np.any(np.abs(other) > 10 * case.tolerance[case.counts]):
        return None
    ratio = float(np.sum(yours * other) / np.sum(other * other))
    if ratio == 0 or np.any(np.abs(yours / ratio - other) > 2 * case.tolerance[case.counts]):
        return None
    return ratio, max(1e-6, float(4 * np.max(case.tolerance) / np.max(np.abs(other))))


def stale(case: Case) -> Finding | None:
    still, moving = _spread(case, case.yours), _spread(case, case.true)
    if not np.all(still <= case.tolerance.max()) or not np.max(moving) > 100 * case.tolerance.max():
        return None
    return Finding(
        "stale",
        f"your gradient is {spell(case.yours[0])} {case.where}, though the true one changes with {case.name}: it does "
        f"not see {case.name}; does it use a prediction made before, or a {case.name} of its own?",
    )


def _spread(case: Case, values: np.ndarray) -> np.ndarray:
    """How far each entry ranges over the points that count; NaN where fewer than two do."""
    high = np.max(np.where(case.counts, values, -np.inf), axis=0)
    low = np.min(np.where(case.counts, values, np.inf), axis=0)
    return np.where(np.sum(case.counts, axis=0) >= 2, high - low, np.nan)


def reordered(case: Case) -> Finding | None:
    """The right numbers at other places, by the same rule at every point."""
    yours, true = (g.reshape(len(case.values), -1) for g in (case.yours, case.true))
    count = true.shape[1]
    if not 2 <= count <= 1000 or not np.all(case.counts):
        return None
    source = np.argmin(np.max(np.abs(yours[:, :, None] - true[:, None, :]), axis=0), axis=1)
    if len(set(source.tolist())) < count or np.any(np.abs(yours - true[:, source]) > case.tolerance.max()):
        return None
    first = int(np.argmax(source != np.arange(count)))
    here, there = (
        f"{case.name}[{', '.join(str(int(i)) for i in np.unravel_index(k, case.true.shape[1:]))}]"
        for k in (first, int(source[first]))
    )
    return Finding(
        "order", f"your gradient has the right numbers in another order: what stands at {here} belongs to {there}"
    )


def some_components(case: Case) -> Finding | None:
    wrong = np.any((np.abs(case.yours - case.true) > case.tolerance) & case.counts, axis=0)
    if case.true[0].size < 2 or np.all(wrong) or np.mean(wrong) > 0.5:
        return None
    indices = [tuple(int(i) for i in index) for index in np.argwhere(wrong)]
    names = ", ".join(f"{case.name}[{', '.join(map(str, index))}]" for index in indices[:4])
    names += ", …" if len(indices) > 4 else ""
    part = {key: getattr(case, key)[:, wrong] for key in ("values", "yours", "true", "tolerance", "counts")}
    inner = diagnose(replace(case, **part, terms={term: g[:, wrong] for term, g in case.terms.items()}))
    right = wrong.size - len(indices)
    text = f"your gradient is wrong at {names} only, and right at the other {right}; there, {_then(inner)}"
    return Finding("components", text, inner.ratio if inner else None)


def missing_terms(case: Case) -> Finding | None:
    """Of a loss given as named terms: which of their gradients does yours contain, how often?"""
    counts = np.all(case.counts, axis=0) if case.true.ndim > 1 else np.array(True)
    flat = {term: g[:, counts].ravel() for term, g in case.terms.items()}
    if len(flat) < 2:
        return None
    columns = np.stack(list(flat.values()), axis=1)
    times, *_ = np.linalg.lstsq(columns, case.yours[:, counts].ravel(), rcond=None)
    made = sum(t * g for t, g in zip(times, case.terms.values(), strict=True))
    if np.linalg.matrix_rank(columns) < len(flat) or not case.matches(case.yours + case.true - made, slack=4):
        return None
    odd = [(term, t) for term, t in zip(flat, times, strict=True) if abs(t - 1) > 1e-4]
    missing = [term for term, t in odd if abs(t) < 1e-4]
    said = [f"the gradient of the term {term!r} is missing" for term in missing]
    said += [f"the term {term!r} counts {t:.3f} times" for term, t in odd if term not in missing]
    return (
        Finding("missing term" if missing else "term", f"{'; '.join(said)}; the other terms are right")
        if said
        else None
    )


def missing_multiple(case: Case) -> Finding | None:
    """A term of the loss whose gradient is a multiple of w, of sign(w) or of 1 (weight decay, L1, a linear term)."""
    lack = case.true - case.yours
    for shape, gradient_of, basis in (
        ("{c:.6g}·{w}", "{half:.6g}·{w}² (weight decay, an L2 term)", case.values),
        ("{c:.6g}·sign({w})", "{c:.6g}·|{w}| (an L1 term)", np.sign(case.values)),
    ):
        used = np.where(case.counts, basis, 0.0)
        if len(case.values) < 2 or not (np.any(used > 0) and (np.any(used < 0) or basis is case.values)):
            continue
        c = float(np.sum(lack * used) / np.sum(used * used))
        if abs(c) * np.abs(used).max() <= case.tolerance.max() or not case.matches(case.yours + c * basis, slack=2):
            continue
        size, words = abs(c), {"c": abs(c), "half": abs(c) / 2, "w": case.name}
        what = f"{shape.format(**words)}{_named_constant(size, case.constants)}"
        if c > 0:
            text = f"your gradient lacks {what} {case.where}: the gradient of {gradient_of.format(**words)} is missing"
        else:
            term = gradient_of.format(**words)
            text = f"your gradient has {what} too much {case.where}: the loss has no such term as {term}"
        return Finding("missing term" if c > 0 else "extra term", text, explained=False)
    return None


def missing_constant(case: Case) -> Finding | None:
    lack = case.true - case.yours
    if not np.all(_spread(case, lack) <= 2 * case.tolerance.max()):
        return None
    return Finding(
        "missing term",
        f"your gradient lacks the same amount, {spell(lack.mean(axis=0))}, {case.where}: the gradient of a term of the "
        f"loss that is linear in {case.name}",
        explained=False,
    )


def no_pattern(case: Case) -> Finding:
    difference = np.where(case.counts, np.abs(case.yours - case.true), -1.0)
    worst = np.unravel_index(np.argmax(difference), difference.shape)
    entry = f"{case.name}[{', '.join(str(int(i)) for i in worst[1:])}]" if len(worst) > 1 else case.name
    text = (
        f"your gradient is wrong, and not by one factor or term: at {entry} = {case.values[worst]:.6g} yours is "
        f"{case.yours[worst]:.6g}, the true one {case.true[worst]:.6g}"
    )
    large = case.counts & (np.abs(case.true) > 10 * case.tolerance)
    if np.sum(large) > 1:
        ratios = case.yours[large] / case.true[large]
        text += f"; the ratio runs from {ratios.min():.3f} to {ratios.max():.3f}"
    return Finding("unknown", text, explained=False)


CAUSES: tuple[Callable[[Case], Finding | None], ...] = (
    one_per_sample,
    one_for_all,
    transposed,
    other_shape,
    zero,
    flat,
    factor,
    missing_terms,
    cut_short,
    reordered,
    nameless_factor,
    stale,
    some_components,
    missing_multiple,
    missing_constant,
    no_pattern,
)


def _then(inner: Finding | None) -> str:
    return inner.text.replace("your gradient", "it", 1) if inner else "it is right"


def _named_constant(size: float, constants: Mapping[str, float]) -> str:
    """``" (2·lam)"`` where a number that the functions were given makes up the size."""
    for name, value in constants.items():
        for times, spelled in ((1, name), (2, f"2·{name}"), (0.5, f"{name}/2")):
            if value and abs(times * abs(value) - size) <= 1e-5 * size:
                return f" (that is {spelled})"
    return ""
