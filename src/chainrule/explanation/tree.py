"""A scene as text: a tree from the loss down to what it was computed from, or a list where it has many boxes."""

from __future__ import annotations

from .numbers import FEW
from .scene import Arrow, Box, Graph, Scene, prod

MOST = 24  # boxes in a tree


def as_tree(scene: Scene, graph: Graph) -> str:
    into: dict[Box, list[Arrow]] = {}
    for arrow in scene.arrows:
        into.setdefault(arrow.end, []).append(arrow)
    if len(scene.boxes) > MOST:
        return as_list(scene, into)
    lines: list[str] = []
    told: set[Box] = set()
    top = next(box for box in reversed(scene.boxes) if graph.board.loss in box.quantities)
    stack: list[tuple[Box, str, str, str]] = [(top, "", "", "")]
    while stack:
        box, before, below, label = stack.pop()
        again = box in told and bool(into.get(box))
        lines.append(f"{before}{label}{one_line(box)}" + ("   (see above)" if again else ""))
        if again:
            continue
        told.add(box)
        arrows = sorted(into.get(box, []), key=lambda a: a.start.kind == "given")
        for i, arrow in reversed(list(enumerate(arrows))):
            last = i == len(arrows) - 1
            stack.append(
                (arrow.start, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "), on_edge(arrow))
            )
    return "\n".join(lines)


def on_edge(arrow: Arrow) -> str:
    if not arrow.label:
        return ""
    return f"{arrow.label} ─ " if not arrow.partial else f"{arrow.partial} = {arrow.label.rpartition(' = ')[2]} ─ "


def one_line(box: Box) -> str:
    """A box on one line."""
    if box.kind in ("module", "outside"):
        return ", ".join([box.title, *box.lines]) + (f"   ({box.gradient})" if box.gradient else "")
    q = box.last
    shown = f"{box.title} = {box.lines[0]}" if prod(q.shape) <= FEW else f"{box.title}: {box.lines[0]}"
    return shown + (f"   ({box.gradient})" if box.gradient and box.kind == "parameter" else "")


def as_list(scene: Scene, into: dict[Box, list[Arrow]]) -> str:
    """Each box, first computed first, with what it was computed from."""
    lines = []
    for box in scene.boxes:
        sources = [a.start.title.partition(" = ")[0].partition(": ")[0] for a in into.get(box, [])]
        lines.append(one_line(box) + (f"   ← {', '.join(sources)}" if box.kind == "module" and sources else ""))
    return "\n".join(lines)
