"""An explanation as text for a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from .numbers import counted, number, show, size
from .quantities import Path, Quantity

if TYPE_CHECKING:
    from .telling import Explanation

LINES = 14  # computed quantities that are told one by one; more are told by module
WIDTH = 90  # characters of a formula in the chain rule; a longer one is left to the lines before it
TERMS = 5  # terms of one entry's sum that are told


def written(told: Explanation) -> str:
    """The three parts: forward pass, local gradients, chain rule."""
    if len(told.steps) > LINES:
        from .folded import folded_text

        return folded_text(told)
    parts = [("1  Forward pass", forward_lines(told)), ("2  Local gradients", local_lines(told)),
             ("3  Chain rule", chain_lines(told))]  # fmt: skip
    return "\n\n".join("\n".join([title, *[f"   {line}" for line in lines]]) for title, lines in parts)


def width(s: str) -> int:
    """How many columns a text takes in a terminal: accents of their own take none."""
    return sum(not unicodedata.combining(c) for c in s)


def aligned(rows: list[tuple[str, str]], longest: int = 60) -> list[str]:
    """Two columns; a long entry of the first does not push the second column away from the others."""
    usual = max((width(a) for a, _ in rows if width(a) <= longest), default=0)
    return [f"{a}{' ' * max(usual - width(a), 0)}  {b}".rstrip() for a, b in rows]


def forward_lines(told: Explanation) -> list[str]:
    parameters = [q for q in told.board.quantities.values() if q.kind == "parameter"]
    rows = [(q.name, f"= {value(q)}   (parameter)") for q in parameters]
    rows += [(q.name, f"= {value(q)}") for q in told.constants]
    rows += [(f"{q.name} = {q.formula}", f"= {value(q)}") for q in told.steps]
    return aligned(rows)


def value(q: Quantity) -> str:
    return "not kept, as no derivative needs it" if q.value is None else show(q.value)


def local_lines(told: Explanation) -> list[str]:
    rows = []
    for d in [d for step in told.steps for d in step.locals]:
        amount = "" if d.value is None else show(uniform(d.value))
        name = d.name if d.listed or len(told.board.users(d.by)) == 1 else f"{d.name} via {d.of.name}"
        rows.append((f"{name} = {d.formula}", f"= {amount}" if amount and amount != d.formula else ""))
    return aligned(rows)


def uniform(a: np.ndarray) -> np.ndarray:
    """One number for an array that has the same everywhere, such as a local gradient of 1."""
    a = np.asarray(a)
    return a.reshape(-1)[0] if a.size > 1 and bool(np.all(a == a.reshape(-1)[0])) else a


def chain_lines(told: Explanation) -> list[str]:
    lines: list[str] = []
    for i, name in enumerate(told.names):
        lines += chain_of(told, i, name)
    return lines or ["the loss depends on no parameter"]


def chain_of(told: Explanation, i: int, name: str) -> list[str]:
    """∂loss/∂w along each path, then the sum."""
    total, ways = told.gradients[name].array, told.paths_to(name)
    left = f"∂{told.loss.name}/∂{told.labels[i]}"
    n, at = told.path_counts[name], told.selections[i].suffix
    if n == 1 and ways:
        return [f"{left} = {product(ways[0], at)}{equals(total)}", *entry_lines(told, i), *remark(told, name)]
    lines = [f"{left} = Σ over {n:,} paths{equals(total)}"]
    for way in ways:
        lines.append(f"   {via(way)}: {brief(way, at)}{equals(way.share)}")
    if n > len(ways):
        lines.append(f"   … the {len(ways)} paths along which most of it flows, of {n:,}")
    elif total.size == 1:
        lines.append(f"   {' + '.join(signed(w.share) for w in ways)} = {show(total)}")
    return [*lines, *entry_lines(told, i), *remark(told, name)]


def remark(told: Explanation, name: str) -> list[str]:
    return [f"   {told.remarks[name]}"] if told.remarks[name] else []


def signed(share: Any) -> str:
    s = number(np.asarray(share).reshape(-1)[0])
    return f"({s})" if s.startswith("−") else s


def equals(array: np.ndarray) -> str:
    return f" = {show(array)}" if array.size <= 6 else f"   ({show(array)})"


def via(way: Path) -> str:
    names = [q.name for q in way.quantities[1:-1]]
    return "via " + " ← ".join(names) if names else "directly"


def product(way: Path, at: str = "") -> str:
    """∂loss/∂ŷ · ∂ŷ/∂w = 2 · (ŷ − y) · x"""
    factors = " · ".join(f"∂{a.name}/∂{b.name}" for a, b in way.factors) + at
    formula = f"({way.formula}){at}" if at else way.formula
    if len(way.factors) == 1 or factors == formula:
        return formula
    return factors if len(formula) > WIDTH else f"{factors} = {formula}"


def brief(way: Path, at: str) -> str:
    """The product where the way has been named already."""
    formula = f"({way.formula}){at}" if at else way.formula
    return product(way, at) if len(formula) > WIDTH else formula


def entry_lines(told: Explanation, i: int) -> list[str]:
    """One entry's gradient as a sum over the entries of what was computed from it."""
    from .selecting import column

    chosen, by = told.selections[i], told.parameters[i]
    if chosen.place is None or by.value is None or by.value.size == 1:
        return []
    flat = int(chosen.places.reshape(-1)[0])  # type: ignore[union-attr]
    lines = []
    for of in [q for q in told.steps if by in q.inputs]:
        slopes = column(of, by, flat)
        if slopes is None:
            continue
        g = np.asarray(of.gradient)
        terms = (g * slopes).reshape(-1)
        order = [int(k) for k in np.argsort(-np.abs(terms), kind="stable") if terms[k] != 0]
        product = f"∂{told.loss.name}/∂{of.name} · ∂{of.name}/∂{told.labels[i]}"
        lines.append(f"   through {of.name}, {size(of.shape)}: {counted(len(order), 'term')} {product}")
        for k in order[:TERMS]:
            at = ", ".join(str(int(n)) for n in np.unravel_index(k, g.shape)) if g.shape else ""
            where = f"{of.name}[{at}]" if at else of.name
            lines.append(
                f"      {where}: {number(g.reshape(-1)[k])} · {number(slopes.reshape(-1)[k])} = {number(terms[k])}"
            )
        if len(order) > TERMS:
            lines.append(f"      … and {len(order) - TERMS} smaller ones: {number(terms[order[TERMS:]].sum())}")
    return lines
