"""An explanation of a large graph: by module, with shapes and summaries, and the paths of what was asked for."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from .folding import by_parameters
from .numbers import counted, norm, number, show, size, summary
from .quantities import Path, Quantity
from .writing import aligned, entry_lines, remark

if TYPE_CHECKING:
    from .telling import Explanation

MODULES = 40  # lines about modules, and about parameters
ALL_PATHS = 3  # so many parameters: their paths are told without being asked for


def modules_of(told: Explanation) -> dict[Quantity, str]:
    """The module of each computed quantity."""
    history = told.board.history
    found = by_parameters(history.nodes, history.names.owners)
    return {q: found.get(q.node, "") for q in told.steps}  # type: ignore[arg-type]


def folded_text(told: Explanation) -> str:
    """The three parts, by module."""
    modules = modules_of(told)
    depth = fitting_depth(list(modules.values()))
    parts = [
        (f"1  Forward pass: {counted(len(told.steps), 'step')}, by module", forward_lines(told, modules, depth)),
        ("2  Backward pass: the gradient at each module's result", backward_lines(told, modules, depth)),
        (f"3  Chain rule: {counted(len(told.names), 'parameter')}", chain_lines(told, modules)),
    ]
    return "\n\n".join("\n".join([title, *[f"   {line}" for line in lines]]) for title, lines in parts)


def fitting_depth(paths: list[str]) -> int:
    """The deepest fold that still has few lines."""
    for depth in (4, 3, 2):
        if len(list(groupby(cut(p, depth) for p in paths))) <= MODULES:
            return depth
    return 1


def cut(path: str, depth: int) -> str:
    return ".".join(path.split(".")[:depth])


def runs(modules: dict[Quantity, str], depth: int) -> list[tuple[str, list[Quantity]]]:
    """Successive steps in one module, together."""
    return [(name, [q for q, _ in items]) for name, items in groupby(modules.items(), lambda item: cut(item[1], depth))]


def shortened(lines: list[str]) -> list[str]:
    """Of very many lines, the first and the last."""
    if len(lines) <= MODULES:
        return lines
    half = MODULES // 2
    return [*lines[:half], f"… {len(lines) - 2 * half} more", *lines[-half:]]


def forward_lines(told: Explanation, modules: dict[Quantity, str], depth: int) -> list[str]:
    rows = []
    for name, steps in runs(modules, depth):
        last = steps[-1]
        what = f"{last.name} = {last.formula}" if len(steps) == 1 else f"{counted(len(steps), 'step')} → {last.name}"
        shown = what if len(what) <= 60 else f"{last.name}"
        rows.append(
            (
                f"{name or 'outside of modules'}: {shown}",
                f"= {show(last.value)}" if last.value is not None else size(last.shape),
            )
        )
    return shortened(aligned(rows))


def backward_lines(told: Explanation, modules: dict[Quantity, str], depth: int) -> list[str]:
    rows = []
    for name, steps in reversed(runs(modules, depth)):
        last = steps[-1]
        if last.gradient is not None and last is not told.loss:
            rows.append((f"∂{told.loss.name}/∂{last.name}", f"{size(last.shape)}, {summary(last.gradient)}   {name}"))
    return shortened(aligned(rows))


def chain_lines(told: Explanation, modules: dict[Quantity, str]) -> list[str]:
    rows = []
    for name, label in zip(told.names, told.labels):
        g = told.gradients[name].array
        shown = f"= {show(g)}" if g.size == 1 else f"{size(g.shape)}, {summary(g)}"
        rows.append((f"∂{told.loss.name}/∂{label}", f"{shown}; {counted(told.path_counts[name], 'path')}"))
    lines = shortened(aligned(rows))
    if len(told.names) > ALL_PATHS:
        largest = max(told.names, key=lambda n: norm(told.gradients[n].array))
        return [*lines, f"(largest: {largest}; its paths: chainrule.explain({told.loss.variable}, wrt={largest!r}))"]
    for i, name in enumerate(told.names):
        ways = told.paths_to(name)
        few = told.path_counts[name] > len(ways)
        lines.append(f"{counted(len(ways), 'path')} to {name}" + (", along which most of it flows:" if few else ":"))
        lines += [f"   norm {number(norm(way.share), 4)}: {through(way, modules)}" for way in ways]
        lines += [*entry_lines(told, i), *remark(told, name)]
    return lines


def through(way: Path, modules: dict[Quantity, str]) -> str:
    """The modules that a path leads through, from the loss on; where it passes outside of them, the quantities."""
    names = [modules.get(q) or q.name for q in way.quantities[:-1]] + [way.quantities[-1].name]
    return " ← ".join(name for name, _ in groupby(names))
