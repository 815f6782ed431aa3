"""What a picture of a graph shows: boxes and edges at one fold, with the texts on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from .blackboard import Blackboard
from .numbers import FEW, counted, norm, number, show, size
from .quantities import Local, Quantity
from .writing import uniform

MOST = 48  # boxes in one picture; more are folded into runs
LONGEST = 52  # characters of a line
SMALL = 64  # entries of which it is seen whether they are all the same
LABEL = 26  # of an edge's label
FAN = 3  # arrows from one parameter or input
GIVEN = ("parameter", "given", "outside")
SHORT = 8  # of a name that is written out in ∂loss/∂name

MARKS = {"parameter": "parameter", "constant": "given", "computed": "op"}


@dataclass(eq=False)
class Box:
    """One box: ``kind`` is parameter, given, op, module, outside or loss; ``lines`` its texts, the title first."""

    kind: str
    title: str
    quantities: list[Quantity]
    path: str = ""  # of a module
    lines: list[str] = field(default_factory=list)
    gradient: str = ""

    @property
    def last(self) -> Quantity:
        return self.quantities[-1]


@dataclass(eq=False)
class Arrow:
    """From what was computed first to what was computed from it; ``label`` tells the local gradient, or what passes.

    ``partial`` is the local gradient's name, where the label tells one.
    """

    start: Box
    end: Box
    label: str = ""
    partial: str = ""


@dataclass
class Scene:
    """All boxes, first computed first, and the arrows between them."""

    boxes: list[Box]
    arrows: list[Arrow]


class Graph:
    """The quantities of a blackboard, each in its module; from it scenes are cut."""

    def __init__(
        self, board: Blackboard, modules: dict[Quantity, str], kinds: dict[str, str], with_gradients: bool
    ) -> None:
        self.board, self.modules, self.kinds, self.with_gradients = board, modules, kinds, with_gradients
        self.quantities = self.ordered()

    def ordered(self) -> list[Quantity]:
        """First computed first; parameters and constants just before what first uses them."""
        found: dict[Quantity, None] = {}
        for q in self.board.lines():
            for given in [*q.constants, *q.inputs]:
                if given.kind != "computed":
                    found.setdefault(given)
                    if given.kind == "constant":  # one without a name was made where it is used, such as a mask
                        self.modules[given] = "" if given.named else self.modules.get(q, "")
            found[q] = None
        return list(found)

    # ------------------------------------------------------------------ folds

    def folded(self, depth: int | None, inside: str = "") -> Scene:
        """A scene of what is inside a module, its modules deeper than ``depth`` levels below it folded into one box each."""
        boxes = self.boxes(depth, inside)
        return self.scene(boxes, {q: box for box in boxes for q in box.quantities})

    def boxes(self, depth: int | None, inside: str = "") -> list[Box]:
        """The boxes of that scene, still without texts."""
        prefix = f"{inside}." if inside else ""
        folds: dict[str, Box] = {}
        found: list[Box] = []
        for q in self.quantities:
            path = self.modules.get(q, "")
            if inside and path != inside and not path.startswith(prefix):
                continue
            rest = path.removeprefix(prefix) if path != inside else ""
            parts = rest.split(".") if rest else []
            if depth is None or len(parts) < depth or not parts:
                found.append(Box(self.kind(q), q.name, [q]))
                continue
            fold = prefix + ".".join(parts[:depth])
            if fold not in folds:
                folds[fold] = Box("module", fold, [], fold)
                found.append(folds[fold])
            folds[fold].quantities.append(q)
        return found

    def kind(self, q: Quantity) -> str:
        return "loss" if q is self.board.loss and self.with_gradients else MARKS[q.kind]

    def scene(self, order: list[Box], member: dict[Quantity, Box]) -> Scene:
        """The boxes with their texts, and arrows between them; of a module also what enters and leaves it."""
        arrows: dict[tuple[Box, Box], Arrow] = {}
        entering: dict[Quantity, Box] = {}
        leaving: dict[str, Box] = {}
        for q in self.quantities:
            for source in [*q.constants, *q.inputs]:
                if source not in member and q not in member or member.get(source) is member.get(q):
                    continue
                start = member.get(source) or entering.setdefault(source, Box("outside", source.name, [source]))
                there = self.modules.get(q) or q.name
                end = member.get(q) or leaving.setdefault(there, Box("outside", f"→ {there}", [source]))
                if (start, end) not in arrows:
                    arrows[start, end] = Arrow(start, end, *self.label(start, end, source, q))
        rank = {q: i for i, q in enumerate(self.quantities)}
        order = [*entering.values(), *sorted(order, key=lambda box: rank[box.last]), *leaving.values()]
        for box in order:
            self.write(box)
        return Scene(order, list(arrows.values()))

    # ------------------------------------------------------------------ texts

    def write(self, box: Box) -> None:
        """The texts of a box."""
        q = box.last
        if box.kind == "module":
            steps = [m for m in box.quantities if m.kind == "computed"]
            parameters = sum(prod(m.shape) for m in box.quantities if m.kind == "parameter")
            kind = self.kinds.get(box.path, "")
            box.title = cut(f"{box.path}: {kind}" if kind else box.path)
            inner = counted(len(steps), "operation") + (f", {parameters:,} parameters" if parameters else "")
            q = steps[-1] if steps else q
            box.lines = [inner, *([f"→ {size(q.shape)}"] if steps else [])]
        elif box.kind == "outside":
            box.title, box.lines = cut(box.title), [size(q.shape)]
            return
        else:
            box.title = cut(f"{q.name} = {q.formula}" if q.expression is not None else q.name)
            box.lines = [amount(q)]
        if self.with_gradients and q.gradient is not None and q is not self.board.loss:
            box.gradient = cut(self.gradient(q, q.gradient))

    def gradient(self, q: Quantity, g: np.ndarray) -> str:
        """``∂loss/∂w = −2``, ``gradient norm 0.0872``"""
        name = f"∂{self.board.loss.name}/∂{q.name}" if len(q.name) <= SHORT else "gradient"
        length = f"{name} norm {number(norm(g), 4)}"
        return fitting(lambda digits: f"{name} = {show(g, digits)}", length) if g.size <= FEW else length

    def label(self, start: Box, end: Box, source: Quantity, q: Quantity) -> tuple[str, str]:
        """The local gradient and its name, where single operations meet; between modules the shape of what passes."""
        if source.kind == "constant":
            return "", ""
        if {"module", "outside"} & {start.kind, end.kind} or not self.with_gradients:
            return (size(source.shape) if source.kind == "computed" else ""), ""
        found = next((d for d in q.locals if d.by is source), None)
        return ("", "") if found is None or not found.listed else (edge_text(found), found.name)


def edge_text(d: Local) -> str:
    """``x = 1``; of arrays only the formula."""
    formula = d.formula
    value = uniform(d.value) if prod(d.of.shape) <= SMALL and d.value is not None else None
    if value is None or value.size > 1:
        return formula if len(formula) <= LABEL else ""
    number = show(value)
    return formula if formula == number else f"{formula} = {number}" if len(formula + number) < LABEL - 2 else number


def amount(q: Quantity) -> str:
    """A value: few entries in full, of more the shape."""
    value = q.value if prod(q.shape) <= FEW and len(q.shape) <= 2 else None
    return size(q.shape) if value is None else fitting(lambda digits: show(value, digits), size(q.shape))


def fitting(shown: Callable[[int], str], otherwise: str) -> str:
    """Entries with as many digits as a line has room for; a number with half of its digits cut off says something else."""
    return next((s for digits in (4, 3, 2) if len(s := shown(digits)) <= LONGEST), otherwise)


def cut(s: str, most: int = LONGEST) -> str:
    return s if len(s) <= most else s[: most - 1] + "…"


def prod(shape: tuple[int, ...]) -> int:
    n = 1
    for k in shape:
        n *= k
    return n


# ---------------------------------------------------------------------- runs of very many boxes


def in_runs(scene: Scene, most: int = MOST) -> Scene:
    """A scene of about ``most`` boxes: successive operations are put into one box where there are more.

    What only one of these runs uses goes into it; a parameter of several stays a box of its own.
    """
    if len(scene.boxes) <= most:
        return scene
    steps = [box for box in scene.boxes if box.kind not in GIVEN]
    length = max(2, -(-len(steps) // most))
    runs = [steps[i : i + length] for i in range(0, len(steps), length)]
    home = {box: k for k, run in enumerate(runs) for box in run}
    users: dict[Box, set[int]] = {}
    for arrow in scene.arrows:
        if arrow.start.kind in GIVEN and arrow.end in home:
            users.setdefault(arrow.start, set()).add(home[arrow.end])
    shared = []
    for box in [box for box in scene.boxes if box.kind in GIVEN]:
        if len(used := users.get(box, set())) == 1:
            runs[used.pop()].insert(0, box)
        else:
            shared.append([box])
    return grouped(scene, [*shared, *runs])


def thinned(scene: Scene) -> Scene:
    """What many boxes use keeps its arrow to the first of them; the others name it in their formulas, or as what they use."""
    out: dict[Box, list[Arrow]] = {}
    for arrow in scene.arrows:
        if arrow.start.kind in GIVEN:
            out.setdefault(arrow.start, []).append(arrow)
    dropped: set[Arrow] = set()
    used: dict[Box, list[str]] = {}
    for box, arrows in out.items():
        if len(arrows) > FAN:
            dropped |= set(arrows[1:])
            for arrow in arrows[1:]:
                if arrow.end.kind == "module":
                    used.setdefault(arrow.end, []).append(box.title.partition(" = ")[0])
    if not dropped:
        return scene
    renewed = {box: replace(box, lines=[*box.lines, cut(f"uses {', '.join(names)}")]) for box, names in used.items()}
    boxes = [renewed.get(box, box) for box in scene.boxes]
    arrows = [a for a in scene.arrows if a not in dropped]
    return Scene(
        boxes, [replace(a, start=renewed.get(a.start, a.start), end=renewed.get(a.end, a.end)) for a in arrows]
    )


def grouped(scene: Scene, runs: list[list[Box]]) -> Scene:
    """Each run of boxes as one box."""
    home: dict[Box, Box] = {}
    boxes = []
    for run in runs:
        if len(run) == 1:
            home[run[0]] = run[0]
            boxes.append(run[0])
            continue
        quantities = [q for box in run for q in box.quantities]
        box = Box("module", f"{run[0].last.name} … {run[-1].last.name}", quantities)
        box.lines = [
            counted(sum(q.kind == "computed" for q in quantities), "operation"),
            f"→ {size(run[-1].last.shape)}",
        ]
        box.gradient = run[-1].gradient
        boxes.append(box)
        home |= dict.fromkeys(run, box)
    arrows: dict[tuple[Box, Box], Arrow] = {}
    for arrow in scene.arrows:
        start, end = home[arrow.start], home[arrow.end]
        if start is not end:
            same = start is arrow.start and end is arrow.end
            arrows.setdefault((start, end), Arrow(start, end, arrow.label if same else ""))
    return Scene(boxes, list(arrows.values()))


def runs_of(scene: Scene, shown: Scene) -> Iterator[tuple[Box, Scene]]:
    """For the boxes that `in_runs` made of a scene: each with the scene of what is in it."""
    inner = {q: box for box in scene.boxes for q in box.quantities}
    known = set(scene.boxes)
    for run in shown.boxes:
        if run not in known:
            within = dict.fromkeys(inner[q] for q in run.quantities)
            yield run, Scene(list(within), [a for a in scene.arrows if a.start in within and a.end in within])
