"""Drawing, running and judging cases."""

from __future__ import annotations

from random import Random
from typing import Any

import chainrule

from .case import Case
from .compare import difference, sensitivity_of
from .draw import Draw
from .known import reason
from .observe import Seen, observe
from .specs import SPECS, Spec


def drawn(name: str, number: int, seed: int = 0) -> Case:
    """The case of this number of a name: the same for the same seed, whatever else is run."""
    args, named = SPECS[name].draw(Draw(Random(f"{seed}/{name}/{number}")))
    return Case(name, args, named)


def missing(spec: Spec, name: str) -> bool:
    """Does chainrule lack the name?"""
    found: Any = chainrule
    for part in (spec.needs or name).split("."):
        try:
            found = getattr(found, part)
        except (AttributeError, ImportError):
            return True
    return False


def judged(torch: Any, case: Case) -> tuple[str, Seen, Seen]:
    """What differs between the libraries in this case, "" for nothing; and what was seen of each."""
    spec = SPECS[case.name]
    theirs = observe(torch, case, spec, orders=spec.orders)
    ours = observe(chainrule, case, spec, orders=spec.orders)
    wide = sensitivity_of(torch, case, spec, theirs)
    return difference(case, ours, theirs, spec.exact, wide), ours, theirs


def unexplained(torch: Any, case: Case) -> str:
    """What differs and is not known."""
    found = judged(torch, case)[0]
    return "" if not found or reason(case, found) else found
