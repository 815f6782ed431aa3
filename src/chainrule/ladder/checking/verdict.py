"""From numbers to a verdict: build the cases to diagnose, join what was found for each parameter, gather evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from ...base.errors import message
from .calling import lookup
from .diagnose import Case, Finding, diagnose
from .differences import is_single
from .points import Point, as_array, spell
from .problem import Problem
from .sizes import Sizes
from .truth import Autograd, Truth

__all__ = ["build_cases", "final_finding", "evidence_for", "praise", "rows"]

_ROWS = 8  # of the table that a result prints
_APART = 1e-5  # relative difference at which autograd and finite differences are said to disagree


def build_cases(
    problem: Problem, points: list[Point], claims: list[Point], truths: list[Truth], sizes: Sizes
) -> dict[str, Case]:
    """One case for each parameter, with the tolerance that the arithmetic asks for."""
    largest = max(float(np.max(np.abs(value), initial=0.0)) for truth in truths for value in truth.value.values())
    constants = {
        **{name: float(value) for name, value in problem.samples.named.items() if isinstance(value, (int, float))},
        **{p.name: float(value) for p, value in problem.samples.outer.items() if isinstance(value, (int, float))},
    }
    cases = {}
    for name in problem.names:
        true = np.stack([truth.value[name] for truth in truths])
        yours = _stack([claim[name] for claim in claims], true.shape[1:])
        counts = np.stack([truth.measured[name] for truth in truths])
        for i, truth in enumerate(truths):
            for kinked, index in truth.kinks:
                if kinked == name:
                    counts[(i, *index)] = False
        single = is_single(yours) or is_single(true)
        n = sizes.samples.value if sizes.samples else 1
        relative = 64 * float(np.finfo(np.float32).eps) * np.sqrt(n) if single else 1e-6
        error = np.stack([truth.error[name] for truth in truths])
        scale = float(np.max(np.abs(true), initial=0.0))
        tolerance = np.maximum(10 * error, max(relative * scale, 1e-9 * largest, 1e-12))
        values = np.stack([point[name] for point in points])
        cases[name] = Case(name, values, yours, true, tolerance, counts, sizes, {}, constants)
    return cases


def _stack(claims: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    if len({claim.shape for claim in claims}) > 1:
        shapes = ", ".join(str(claim.shape) for claim in claims)
        raise ValueError(message(f"gradient changes its shape from point to point: {shapes}"))
    if claims[0].size == 1 and np.prod(shape, dtype=int) == 1:
        claims = [claim.reshape(shape) for claim in claims]  # () where w is (1,) does no harm
    return np.stack(claims)


def final_finding(
    cases: Mapping[str, Case],
    wrong: Mapping[str, Finding],
    claims: list[Point],
    autograds: list[Autograd],
    truths: list[Truth],
) -> Finding | None:
    """One finding out of those for each parameter; None where all is right."""
    if not wrong:
        return _outside_kinks(claims, truths)
    return _hidden(cases, claims, autograds, truths) or _swapped(cases) or _joined(cases, wrong)


def _joined(cases: Mapping[str, Case], wrong: Mapping[str, Finding]) -> Finding:
    first = next(iter(wrong.values()))
    if len(cases) == 1:
        return first
    ratios = [finding.ratio for finding in wrong.values()]
    alike = first.ratio is not None and all(ratio is not None and np.isclose(ratio, first.ratio) for ratio in ratios)
    if len(wrong) == len(cases) and alike and len({finding.cause for finding in wrong.values()}) == 1:
        return first
    told = "; ".join(
        f"of {name}, {finding.text}" if finding else f"of {name}, it is right"
        for name, finding in ((name, wrong.get(name)) for name in sorted(cases, key=lambda name: name not in wrong))
    )
    return Finding(first.cause, told, first.ratio if len(wrong) == 1 or alike else None)


def _swapped(cases: Mapping[str, Case]) -> Finding | None:
    for a, b in combinations(cases.values(), 2):
        if a.yours.shape == b.true.shape and b.yours.shape == a.true.shape:
            crossed = replace(a, yours=b.yours), replace(b, yours=a.yours)
            if diagnose(crossed[0]) is None and diagnose(crossed[1]) is None:
                return Finding("swapped", f"your gradients of {a.name} and {b.name} are right, but swapped")
    return None


def _hidden(
    cases: Mapping[str, Case], claims: list[Point], autograds: list[Autograd], truths: list[Truth]
) -> Finding | None:
    """The gradient that autograd also finds, where the loss's own values show another slope."""
    if max((truth.apart or 0.0) for truth in truths) <= _APART:
        return None
    for claim, autograd in zip(claims, autograds, strict=True):
        if autograd.gradient is None:
            return None
        for name, case in cases.items():
            if claim[name].shape != autograd.gradient[name].shape:
                return None
            if np.any(np.abs(claim[name] - autograd.gradient[name]) > case.tolerance.max()):
                return None
    return Finding(
        "hidden",
        "your gradient is what autograd finds, but not the slope of the loss: part of the loss is hidden from "
        "autograd, by detach(), .data, no_grad or a backward pass written by hand",
    )


