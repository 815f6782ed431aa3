"""The shape of the document that the page reads; ``frontend/src/document.ts`` says the same.

A number is JSON's; what is not finite is the text ``NaN``, ``Infinity`` or ``-Infinity``. A part that cannot be shown is a
`Missing`. Nothing in a document grows with the data: curves are thinned, arrays told by pictures of at most 8×8 means.
"""

from __future__ import annotations

from typing import Any, TypedDict

VERSION = 1


class Missing(TypedDict):
    """Why a part is not there, as a sentence."""

    reason: str


class Cells(TypedDict):
    """An array as ``rows`` × ``columns`` signed bytes in base64: b / 127 · scale, −128 for what is not finite."""

    rows: int
    columns: int
    scale: float
    data: str


class Node(TypedDict, total=False):
    """A quantity: ``kind`` is parameter, data, operation or loss; ``numbers`` is its formula with numbers for names."""

    kind: str
    name: str
    formula: str
    numbers: str
    op: str
    shape: list[int]
    module: str
    value: str
    gradient: str
    v: Cells
    g: Cells


# `from` is where it comes from; `name` … `number` are there where a gradient flows back: ∂to/∂from (or what reaches the
# input, where it is not `listed`), its formula and value, and its share of the gradient.
Edge = TypedDict(
    "Edge",
    {"from": int, "to": int, "name": str, "formula": str, "listed": bool, "value": str, "share": str, "number": float},
    total=False,
)


class Graph(TypedDict):
    """One backward pass: nodes, first computed first; ``left_out`` counts those that were too many; ``kinds`` the modules'."""

    step: int
    loss: str
    operations: int
    left_out: int
    kinds: dict[str, str]
    nodes: list[Node]
    edges: list[Edge]


class Curves(TypedDict):
    """Loss and learning rates; of ``count`` steps those in ``steps`` are drawn."""

    steps: list[int]
    losses: list[float | None]
    rates: list[list[float | None]]
    count: int
    by_hand: bool
    ended: str


class FlowRow(TypedDict):
    """Root mean squares of a parameter at each step."""

    name: str
    shape: list[int]
    gradient: list[float | None]
    value: list[float | None]
    update: list[float | None]


class Flow(TypedDict):
    """Parameters over time."""

    steps: list[int]
    left_out: int
    parameters: list[FlowRow]


class Activation(TypedDict):
    """A module's outputs: at each step ``bins`` bytes between ``low`` and ``high``, share / most · 254; median, share of zeros."""

    name: str
    kind: str
    shape: list[int]
    steps: list[int]
    low: float
    high: float
    bins: int
    most: float
    shares: str
    medians: list[float]
    zeros: list[float]


class Plane(TypedDict):
    """The loss over a grid, ``z[j][i]`` at (xs[i], ys[j]), and the path on it; ``kind`` is curve, parameters, movement, random."""

    kind: str
    labels: list[str]
    xs: list[float]
    ys: list[float]
    z: list[list[float]]
    path: list[list[float]]
    steps: list[int]
    losses: list[float]


class Surface(TypedDict):
    """The planes that can be chosen from; the loss is the mean over the last ``batches`` batches."""

    planes: list[Plane]
    batches: int


class Frame(TypedDict, total=False):
    """The model at one step: bytes in base64 over the grid (row by row, the first axis fastest), or a curve's numbers."""

    values: str
    classes: str
    curve: list[float]


class Points(TypedDict):
    """Samples: a list for each column, the targets, and of how many they are."""

    x: list[list[float]]
    y: list[float]
    of: int


class Fit(TypedDict, total=False):
    """What a model makes of one or two columns; ``task`` is regression, binary or classes."""

    task: str
    labels: list[str]
    target: str
    points: Points
    axes: list[list[float]]
    range: list[float]
    classes: int
    frames: list[Frame]
    steps: list[int]


class Ladder(TypedDict):
    """A climb's table, and what was proved."""

    title: str
    header: list[str]
    blocks: list[list[list[str]]]
    verdict: list[str]


class Finding(TypedDict):
    """A finding of the doctor, and the section that it belongs to."""

    code: str
    severity: str
    file: str
    line: int
    title: str
    message: str
    evidence: dict[str, str]
    fix: str
    section: str


class Source(TypedDict):
    """The program's lines."""

    file: str
    name: str
    lines: list[str]
    left_out: int


class Document(TypedDict):
    """All of it."""

    schema: int
    title: str
    made: dict[str, str]
    error: str
    graphs: list[Graph] | Missing
    curves: Curves | Missing
    flow: Flow | Missing
    activations: list[Activation] | Missing
    surface: Surface | Missing
    fit: Fit | Missing
    ladders: list[Ladder]
    findings: list[Finding] | Missing
    source: Source | Missing


def problems(value: Any, shape: Any, place: str = "document") -> list[str]:
    """Where a value is not of the shape that its type says.

    >>> problems({"reason": 3}, Missing)
    ['document.reason: 3 is no str']
    """
    from types import UnionType
    from typing import get_args, get_origin, get_type_hints, is_typeddict

    if isinstance(shape, UnionType):
        found = [problems(value, one, place) for one in get_args(shape)]
        return min(found, key=len)
    if is_typeddict(shape):
        if not isinstance(value, dict):
            return [f"{place}: {type(value).__name__} is no {shape.__name__}"]
        hints = get_type_hints(shape)
        strange = [
            f"{place}: {name!r} is not known"
            for name in value.keys() ^ (hints.keys() & (value.keys() | shape.__required_keys__))
        ]
        return strange + [p for k in value.keys() & hints.keys() for p in problems(value[k], hints[k], f"{place}.{k}")]
    if get_origin(shape) is list:
        return [p for i, each in enumerate(value) for p in problems(each, get_args(shape)[0], f"{place}[{i}]")]
    if get_origin(shape) is dict:
        return [p for k, each in value.items() for p in problems(each, get_args(shape)[1], f"{place}.{k}")]
    if shape is float and value in ("NaN", "Infinity", "-Infinity"):
        return []
    kinds = (int, float) if shape is float else shape
    return [] if isinstance(value, kinds) else [f"{place}: {value!r} is no {getattr(shape, '__name__', shape)}"]
