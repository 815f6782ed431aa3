"""What every optimizer can tell of its next step; `telling.py`, which does it, is loaded when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .telling import Reading, StepExplanation, Term, Terms


class Explained:
    """An optimizer's mathematics for reading: ``terms``, or, of a step that evaluates the loss, ``facts`` and ``formula``."""

    def terms(self, on: Reading) -> Terms:
        """The rule as its paper writes it: yields (name, expression) line by line, the last one Δ (`telling.py`)."""
        yield from ()

    def facts(self, closure: Callable[[], Any]) -> list[Term]:
        """For a step that evaluates the loss itself: what it is made from, as lines of its explanation."""
        return []

    def formula(self) -> Any:
        """And how: Δ as an expression."""
        from ..graph.expr import Symbol

        return Symbol(f"the step of {type(self).__name__}")

    def explain_step(self, param: Any = None, *, closure: Callable[[], Any] | None = None) -> StepExplanation:
        """The update that `step` would make now, term by term, with before and after; nothing is changed.

        ``param``: one parameter, or some of its entries, ``(w, (3, 5))``; by default every parameter that has a gradient.
        ``closure``: for optimizers whose step evaluates the loss itself.

        >>> w = torch.tensor(1.0, requires_grad=True)
        >>> optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
        >>> ((w - 2) ** 2).backward()
        >>> optimizer.explain_step(w)
        SGD
           θ = w = 1
           g = ∂L/∂θ = −2
           b = g = −2
           Δ = lr · b = 0.1 · (−2) = −0.2
           θ ← θ − Δ = 1 − (−0.2) = 1.2
        """
        from .telling import explain_step

        return explain_step(self, param, closure, sys._getframe(1))  # type: ignore[arg-type]
