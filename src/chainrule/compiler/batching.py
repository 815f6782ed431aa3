"""The order of a schedule's groups, and which loops become one kernel.

Loops over many entries that run over the same rows, each row from that row of the others, are one kernel: softmax, a loss
and its gradient then read a score once. What such a kernel needs first is done as early as may be, so that loops which
belong together are not parted.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from .consumers import consumers
from .program import Node, dense, layout, stretched

if TYPE_CHECKING:
    from .fusion import Group, Schedule

ROWS = 64  # rows from which it pays
MANY = 1 << 15  # entries from which a loop is worth joining to others


def batched(schedule: Schedule) -> list[list[Group]]:
    """The groups in an order in which each comes after what it needs, in lists of those that become one kernel."""
    before = needs(schedule)
    taken_by = consumers(schedule, before)
    left = list(range(len(schedule.groups)))
    done: set[int] = set()
    found: list[list[Group]] = []

    def ready() -> list[int]:
        return [i for i in left if before[i] <= done]

    def take(i: int) -> Group:
        left.remove(i)
        done.add(i)
        return schedule.groups[i]

    while left:
        small = [i for i in ready() if not large(schedule.groups[i]) and i not in taken_by]
        if small:
            found.append([take(small[0])])
            continue
        first = ready()[0]
        batch = [take(first)]
        if first in taken_by:
            batch.append(take(taken_by[first]))
        while batch[0].kind == "loop" and (more := [i for i in ready() if joins(schedule, batch, schedule.groups[i])]):
            batch.append(take(more[0]))
        found.append(batch)
    return found


def needs(schedule: Schedule) -> list[set[int]]:
    """For each group those that must come before it: what computes its operands, and what still reads what it writes over."""
    before: list[set[int]] = [set() for _ in schedule.groups]
    for node, i in schedule.of.items():
        if node.kind != "part":
            before[i] |= {schedule.made_in(a) for a in node.args} - {-1, i}
    for value, target in schedule.place.items():
        i = schedule.of[value]
        before[i] |= {j for j, _, _ in schedule.readers.get(target, []) if j != i}
    calls = [i for i, g in enumerate(schedule.groups) if g.nodes[0].kind == "call" and g.nodes[0].data.lasting]
    for a, b in zip(calls, calls[1:]):
        before[b].add(a)
    return before


def large(group: Group) -> bool:
    return group.kind == "loop" and prod(group.shape) >= MANY


def joins(schedule: Schedule, batch: list[Group], group: Group) -> bool:
    """Whether a group can go block by block with others: it runs over their rows, and needs of each but that row."""
    rows = batch[0].shape[:1]
    if group.kind != "loop" or group.shape[:1] != rows or not rows or rows[0] < ROWS:
        return False
    if not large(group) and not feeds(batch, group):
        return False
    made = {n for g in batch for n in g.nodes}
    overwritten = {schedule.place[n] for g in [*batch, group] for n in g.nodes if n in schedule.place}
    read = {layout(a).base for g in [*batch, group] for a in g.operands()}
    if overwritten & read:
        return False
    return all(row_by_row(a, group.shape) for a in group.operands() if layout(a).base in made)


def feeds(batch: list[Group], group: Group) -> bool:
    """Whether a small group uses what a batch computes."""
    made = {n for g in batch for n in g.nodes}
    return any(layout(a).base in made for a in group.operands())


def row_by_row(a: Node, shape: tuple[int, ...]) -> bool:
    """Whether the rows of a loop each see that row of a value that is computed in the same kernel."""
    where = stretched(a, shape)
    base: Any = where.base
    if base.kind == "reduce" and 0 in base.data[1] or base.shape[:1] != shape[:1]:
        return False
    row = dense(base.shape)[0]
    reach = where.offset + sum((n - 1) * s for n, s in zip(shape[1:], where.strides[1:]))
    return where.strides[0] == row and reach < row
