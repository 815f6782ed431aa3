"""What a compiled step shows of itself: its program, loops, LLVM IR and assembly; where its time goes."""

from __future__ import annotations

from typing import Any

from ..base.threads import cores
from ..native import roofline
from .emission import Emission, Segment
from .program import Node, layout, spelled
from .taking import TAKEN

WITHIN = 0.02  # seconds for the runs of a kernel, of which the shortest counts


def show(plan: Any, stage: str) -> str:
    return "\n\n".join((f"{title}:\n" if title else "") + shown(m, stage) for title, m in plan.machine.parts_of_it())


def shown(machine: Any, stage: str) -> str:
    if stage == "program":
        return str(machine.program.text(lines=True))
    if stage == "loops":
        return loops(machine)
    if stage == "llvm":
        return str(machine.text)
    if stage == "assembly":
        from ..native.machine import assembly
        from .running import passes

        return assembly(machine.text, passes(machine.text))
    raise ValueError(f"show({stage!r}): the stages are 'program', 'loops', 'llvm', 'assembly'")


def lines_of(nodes: list[Node]) -> str:
    found = dict.fromkeys(f"{n.line[0].rpartition('/')[2]}:{n.line[1]}" for n in nodes if n.line)
    return ", ".join(found)


def loops(machine: Any) -> str:
    """Each group of values that are computed together, the lines they come from, and its kernel's instructions."""
    names = machine.program.names()
    parts = []
    for part in machine.module.order:
        if not isinstance(part, Segment):
            parts.append(f"Python: {names[part]}    # {lines_of([part])}")
            continue
        for e in part.kernels:
            for group in e.groups:
                told = ", ".join(names[n] for n in group.nodes)
                parts.append(f"{group.kind} over {list(group.shape)}: {told}    # {lines_of(group.nodes)}")
            if not e.pieces:
                parts.append("    by the code for large products" + ", which hands its entries to:" * (e.taker is not None) + "\n")
            if e.pieces or e.taker is not None:
                parts.append(kernel_of(machine, e.taker or e, names))
    return "\n".join(parts)


def kernel_of(machine: Any, e: Emission, names: dict[Node, str]) -> str:
    """What a kernel is given, and its instructions."""
    told = [(own, name) for own, name in zip(e.kernel.parameters, e.given) if own[0] == "m"]
    given = ", ".join(f"{own} = {memory(machine, name, names)}" for own, name in told)
    return f"{given}\n{e.kernel.show()}\n"


def memory(machine: Any, name: str, names: dict[Node, str]) -> str:
    """Whose entries lie in a piece of memory."""
    if name in TAKEN:
        return name
    key = next(k for k, slot in machine.module.slots.items() if f"b{slot}" == name)
    if isinstance(key, Node):
        return names.get(key, key.data.name if key.kind == "input" else "?")
    return f"{key[0]} {names[key[1]]}"


def report(plan: Any, retired: list[str]) -> str:
    if plan.reasons:
        return "not compiled; it runs as ever:\n" + plan.told()
    if plan.machine is None:
        return f"recorded {plan.tries} time{'s' * (plan.tries != 1)} so far: a step is compiled once two calls have done the same"
    parts = plan.machine.parts_of_it()
    rows = timed(plan)
    total = sum(r[1] for r in rows) or 1.0
    values, kernels = (sum(len(x) for x in xs) for xs in zip(*[(m.module.schedule.nodes, m.module.schedule.batches) for _, m in parts]))
    lines = [f"compiled: {values} values in {kernels} kernels" + (", there and back" if len(parts) > 1 else "")
             + ("" if all(m.whole for _, m in parts) else "; Python's code in between, so many steps are not one call")]  # fmt: skip
    allowed = roofline.measured(cores())
    lines.append(f"{'kernel':10} {'µs':>9} {'share':>6} {'GFLOP/s':>8} {'GB/s':>7} {'of limit':>8}  what")
    for name, seconds, flops, moved, what in sorted(rows, key=lambda r: -r[1]):
        rates = f"{flops / seconds / 1e9:8.1f} {moved / seconds / 1e9:7.1f}"
        least = allowed.seconds(flops, moved, what.startswith("product"))
        lines.append(f"{name:10} {seconds * 1e6:9.2f} {seconds / total:6.1%} {rates} {least / seconds:8.0%}  {what}")
    near, shared, far = (f"{x / 1e9:.0f}" for x in allowed.bytes)
    lines.append(
        f"the limit, on all cores: {allowed.flops / 1e9:.0f} GFLOP/s, {allowed.products / 1e9:.0f} in matrix products; "
        f"{near} GB/s up to {roofline.SIZES[0] >> 10} KB, {shared} up to {roofline.SIZES[1] >> 20} MB, {far} beyond"
    )
    if retired:
        lines.append(f"recorded anew {len(retired)} times: " + "; ".join(dict.fromkeys(retired)))
    return "\n".join(lines)


def timed(plan: Any) -> list[tuple[str, float, float, float, str]]:
    """(kernel, seconds, operations, bytes, what it computes), measured on copies; what is drawn is put back."""
    states = [(g, g.get_state_bytes()) for g in plan.generators.values()]
    try:
        return [row for title, apart in plan.machine.apart_from_this() for row in timed_machine(apart, f"{title} ".lstrip())]
    finally:
        for g, state in states:
            g.set_state_bytes(state)


def timed_machine(apart: Any, title: str) -> list[tuple[str, float, float, float, str]]:
    found = []
    for i, part in enumerate(apart.module.order):
        if isinstance(part, Segment):
            e = part.kernels[0]
            seconds = roofline.best(lambda i=i: apart.only(i), WITHIN)  # type: ignore[misc]
            flops = float(2 * e.work if e.label == "product" else e.work)
            touched = {layout(n).base: n for g in e.groups for n in [*g.operands(), *(g.stored or g.nodes)]}
            moved = float(sum(n.size * n.dtype.itemsize for n in touched if ("local", n) not in apart.module.rooms))
            shapes = " ".join(str(list(s)) for s in dict.fromkeys(g.shape for g in e.groups))
            what = f"{title}{e.label} {shapes} {lines_of([n for g in e.groups for n in g.nodes])}"
            found.append((e.name, seconds, flops, moved, what))
        else:
            seconds = roofline.best(lambda part=part: apart.call(part), WITHIN)  # type: ignore[misc]
            what = part.data.name if part.kind == "call" else f"{part.data!r} {spelled(part)}"
            found.append(("Python", seconds, 0.0, 0.0, f"{title}{what} {lines_of([part])}"))
    return found