def _outside_kinks(claims: list[Point], truths: list[Truth]) -> Finding | None:
    """At a kink any slope between those of its two sides will do; one beyond them will not."""
    for claim, truth in zip(claims, truths, strict=True):
        for (name, index), found in truth.kinks.items():
            if claim[name].shape != truth.value[name].shape or np.isnan(found.left):
                continue
            yours, low, high = float(claim[name][index]), *sorted((found.left, found.right))
            if not low - 1e-3 * (high - low) <= yours <= high + 1e-3 * (high - low):
                return Finding(
                    "kink",
                    f"your gradient is right where the loss is smooth, but {yours:.6g} at a kink whose slopes are "
                    f"{found.left:.6g} and {found.right:.6g}: a slope there lies between these",
                )
    return None


def praise(cases: Mapping[str, Case]) -> str:
    """What to say of a right gradient: how many points, and how near."""
    largest = max(float(np.max(np.abs(case.true), initial=0.0)) for case in cases.values()) or 1.0
    apart = max(float(np.max(np.where(c.counts, np.abs(c.yours - c.true), 0.0), initial=0.0)) for c in cases.values())
    points = len(next(iter(cases.values())).values)
    where = f"at every one of {points} points" if points > 1 else "at the one point tried"
    near = f"it differs from the true one by at most {apart / largest:.1g} of the largest slope"
    return f"your gradient is right {where}: {near if apart else 'it equals the true one to the last digit'}"


def evidence_for(
    problem: Problem,
    points: list[Point],
    cases: Mapping[str, Case],
    wrong: Mapping[str, Finding],
    autograds: list[Autograd],
    truths: list[Truth],
    sizes: Sizes,
) -> list[str]:
    """How it is known: the experiment, the source of the true gradient, kinks, and shapes worth a look."""
    told = [sizes.evidence[name] for name in ("", *wrong) if name in sizes.evidence] if wrong else []
    return [*told, _source(autograds, truths), *_kinks(points, truths), *_shapes(problem, cases)]


def _source(autograds: list[Autograd], truths: list[Truth]) -> str:
    reasons = [autograd.reason for autograd in autograds if autograd.gradient is None]
    if reasons:
        return f"the true gradient: finite differences alone, since autograd cannot be asked ({reasons[0]})"
    apart = max((truth.apart or 0.0) for truth in truths)
    if apart > _APART:
        return f"the true gradient: finite differences; autograd's is off by {apart:.2g} of the largest slope"
    return "the true gradient: autograd and finite differences agree"


def _kinks(points: list[Point], truths: list[Truth]) -> list[str]:
    lines = []
    for truth, point in zip(truths, points, strict=True):
        for (name, index), found in truth.kinks.items():
            entry = f"{name}[{', '.join(map(str, index))}]" if index else name
            where = f"at {entry} = {point[name][index]:.6g} the loss"
            if np.isnan(found.left):
                lines.append(f"{where} jumps, so there is no derivative to compare with")
                continue
            lines.append(
                f"{where} has a kink: its slope is {found.left:.6g} on the left and {found.right:.6g} on the right, "
                "so there is no derivative to compare with"
            )
    return lines[:_ROWS]


def _shapes(problem: Problem, cases: Mapping[str, Case]) -> list[str]:
    lines = []
    prediction = problem.predicted(problem.points[0])
    key = lookup("y", problem.samples.named)
    if prediction is not None and key:
        y = as_array(problem.samples.named[key], key)
        if y.ndim != prediction.ndim and y.size == prediction.size > 1:
            lines.append(
                f"look at the shapes: the prediction has {prediction.shape}, {key} has {y.shape}, so their difference "
                f"has {np.broadcast_shapes(prediction.shape, y.shape)}"
            )
    for name, case in cases.items():
        if np.any(case.counts) and not np.all(case.counts) and case.counts[0].size > _ROWS:
            lines.append(f"{int(case.counts[0].sum())} of the {case.counts[0].size} entries of {name} were compared")
    return lines


def rows(points: list[tuple[Point, Point, Point]], names: Sequence[str]) -> list[str]:
    """The numbers (at, yours, true) of the named parameters, a line for each entry at each point; the worst of many."""
    scalar = len(names) == 1 and points[0][0][names[0]].ndim == 0
    found: list[tuple[float, tuple[str, str, str, str]]] = []
    for at, yours, true in points:
        for name in names:
            if yours[name].shape != true[name].shape and not yours[name].size == true[name].size == 1:
                if max(yours[name].ndim, true[name].ndim) < 2:
                    found.append(
                        (np.inf, (f"{name} = {spell(at[name], 3)}", spell(yours[name], 3), spell(true[name], 3), ""))
                    )
                continue
            for index in np.ndindex(at[name].shape):
                entry = "" if scalar else f"{name}[{', '.join(map(str, index))}] = " if index else f"{name} = "
                y, t = float(yours[name].reshape(true[name].shape)[index]), float(true[name][index])
                ratio = f"{y / t:.3f}" if abs(t) > 1e-12 else ""
                found.append((abs(y - t), (f"{entry}{at[name][index]:.6g}", f"{y:.6g}", f"{t:.6g}", ratio)))
    if not found:
        return []
    least = sorted((difference for difference, _ in found), reverse=True)[:_ROWS][-1]
    shown = [cells for difference, cells in found if difference >= least][:_ROWS]
    lines = [(names[0] if scalar else "at", "yours", "true", "ratio"), *shown]
    widths = [max(len(line[i]) for line in lines) for i in range(4)]
    table = [("  " + "  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True))).rstrip() for line in lines]
    return [*table, f"  … and {len(found) - len(shown)} more"] if len(found) > len(shown) else table
