"""The causes for which two runs part, each a function of the two steps: (kind, what, evidence), or None.

The order of `CAUSES` is the order in which they are told. A cause is named only with an effect of it: that two seeds
differ proves nothing about a step which drew no random number.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .notes import BY_HAND
from .rounding import ulps
from .run import Parameter, Step
from .streams import OWN
from .summaries import ABSENT

Cause = tuple[str, str, dict[str, Any]]
PLAUSIBLE = 256  # differences of so many rounding errors of the largest entry are still told as rounding
ORDER = ("value", "gradient", "new value")
SHOWN = 3  # names that are listed


class Pair(NamedTuple):
    """The same step of two runs, the common step before it, and what is known of the runs as wholes."""

    a: Step
    b: Step
    before: Any  # the Pair of the common step before, or None
    about: tuple[dict[str, Any], dict[str, Any]]

    @property
    def number(self) -> int:
        return self.a.number

    def fact(self, name: str) -> tuple[Any, Any]:
        return self.a.facts[name], self.b.facts[name]

    def differs(self, name: str) -> bool:
        x, y = self.fact(name)
        return not same(x, y)

    def parameters(self) -> list[tuple[Parameter, Parameter]]:
        return [(p, self.b.parameters[name]) for name, p in self.a.parameters.items() if name in self.b.parameters]

    def unlike(self, which: int) -> list[tuple[Parameter, Parameter]]:
        """The parameters whose value (0), gradient (1) or new value (2) differs."""
        return [(p, q) for p, q in self.parameters() if p.keys[which] != q.keys[which]]

    @property
    def other_shapes(self) -> bool:
        return described(self.a) != described(self.b)


def same(x: Any, y: Any) -> bool:
    return x == y or (isinstance(x, float) and isinstance(y, float) and x != x and y != y)


def described(step: Step) -> dict[str, Any]:
    return {name: (p.shape, p.dtype) for name, p in step.parameters.items()}


def effects(pair: Pair) -> bool:
    """Whether anything but the random streams differs at a step."""
    facts = any(pair.differs(name) for name in ("loss", "graph", "settings", "rates", "batch", "order", "entering"))
    return facts or pair.other_shapes or any(p.keys != q.keys for p, q in pair.parameters())


# ------------------------------------------------------------------ random numbers


def random(pair: Pair) -> Cause | None:
    """Other random numbers: another seed, or the same stream at another place; and what was drawn from it differs."""
    if pair.other_shapes:
        return None  # no seed makes a layer wider; that it draws more is a consequence
    for name, x, y in seeds(pair):
        if x != y and (drawn := drawn_otherwise(pair)):
            return "random", f"{name} is {x} in A, {y} in B, and {drawn}", {"seed": [x, y]}
    stream = stream_moved(pair)
    if stream and (drawn := drawn_otherwise(pair, later=True)):
        said = f"{stream}'s random state before step {pair.number} is another"
        own = stream == OWN and not pair.differs("seed")
        since = " (more or fewer numbers were drawn since the same seed)" if own else ""
        return "random", f"{said}{since}, and {drawn}", {"stream": stream}
    return None


def seeds(pair: Pair) -> list[tuple[str, Any, Any]]:
    a, b = pair.fact("loader")
    found = [("the seed", *pair.fact("seed"))] if not all(pair.fact("fresh")) else []
    if a and b:
        found.append(("the seed of the DataLoader's generator", a["seed"], b["seed"]))
    return found


def drawn_otherwise(pair: Pair, later: bool = False) -> str:
    """What is drawn at random and differs: initial parameters (unless ``later``), the data's order, masks in the graph."""
    if pair.before is None and pair.unlike(0) and not later:
        return "the initial parameters differ"
    if pair.differs("order") or pair.differs("batch"):
        return "the batch differs"
    if pair.differs("entering") and not pair.differs("graph") and not pair.unlike(0):
        return f"what enters {first_entering(pair)[1]} differs"
    return ""


