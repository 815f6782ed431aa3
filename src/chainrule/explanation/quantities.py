"""The lines on a blackboard: a `Quantity`, the `Local` gradient between two of them, a `Path` from the loss to one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.expr import Expr, Number, Symbol, expr, text
from ..graph.value import Node
from .history import UNKNOWN, is_elementwise

if TYPE_CHECKING:
    from .blackboard import Blackboard


@dataclass(eq=False)
class Quantity:
    """One named thing: a parameter, a constant, or something computed.

    ``name`` and ``formula`` are texts, ``value`` its array (None where nobody kept it), ``gradient`` is ∂loss/∂(it).
    """

    symbol: Symbol
    kind: str  # "parameter", "constant", "computed"
    board: Blackboard = field(repr=False)
    node: Node | None = None
    given: Any = None  # a constant's value
    expression: Expr | None = None
    members: list[Node] = field(default_factory=list, repr=False)  # the nodes that this line stands for
    inputs: list[Quantity] = field(default_factory=list, repr=False)
    constants: list[Quantity] = field(default_factory=list, repr=False)  # those its formula names
    named: bool = True  # whether the program has a name for it
    variable: str = ""  # its name as the program writes it: y_hat for ŷ

    @property
    def name(self) -> str:
        return self.symbol.name

    @property
    def formula(self) -> str:
        return "" if self.expression is None else text(self.expression)

    @property
    def value(self) -> np.ndarray | None:
        found = self.given if self.node is None else self.board.history.value(self.node)
        return None if found is UNKNOWN else found

    @property
    def gradient(self) -> np.ndarray | None:
        g = None if self.node is None else self.board.history.gradients.get(self.node)
        return None if g is None else np.asarray(g)

    @property
    def shape(self) -> tuple[int, ...]:
        known = self.gradient if self.node is not None else self.given
        return () if known is None or known is UNKNOWN else tuple(known.shape)

    @cached_property
    def locals(self) -> list[Local]:
        """The local gradients with respect to its inputs."""
        single = self.gradient is not None and self.gradient.size == 1
        entrywise = all(is_elementwise(m) for m in self.members)
        return [Local(self, q, single or entrywise, entrywise) for q in self.inputs]

    @cached_property
    def numbers(self) -> dict[Node, np.ndarray]:
        """Their values, where their entries can be listed."""
        return self.board.local_numbers(self)


@dataclass(eq=False)
class Local:
    """∂of/∂by: ``listed`` says whether ``value`` holds its entries, as entry meets entry or ``of`` is a single number.

    ``formula`` is then ∂of/∂by itself; otherwise what becomes of ∂loss/∂of on its way to ``by``, as the Jacobian is too
    large to be written down.
    """

    of: Quantity
    by: Quantity
    listed: bool
    entrywise: bool  # then it is not summed over what was stretched

    @property
    def name(self) -> str:
        top = self.of if self.listed else self.of.board.loss
        return f"∂{top.name}/∂{self.by.name}"

    @property
    def value(self) -> np.ndarray | None:
        return self.of.numbers.get(self.by.node) if self.listed else None  # type: ignore[arg-type]

    @cached_property
    def expression(self) -> Expr:
        board = self.of.board
        return board.pulled(self.of, Number(1) if self.listed else board.partial(self.of), self.by, not self.entrywise)

    @property
    def formula(self) -> str:
        return text(self.expression)


@dataclass(eq=False)
class Path:
    """One way from the loss to a parameter; ``share`` is what it adds to the gradient."""

    quantities: list[Quantity]
    share: np.ndarray

    @property
    def factors(self) -> list[tuple[Quantity, Quantity]]:
        return list(zip(self.quantities, self.quantities[1:]))

    @cached_property
    def expression(self) -> Expr:
        board, g = self.quantities[0].board, expr(Number(1))
        for of, by in self.factors:
            g = board.pulled(of, g, by, True)
        return g

    @property
    def formula(self) -> str:
        return text(self.expression)
