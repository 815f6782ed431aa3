"""`draw`: the graph behind a loss, or of a model on an input, as a picture whose modules fold and unfold."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from ..base.errors import GradientError, message
from ..formats.atomic import write_atomically
from ..graph.value import Node, Value
from ..nn.module import Module
from . import svg
from .blackboard import Blackboard
from .folding import all_calls, by_calls, by_parameters
from .history import History, Snapshot
from .naming import names_around
from .numbers import counted
from .running import first_tensor, run
from .scene import MOST, Box, Graph, Scene, in_runs, runs_of
from .telling import checked
from .tree import as_tree

STYLE = """
.chainrule-graph{font:14px/1.5 system-ui,sans-serif;color:#1c2733;background:#fff;padding:.4em}
.chainrule-graph details{margin:.35em 0 .35em 1em;border-left:3px solid #d5e1f0;padding-left:.8em}
.chainrule-graph>details{margin-left:0;border:0;padding:0}
.chainrule-graph summary{cursor:pointer;padding:.1em 0}
.chainrule-graph summary b{color:#31507a}
.chainrule-graph summary span{color:#5d6874;margin-left:.6em}
.chainrule-graph .pic{overflow-x:auto}
.chainrule-graph svg{max-width:none}
.chainrule-graph svg a{cursor:pointer}
"""
# A click on a folded box opens its part of the page; without scripts, the parts are opened by hand. (An attribute rather
# than a script element, which notebooks run without telling it where it stands.)
ON_CLICK = (
    "var a=event.target.closest('a[href^=\\'#\\']');if(!a)return;"
    "var d=document.getElementById(a.getAttribute('href').slice(1));if(!d)return;event.preventDefault();"
    "for(var p=d;p;p=p.parentElement)if(p.tagName==='DETAILS')p.open=true;d.scrollIntoView({behavior:'smooth'});"
)
pages = count(1)  # so that the parts of two pictures on one page have different names


def draw(what: Any, input: Any = None, *, depth: int | None = None) -> Picture:
    """The computation graph: values and shapes in the boxes, ∂loss/∂(it) below them, local gradients on the edges.

    ``what``    a loss with its history (as for `explain`), or a module, which is then run once on ``input`` (its state and
                the random stream stay as they are)
    ``input``   for a module: a tensor, a tuple of arguments, or a shape such as (32, 3)
    ``depth``   how many levels of modules are unfolded: 1 shows each of a model's children as one box; by default as
                many as stay readable. In HTML every box unfolds, whatever the depth.

    Printed, it is a tree; a notebook shows HTML; ``.save("graph.svg")`` writes SVG, ``.html`` or ``.txt``.

    >>> x, y = torch.tensor(1.0), torch.tensor(2.0)
    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> y_hat = w * x
    >>> loss = (y_hat - y) ** 2
    >>> print(torch.draw(loss))
    loss = v1² = 1
    └─ ∂loss/∂v1 = −2 ─ v1 = ŷ − y = −1
       ├─ ∂v1/∂ŷ = 1 ─ ŷ = w · x = 1
       │  ├─ ∂ŷ/∂w = 1 ─ w = 1   (∂loss/∂w = −2)
       │  └─ x = 1
       └─ y = 2
    """
    frame = sys._getframe(1)
    if isinstance(what, Module):
        return of_model(what, input, depth, frame)
    if input is not None:
        raise TypeError(
            message(
                "draw(loss) takes no input",
                "the loss remembers what it was computed from",
                "chainrule.draw(loss), or chainrule.draw(model, input=x)",
            )
        )
    root = checked(what)
    names = names_around(frame)
    history = History(Snapshot(root, what.array), names)
    modules = by_parameters(history.nodes, names.owners)
    return pictured(history, names.of_node.get(root, "loss"), modules, names.kinds, True, depth)


def of_model(model: Module, input: Any, depth: int | None, frame: FrameType) -> Picture:
    """The graph of a model's output."""
    if input is None:
        raise TypeError(
            message(
                "draw(model) needs an input: a module has no graph before it has computed something",
                instead="chainrule.draw(model, input=x), or a shape: chainrule.draw(model, input=(32, 3))",
            )
        )
    output, calls, given = run(model, input)
    found = first_tensor(output)
    if found is None or found.node is None:
        raise GradientError(
            message(
                "the model's output has no history, so there is no graph to draw",
                "none of its parameters asks for a gradient, or it computes under no_grad()",
                "model.requires_grad_(True)",
            )
        )
    names = names_around(frame, model)
    names.tensors += [
        ("input" if len(given) == 1 else f"input{i}", t) for i, t in enumerate(given, 1) if isinstance(t, Value)
    ]
    history = History(Snapshot(found.node, found.array), names)
    modules = by_calls(history.nodes, calls[0].calls if calls else [], names.owners)
    kinds = {call.path: type(call.module).__name__ for call in all_calls(calls)}
    return pictured(history, "output", modules, kinds, False, depth)


def pictured(
    history: History, name: str, modules: dict[Node, str], kinds: dict[str, str], gradients: bool, depth: int | None
) -> Picture:
    board = Blackboard(history, name, each=True)
    by_quantity = {q: modules.get(node, "") for node, q in board.quantities.items()}
    return Picture(Graph(board, by_quantity, kinds, gradients), depth)


class Picture:
    """What `draw` found; ``boxes`` and ``arrows`` are those of the picture at its ``depth``."""

    def __init__(self, graph: Graph, depth: int | None) -> None:
        if depth is not None and (not isinstance(depth, int) or depth < 1):
            raise ValueError(
                message(
                    f"depth must be at least 1, but is {depth!r}",
                    "at depth 1 each child of the model is one box",
                    "draw(loss, depth=2), or no depth for as many levels as stay readable",
                )
            )
        self.graph, self.depth = graph, depth
        self.scene = graph.folded(depth) if depth is not None else self.readable()

    @property
    def boxes(self) -> list[Box]:
        return self.scene.boxes

    @property
    def arrows(self) -> list[Any]:
        return self.scene.arrows

    def readable(self) -> Scene:
        """The deepest fold that has not too many boxes."""
        deepest = 1 + max((path.count(".") for path in self.graph.modules.values()), default=0)
        for depth in [None, *range(deepest, 0, -1)]:
            if len(self.graph.boxes(depth)) <= MOST:
                break
        return in_runs(self.graph.folded(depth))

    def svg(self) -> str:
        """One picture, folded to its depth."""
        return svg.drawn(self.scene, title=f"computation graph of {self.graph.board.loss.name}")

    def html(self) -> str:
        """All levels: a picture of each module, inside the one that it is part of, to be unfolded by a click."""
        page = f"g{next(pages)}"
        numbers = count(1)
        body = "".join(self.section("", page, numbers, True))
        return f'<div class="chainrule-graph" onclick="{ON_CLICK}"><style>{STYLE}</style>{body}</div>'

    def section(self, inside: str, page: str, numbers: Iterator[int], opened: bool, name: str = "") -> Iterator[str]:
        """One module: its picture, then the modules in it."""
        yield from self.part(
            self.graph.folded(1, inside), inside or self.graph.board.loss.name, page, numbers, opened, name
        )

    def part(
        self, scene: Scene, title: str, page: str, numbers: Iterator[int], opened: bool, name: str
    ) -> Iterator[str]:
        """One scene and the parts behind its boxes."""
        shown = in_runs(scene)
        runs = dict(runs_of(scene, shown))
        links = {box: f"{page}-{next(numbers)}" for box in shown.boxes if box.kind == "module"}
        operations = sum(q.kind == "computed" for box in scene.boxes if box.kind != "outside" for q in box.quantities)
        yield f'<details id="{name}"{" open" if opened else ""}>'
        yield f"<summary><b>{svg.safe(title)}</b><span>{counted(operations, 'operation')}</span></summary>"
        yield f'<div class="pic">{svg.drawn(shown, links, title)}</div>'
        for box, link in links.items():
            if box.path:
                yield from self.section(box.path, page, numbers, False, link)
            elif box in runs:
                yield from self.part(runs[box], box.title, page, numbers, False, link)
        yield "</details>"

    def text(self) -> str:
        """A tree from the loss down to what it was computed from; of many boxes, a list."""
        return as_tree(self.scene, self.graph)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture, in the form that the file's ending names; the file is replaced in one step."""
        forms = {".svg": self.svg, ".html": self.page, ".txt": lambda: self.text() + "\n"}
        target = Path(path)
        if target.suffix.lower() not in forms:
            raise ValueError(
                message(
                    f"don't know how to write a picture as {target.suffix or 'a file without an ending'!r}",
                    "known are .svg, .html and .txt",
                    f"picture.save({str(target.with_suffix('.svg'))!r})",
                )
            )
        write_atomically(target, forms[target.suffix.lower()]())
        return target

    def page(self) -> str:
        """The HTML as a whole page."""
        title = svg.safe(f"computation graph of {self.graph.board.loss.name}")
        head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
        return f'<!doctype html>\n<html lang="en">{head}<body>{self.html()}</body></html>\n'

    __str__ = __repr__ = text
    _repr_html_ = html
    _repr_svg_ = svg
