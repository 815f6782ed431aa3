"""What a report is made of, and the document that is made of it: each part is there, or says why it is not."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from .._version import __version__
from ..diagnosis.finding import Finding
from ..explanation.naming import Names, names_around
from ..graph.value import Node
from ..ladder.climbing import Climb
from ..recording.run import Run
from .axes import Axes, AxesError
from .graphs import Told, graph_of, paths_of
from .ladders import ladder_of
from .placing import placed
from .predictions import fit_of
from .replaying import Unavailable
from .schema import VERSION, Document
from .source import Source
from .surface import Parameters, surface_of
from .training import activations_of, curves_of, flow_of
from .watching import Layer, Moment, State

BOTH = 500  # operations up to which the first step's graph is shown beside the last one's

WHY = {
    "graphs": "no backward pass was made from a loss of one number.",
    "curves": "this report is of one loss; record the training with chainrule.record, or run the script by chainrule explain.",
    "flow": "this report is of one loss; record the training with chainrule.record, or run the script by chainrule explain.",
    "activations": "no module was called while gradients were recorded.",
    "surface": "no backward pass was made from a loss of one number.",
    "fit": "no backward pass was made from a loss of one number.",
    "findings": "the doctor has not watched this run.",
    "source": "there is no script: the report was made from within a program.",
}
NOT_CLIMBED = "this is a climb of the ladder; what its rungs compute is in the table."
NO_GRAPH = "a recording keeps the operations by name only; chainrule explain SCRIPT.py --html keeps the graph."


@dataclass
class Collected:
    """All that is known of a run; what is missing is None, and ``why`` says the reason by the part's name."""

    title: str
    first: Moment | None = None
    last: Moment | None = None
    states: list[State] = field(default_factory=list)
    recent: list[list[Node]] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    run: Run | None = None
    findings: list[Finding] | None = None
    climbs: list[Climb] = field(default_factory=list)
    source: Source | None = None
    error: str = ""
    steps: int = 0
    why: dict[str, str] = field(default_factory=dict)
    axes: Axes | None = None  # over which the loss surface is drawn, where that was chosen


def document_of(found: Collected) -> Document:
    """The document that the page shows."""
    told, names = last_told(found)
    makers: dict[str, Callable[[], Any]] = {
        "findings": lambda: found.findings and [placed(f) for f in found.findings],
        "source": lambda: found.source and found.source.as_document(),
        "activations": lambda: activations_of(found.layers, paths_of(names)),
    }
    if (run := found.run) is not None and len(run):
        makers |= {"curves": lambda: curves_of(run), "flow": lambda: flow_of(run)}
    if told is not None:
        makers |= {
            "graphs": lambda: graphs_of(found, told),
            "surface": lambda: surface_of(told.history, found.states, found.steps, found.recent, found.axes),
            "fit": lambda: fit_of(told.history, Parameters(told.history, found.states, found.steps), found.recent),
        }
    parts = {name: made(makers.get(name), found.why.get(name), missing) for name, missing in WHY.items()}
    if found.findings == []:
        parts["findings"] = []
    document = {
        "schema": VERSION,
        "title": found.title,
        "made": {"chainrule": __version__, "Python": platform.python_version()},
        "error": found.error,
        "ladders": [ladder_of(climb) for climb in found.climbs],
        **parts,
    }
    return cast(Document, document)


def made(make: Callable[[], Any] | None, known: str | None, missing: str) -> Any:
    """A part, or the reason in its place."""
    if known is not None or make is None:
        return {"reason": known or missing}
    try:
        return make() or {"reason": missing}
    except AxesError:
        raise  # what the caller asked for is wrong, rather than something that the page could say
    except Unavailable as reason:
        return {"reason": str(reason)}
    except Exception as error:  # one part that fails must not take the others with it; the page says what happened
        return {"reason": f"making it failed: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"}


def last_told(found: Collected) -> tuple[Told | None, Names]:
    """The last moment, read once for all parts that need it."""
    if found.last is None:
        return None, Names()
    names = names_around(found.last.scope)  # type: ignore[arg-type]  # a scope has what is asked of a frame
    return Told(found.last, names), names


def graphs_of(found: Collected, told: Told) -> list[dict[str, Any]]:
    """The graph of the first step and of the last; of a large one only the last."""
    last = graph_of(told)
    first = found.first
    if first is None or first is found.last or last["operations"] > BOTH:
        return [last]
    return [graph_of(Told(first, names_around(first.scope))), last]  # type: ignore[arg-type]