def stream_moved(pair: Pair) -> str:
    """A stream that stood elsewhere in the two runs before this step drew from it."""
    a, b = pair.fact("loader")
    if a and b and a["seed"] == b["seed"] and a["state"] != b["state"]:
        return OWN
    if pair.before is None:
        starts = [about["start"] for about in pair.about]
        reseeded = any(start["seed"] != seed for start, seed in zip(starts, pair.fact("seed")))
        own = {} if reseeded else {OWN: [start["states"][OWN] for start in starts]}
        earlier = [start["states"] for start in starts]
    else:
        earlier = list(pair.before.fact("states"))
        own = {OWN: [states[OWN] for states in earlier]}
    others = {
        name: [x, y]
        for name, x, y in ((n, *[states.get(n) for states in pair.fact("states")]) for n in ("Python", "NumPy"))
        if any(start["states"].get(name) != now for start, now in zip((a["start"] for a in pair.about), (x, y)))
    }
    return next((name for name, (x, y) in {**own, **others}.items() if x != y), "")


# ------------------------------------------------------------------ data, settings, parameters


def data(pair: Pair) -> Cause | None:
    """Another batch: other rows, the same rows with other entries, or other arrays that no loader delivered."""
    if pair.differs("order"):
        a, b = (", ".join(rows) or "none known" for rows in pair.fact("rows"))
        return "data", f"the rows of the batch are {a} … in A, {b} … in B", {"rows": list(pair.fact("rows"))}
    if pair.differs("batch"):
        rows = pair.a.rows
        which = f", though its rows are the same, {', '.join(rows)} …" if rows else ""
        return "data", f"the batch has other entries{which}", {"batch": list(pair.fact("batch"))}
    if pair.differs("entering") and not pair.differs("graph") and not pair.unlike(0) and not pair.other_shapes:
        place, operation = first_entering(pair)
        return "data", f"the data or constant that enters {operation} differs", {"operation": place}
    return None


def first_entering(pair: Pair) -> tuple[int, str]:
    """The first operation that something else enters from without, by its place and in words."""
    a, b = pair.fact("entering")
    place = min(int(n) for n in {**a, **b} if a.get(n) != b.get(n))
    return place, f"operation {place} of {len(pair.a.graph)}, {pair.a.graph[place - 1]},"


def settings(pair: Pair) -> Cause | None:
    """Another learning rate, optimizer, or setting of it."""
    if pair.differs("rates"):
        a, b = (", ".join(f"{rate:.9g}" for rate in rates) or "none" for rates in pair.fact("rates"))
        return "settings", f"the learning rate is {a} in A, {b} in B", {"rates": list(pair.fact("rates"))}
    if not pair.differs("settings"):
        return None
    first, second = pair.a.settings, pair.b.settings
    if BY_HAND in (first, second):
        a, b = ("made by hand" if text == BY_HAND else "made by an optimizer" for text in (first, second))
        return "settings", f"the update is {a} in A, {b} in B", {}
    x, y = json.loads(first), json.loads(second)
    if x["optimizer"] != y["optimizer"]:
        names = [x["optimizer"], y["optimizer"]]
        return "settings", f"the optimizer is {names[0]} in A, {names[1]} in B", {"optimizer": names}
    if len(x["groups"]) != len(y["groups"]):
        sizes = [len(x["groups"]), len(y["groups"])]
        return "settings", f"the optimizer has {sizes[0]} parameter groups in A, {sizes[1]} in B", {"groups": sizes}
    for i, (g, h) in enumerate(zip(x["groups"], y["groups"])):
        for name in {**g, **h}:
            if g.get(name) != h.get(name):
                where = f" of group {i}" if len(x["groups"]) > 1 else ""
                what = f"{x['optimizer']}'s {name}{where} is {g.get(name)} in A, {h.get(name)} in B"
                return "settings", what, {"setting": name, "values": [g.get(name), h.get(name)]}
    return None


def shapes(pair: Pair) -> Cause | None:
    """Parameters of another shape, or others altogether. Told first: no seed makes a layer wider."""
    a, b = described(pair.a), described(pair.b)
    for name in {**a, **b}:
        if a.get(name) != b.get(name):
            x, y = (f"{list(d[name][0])} {d[name][1]}" if name in d else "not there" for d in (a, b))
            return "parameters", f"{name} is {x} in A, {y} in B", {"parameter": name}
    return None


