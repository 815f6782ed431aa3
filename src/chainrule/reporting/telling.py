"""The last backward pass of a run as an `Explanation`, for the terminal."""

from __future__ import annotations

from ..explanation.blackboard import Blackboard
from ..explanation.selecting import Selection
from ..explanation.telling import MOST_PATHS, Explanation
from .graphs import Told


def explanation_of(told: Told) -> Explanation:
    """What `chainrule.explain(loss)` would have said just before the pass."""
    board = Blackboard(told.history, told.name)
    selections = [Selection(q.node) for q in board.quantities.values() if q.kind == "parameter" and q.node is not None]
    return Explanation(board, selections, MOST_PATHS)
