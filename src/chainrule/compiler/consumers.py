"""Loops that take a product's entries as they are made, so that these need not go to memory: an update of a weight takes its gradient.

That is for a loop of maps over the product's own shape, the only one that reads it. The product then waits for whatever else
the loop needs: for what is still to be computed from the weight's old entries. What is left in an array from outside, such as a
weight's gradient, is put there in the last of many steps only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .entrywise import Nth, Picked
from .large_products import elsewhere
from .program import Node, layout, stretched

MOST = 1 << 20  # entries: what no cache holds is read faster in a pass of its own

if TYPE_CHECKING:
    from .fusion import Group, Schedule


def consumers(schedule: Schedule, before: list[set[int]]) -> dict[int, int]:
    """The loop that takes it, for each product that has one; ``before``, what each group waits for, grows by what such a product does."""
    found: dict[int, int] = {}
    for product, loops in readers(schedule).items():
        i, (j, *others) = schedule.of[product], sorted(loops)
        if others or not takes(schedule, schedule.groups[j], product):
            continue
        more = before[j] - {i}
        if not any(i in behind(before, x) for x in more):
            before[i] |= more
            found[i] = j
    return found


def readers(schedule: Schedule) -> dict[Node, set[int]]:
    """The groups that read each product of matrices that is nobody's result, or left only where nobody reads it, and is read as it is."""
    program = schedule.program
    if program.width > 1:
        return {}
    ends = {layout(r).base for r in program.results}
    ends |= {layout(v).base for i, v in program.writes.items() if schedule.place.get(v) is not i or i in schedule.readers}
    found: dict[Node, set[int]] = {n: set() for n in schedule.of if n.kind == "dot" and len(n.shape) == 2 and n not in ends}
    for node in schedule.nodes:
        for a in node.args if node.kind != "view" else ():
            base = layout(a).base
            if base in found and node in schedule.of:
                found[base].add(schedule.of[node])
                if a is not base:
                    del found[base]
    return {n: groups for n, groups in found.items() if groups}


def takes(schedule: Schedule, loop: Group, product: Node) -> bool:
    """Whether a loop can take a product's entries row by row, in pieces."""
    if loop.kind != "loop" or loop.shape != product.shape or product.size > MOST:
        return False
    if any(n.kind != "map" or isinstance(n.data, Picked | Nth) for n in loop.nodes):
        return False
    if any(stretched(a, loop.shape).strides[-1] not in (0, 1) for a in loop.operands()):
        return False
    written = {schedule.place[n] for n in loop.nodes if n in schedule.place}
    if written & {layout(a).base for a in product.args}:
        return False
    large = elsewhere(product)
    return large is not None and large.in_runs()


def behind(before: list[set[int]], i: int) -> set[int]:
    """All that a group waits for, at any distance, and the group itself."""
    found, left = {i}, [i]
    while left:
        more = before[left.pop()] - found
        found |= more
        left += more
    return found