def parameters(pair: Pair) -> Cause | None:
    """Other values before the step: at the first, initial ones; later, changed between two steps."""
    unlike = pair.unlike(0)
    if not unlike:
        return None
    names = [p.name for p, _ in unlike]
    listed = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    if pair.before is None:
        start = "the initial values of" if pair.number == 1 else "the values before the first common step of"
        return "parameters", f"{start} {listed} differ", {"parameters": names}
    since = pair.before.number
    return (
        "parameters",
        f"{listed} changed between step {since} and step {pair.number}, by no recorded step",
        {"parameters": names},
    )


# ------------------------------------------------------------------ operations and rounding


def operation(pair: Pair) -> Cause | None:
    """The first operation of the step's graph that is another."""
    if not pair.differs("graph"):
        return None
    a, b = pair.a.graph, pair.b.graph
    place = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    x, y = (lines[place] if place < len(lines) else "the end" for lines in (a, b))
    what = f"operation {place + 1} of the step's graph is {x} in A, {y} in B"
    return "operation", what, {"place": place + 1, "operations": [x, y], "count": [len(a), len(b)]}


def rounding(pair: Pair) -> Cause:
    """What remains: the same operations on the same data with the same parameters gave other digits."""
    for which in (1, 2):
        unlike = pair.unlike(which)
        if unlike:
            return widest(unlike, which)
    x, y = pair.fact("loss")
    close = x is not None and y is not None and np.isclose(x, y, rtol=1e-5, atol=0)
    return "rounding" if close else "values", f"the loss is {x} in A, {y} in B; nothing else differs", {"loss": [x, y]}


def widest(unlike: list[tuple[Parameter, Parameter]], which: int) -> Cause:
    """Of the arrays that differ, the entry at which they are furthest apart."""
    worst: tuple[int, str, str, float] | None = None
    for p, q in unlike:
        if ABSENT in (p.keys[which], q.keys[which]):
            where = "A" if p.keys[which] == ABSENT else "B"
            return "values", f"{p.name} has no gradient in {where}", {"parameter": p.name}
        if not (p.is_kept(which) and q.is_kept(which)):
            continue
        x, y = p.array(which), q.array(which)
        apart = ulps(x, y)
        place = np.unravel_index(int(apart.argmax()), apart.shape)
        if worst is None or apart[place] > worst[0]:
            index = f"[{', '.join(str(int(i)) for i in place)}]" if place else ""
            worst = (
                int(apart[place]),
                p.name,
                f"{p.name}{index}: {x[place]!s} in A, {y[place]!s} in B",
                in_epsilons(x, y),
            )
    if worst is None:
        return by_summaries(*unlike[0], which)
    size, name, said, far = worst
    what = f"the {ORDER[which]} of {name} differs by at most {size:,} units in the last place, at {said}"
    evidence = {"ulps": size, "parameter": name, "array": ORDER[which]}
    if far > PLAUSIBLE:
        return "values", what + "; too much for rounding: data or a constant entered unseen", evidence
    return "rounding", what, evidence


def by_summaries(p: Parameter, q: Parameter, which: int) -> Cause:
    """The same, where the entries were not kept."""
    x, y = (side.summaries["gradient" if which == 1 else "update"] for side in (p, q))
    assert x is not None and y is not None  # what is there has a summary
    close = np.isclose(x.norm, y.norm, rtol=1e-4)
    what = f"the {ORDER[which]} of {p.name} differs, by its hash; its norms are {x.norm:.9g} in A, {y.norm:.9g} in B"
    return (
        "rounding" if close else "values",
        what,
        {"parameter": p.name, "norms": [x.norm, y.norm], "array": ORDER[which]},
    )


def in_epsilons(x: np.ndarray, y: np.ndarray) -> float:
    """The largest difference in rounding errors of the largest entry, where x and y are floating-point."""
    kind = x.dtype if x.dtype.kind in "fc" else np.dtype("f4")
    with np.errstate(all="ignore"):
        far = float(np.abs(x - y).max())
        return far / (float(np.finfo(kind).eps) * float(np.abs(x).max())) if far else 0.0


CAUSES: tuple[Callable[[Pair], Cause | None], ...] = (shapes, random, data, settings, parameters, operation)
