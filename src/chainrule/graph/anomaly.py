"""Anomaly detection: which operation of the forward pass made the NaN, or the error, that a backward pass meets."""

from __future__ import annotations

import os
import warnings
from sys import _getframe
from types import FrameType
from typing import Any

import numpy as np

from ..base.errors import GradientError, message
from ..base.trail import Place, span
from .value import Node, Value

OWN = tuple(
    os.path.join(os.path.dirname(os.path.dirname(__file__)), layer) + os.sep for layer in ("graph", "ops", "tensors")
)


class Anomaly:
    """Whether detection is on, in all threads, and whether gradients are searched for NaN."""

    on = False
    check_nan = True


anomaly = Anomaly()


def note(node: Node, depth: int = 1) -> None:
    """Remember with a node where the program was that led to it, without the library's last steps.

    Only places, innermost first: the lines are looked up when somebody asks for them, a hundred times later or never.
    """
    frame: FrameType | None = _getframe(depth + 1)
    while frame is not None and frame.f_code.co_filename.startswith(OWN):
        frame = frame.f_back
    places = []
    while frame is not None:
        places.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    node.places = places


def lines(places: list[Place]) -> list[str]:
    """Places as the lines of a traceback, the innermost last."""
    import traceback

    stack = [traceback.FrameSummary(code.co_filename, span((code, at))[0], code.co_name) for code, at in reversed(places)]
    return traceback.format_list(stack)


def search(node: Node, g: Any, found: Any) -> None:
    """Refuse gradients of a node's inputs that are not numbers."""
    for i, (d, edge) in enumerate(zip(found, node.edges)):
        if edge is None or d is None:
            continue
        array = np.asarray(d.array if isinstance(d, Value) else d)
        if array.dtype.kind not in "fc" or not np.isnan(array).any():
            continue
        place = [int(k) for k in np.argwhere(np.isnan(array))[0]]
        arrived = [np.asarray(v.array if isinstance(v, Value) else v) for v in (g if type(g) is list else [g]) if v is not None]
        whose = "arrived with NaN in it already" if any(np.isnan(v).any() for v in arrived) else "had no NaN in it"
        raise GradientError(
            message(
                f"Function '{node.name()}' returned nan values in its {i}th output.",
                f"the first NaN is at {place} of the gradient of its input {i}; the upstream gradient {whose}",
                "keep the operation's input away from where its derivative is 0/0 or ∞·0: x.clamp(min=1e-8).sqrt(), "
                "or x where the condition holds and a harmless number elsewhere, before the operation",
            )
        )


def explain(node: Node) -> None:
    """Warn which lines of the program made the node at which a backward pass failed."""
    lines = node.metadata.get("traceback_")
    if lines is None:
        text = "No forward pass information available. Enable detect anomaly during forward pass for more information."
    else:
        text = "Traceback of forward call that caused the error:\n" + "".join(lines)
    warnings.warn(f"Error detected in {node.name()}. {text}", UserWarning, stacklevel=5)
