"""A graph that is kept alive, so that memory, or the time of a backward pass, grows with every iteration."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, sure
from ..record import Run

PASSES = 6


def check(run: Run) -> Iterator[Finding]:
    yield from kept(run)
    yield from growing(run)
    freed = run.notes.get("freed")
    if freed and sum(p.line == freed["line"] for p in run.passes) >= 2 and freed["old"]:
        yield sure(
            "D10", freed["line"],
            f"{freed['old']} of the {freed['nodes']} nodes of this graph belong to an iteration whose backward pass is over",
            "h = h.detach() between iterations, or compute the forward pass anew in each",
            old_nodes=freed["old"], nodes=freed["nodes"],
        )  # fmt: skip


def kept(run: Run) -> Iterator[Finding]:
    """All earlier losses still hold their graphs: they were added up, or put in a list, as tensors."""
    passes = [p for p in run.passes if not p.capture and p.nodes]
    for line in {p.line for p in passes}:
        own = [p for p in passes if p.line == line]
        last = own[-1]
        if len(own) >= PASSES and last.alive >= 0.8 * min(len(passes) - 1, 399):
            yield sure(
                "D10", line,
                f"after {len(own)} iterations the graphs of {last.alive} earlier losses are still held, {last.nodes} nodes each",
                "total += loss.item(), losses.append(loss.item())",
                graphs=last.alive, iterations=len(own),
            )  # fmt: skip
            return


def growing(run: Run) -> Iterator[Finding]:
    """Each pass walks over the graph of all iterations before it."""
    for line in {p.line for p in run.passes}:
        sizes = [p.nodes for p in run.passes if p.line == line]
        if len(sizes) >= PASSES and all(b > a for a, b in zip(sizes, sizes[1:])) and sizes[-1] >= 3 * sizes[0]:
            yield sure(
                "D10", line,
                f"the graph grew from {sizes[0]} to {sizes[-1]} nodes in {len(sizes)} iterations: each leads back into those before it",
                "h = h.detach() between iterations, and no retain_graph=True",
                first=sizes[0], last=sizes[-1], iterations=len(sizes),
            )  # fmt: skip
