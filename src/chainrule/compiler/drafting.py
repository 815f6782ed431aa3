"""The blueprint of a module that was emitted: a place for each value, and until when results of calls are needed."""

from __future__ import annotations

from typing import Any

from .blueprint import ALIGN, SEGMENT, Blueprint
from .emission import Module, Segment
from .fusion import looked_at
from .program import LAID_OUT, Node, layout

ENTRY = {"f32": 4, "f64": 8, "i8": 1}


def drafted(module: Module) -> Blueprint:
    """The blueprint of what was emitted."""
    schedule, slots = module.schedule, module.slots
    number = {n: i for i, n in enumerate(schedule.program.numbered())}
    places, total = placed(module)
    work = sum(e.work for part in module.order if isinstance(part, Segment) for e in part.kernels)
    products = []
    for large in module.products:
        matrices = [slots[schedule.home(p)] for p in large.parts]
        words = [slots[what, large.node] for what in ("code", "told", "pieces")]
        products.append((number[large.node], *words, *matrices[:2], matrices[-1], int(large.taken)))
    return Blueprint(
        sizes=[(total, len(slots), work, ord(module.keeps or "\0"))],
        order=[
            (SEGMENT, int(any(e.pieces != 1 for e in part.kernels))) if isinstance(part, Segment) else (number[part], 0)
            for part in module.order
        ],
        own=[(number[key], at) for key, at in places.items() if isinstance(key, Node)],
        table=[(slots[key], at) for key, at in places.items() if key in slots],
        outside=[(number[n], at) for n, at in slots.items() if isinstance(n, Node) and n.kind in ("input", "part")],
        homes=[(number[value], number[target]) for value, target in schedule.place.items()],
        copies=[(number[target], number[value]) for target, value in schedule.copies],
        products=products,
        ends=[(i, number[n]) for i, nodes in last_uses(module).items() for n in nodes],
    )


def last_uses(module: Module) -> dict[int, list[Node]]:
    """Which results of calls nobody needs any more after a part of the order."""
    program, schedule = module.schedule.program, module.schedule
    place = {n: i for i, part in enumerate(module.order) for n in values_of(part)}
    last = {n: place[n.args[0]] for n in schedule.nodes if n.kind == "part" and n.args[0] in place}
    for node, i in place.items():
        for a in looked_at(node):
            base = layout(a).base
            if base in last:
                last[base] = max(last[base], i)
    kept = {layout(x).base for x in [*program.results, *[v for _, v in schedule.copies]]}
    found: dict[int, list[Node]] = {}
    for node, i in last.items():
        if node not in kept:
            found.setdefault(i, []).append(node)
    return found


def values_of(part: Any) -> list[Node]:
    """The values that a part of the order computes."""
    return [n for e in part.kernels for g in e.groups for n in g.nodes] if isinstance(part, Segment) else [part]


def placed(module: Module) -> tuple[dict[Any, int], int]:
    """A place for each value in one piece of memory; those that are never needed at once share it."""
    schedule, slots = module.schedule, module.slots
    lives = lifetimes(module)
    wants: list[tuple[int, int, int, Any]] = []
    seen = values_of_calls(module) - set(slots)
    for key in [*slots, *[n for n in schedule.nodes if n in seen]]:
        if isinstance(key, Node):
            if key.kind in LAID_OUT:
                wants.append((*lives[key], key.size * key.dtype.itemsize, key))
        elif key in module.rooms:
            size, kind = module.rooms[key]
            at = schedule.turn[key[1]]
            wants.append((at, at, size * ENTRY[kind], key))
    return fitted(wants)


def values_of_calls(module: Module) -> set[Node]:
    """Values that are computed or read by Python's calls, returned, or copied at the end."""
    schedule = module.schedule
    found = {schedule.home(r) for r in schedule.program.results} | {schedule.home(v) for _, v in schedule.copies}
    for node in module.order:
        if not isinstance(node, Segment):
            found |= {schedule.home(a) for a in node.args}
            if node.kind == "map":
                found.add(schedule.home(node))
    return found


def lifetimes(module: Module) -> dict[Node, tuple[int, int]]:
    """From which group to which each value is needed."""
    schedule = module.schedule
    last: dict[Node, int] = {}
    for node in schedule.nodes:
        if node.kind in ("view", "part"):
            continue
        for a in looked_at(node):
            home = schedule.home(a)
            last[home] = max(last.get(home, 0), schedule.turn.get(node, 0))
    end = len(schedule.batches)
    for r in [*schedule.program.results, *[v for _, v in schedule.copies]]:
        last[schedule.home(r)] = end
    return {n: (turn, max(last.get(n, 0), turn)) for n, turn in schedule.turn.items()}


def fitted(wants: list[tuple[int, int, int, Any]]) -> tuple[dict[Any, int], int]:
    """Places for (first, last, bytes, key), largest first, each at the lowest that is free all its life."""
    placed: list[tuple[int, int, int, int]] = []
    places, total = {}, 0
    for first, last, size, key in sorted(wants, key=lambda w: -w[2]):
        size = -(-size // ALIGN) * ALIGN
        place = 0
        for at, end, from_, to in sorted(placed):
            if from_ <= last and first <= to and at < place + size and place < end:
                place = end
        placed.append((place, place + size, first, last))
        places[key] = place
        total = max(total, place + size)
    return places, total
