"""`explain`: the forward pass, each local gradient, and the chain rule along every path, of a loss the caller holds."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..base.errors import GradientError, did_you_mean, message
from ..graph.value import Leaf, Node, Value, wrap
from ..nn.module import Module
from ..optim.optimizer import Optimizer
from ..optim.telling import explain_step
from .blackboard import Blackboard
from .history import History, Snapshot
from .naming import names_around
from .numbers import norm, show
from .quantities import Path, Quantity
from .selecting import Selection, selected

MOST_PATHS = 8


def explain(
    loss: Any, wrt: Any = None, *, model: Module | None = None, paths: int = MOST_PATHS, each: bool = False
) -> Any:
    """∂loss/∂w = Σ over paths of the product of local gradients, told with the program's own names.

    ``loss``    a tensor of one number with its history, before ``backward()``; of a small graph also after it, until the
                next pass. Nothing is added to any ``.grad``. (An optimizer: the step it would take.)
    ``wrt``     what the loss is differentiated by: a tensor, its name, some of its entries (``w[3, 5]`` or
                ``(w, (3, 5))``), or a list of these; by default every parameter
    ``model``   the module whose parameter names are used, where no variable around the call holds it
    ``paths``   how many paths to each parameter are told, those along which most of the gradient flows first
    ``each``    give every operation a line of its own, instead of writing short ones into one formula

    >>> x, y = torch.tensor(1.0), torch.tensor(2.0)
    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> y_hat = w * x
    >>> loss = (y_hat - y) ** 2
    >>> print(torch.explain(loss))
    1  Forward pass
       w                = 1   (parameter)
       x                = 1
       y                = 2
       ŷ = w · x        = 1
       loss = (ŷ − y)²  = 1
    <BLANKLINE>
    2  Local gradients
       ∂ŷ/∂w = x               = 1
       ∂loss/∂ŷ = 2 · (ŷ − y)  = −2
    <BLANKLINE>
    3  Chain rule
       ∂loss/∂w = ∂loss/∂ŷ · ∂ŷ/∂w = 2 · (ŷ − y) · x = −2
    """
    if isinstance(loss, Optimizer):
        return explain_step(loss, wrt, None, sys._getframe(1))
    root = checked(loss)
    names = names_around(sys._getframe(1), model)
    history = History(Snapshot(root, loss.array), names)
    selections = chosen(wrt, history)
    towards = [s.node for s in selections] if wrt is not None else None
    name = names.of_node.get(root, "loss")
    board = Blackboard(history, name, towards, each)
    if wrt is None:
        selections = [
            Selection(q.node) for q in board.quantities.values() if q.kind == "parameter" and q.node is not None
        ]
    return Explanation(board, selections, paths)


def checked(loss: Any) -> Node:
    """The node of a tensor that can be explained."""
    if not isinstance(loss, Value):
        raise TypeError(
            message(
                f"explain() takes the loss, a tensor, but got {type(loss).__name__}",
                "what is explained is how a number came to be, and a tensor remembers that",
                "chainrule.explain(loss), with loss = loss_fn(model(x), y)",
            )
        )
    if loss.array.size != 1:
        raise GradientError(
            message(
                f"grad can be implicitly created only for scalar outputs: explain() got shape {list(loss.array.shape)}",
                f"{loss.array.size} numbers have {loss.array.size} gradients each; a loss is one number",
                "chainrule.explain(loss.mean()), or of one entry: chainrule.explain(loss[0])",
            )
        )
    if loss.node is None or isinstance(loss.node, Leaf):
        raise GradientError(
            message(
                "element 0 of tensors does not require grad and does not have a grad_fn: there is no history to explain",
                "the tensor was made, not computed, or computed from tensors that gradients are not asked for, or under no_grad",
                "w = torch.tensor(1.0, requires_grad=True), then compute the loss from w",
            )
        )
    return loss.node


def chosen(wrt: Any, history: History) -> list[Selection]:
    """What the caller asked gradients for, as nodes of the history."""
    if wrt is None:
        return []
    several = isinstance(wrt, list) or isinstance(wrt, tuple) and all(isinstance(t, (Value, str)) for t in wrt)
    here, names = set(history.nodes), history.names
    by_name = {name: node for name, node in names.paths.items() if node in here}
    by_name |= {name: node for node, name in names.of_node.items() if node in here}
    found = []
    for one in wrt if several else [wrt]:
        if isinstance(one, str):
            if one not in by_name:
                raise GradientError(
                    message(
                        f"the loss does not depend on anything called {one!r}." + did_you_mean(one, by_name),
                        f"it was computed from {', '.join(sorted(by_name)) or 'tensors without names'}",
                    )
                )
            found.append(Selection(by_name[one]))
        else:
            found.append(selected(one, history))
    return found


def held(told: Explanation, i: int) -> str:
    """What a parameter's ``.grad`` holds, where that is something else."""
    name, node = told.names[i], told.parameters[i].node
    target = node.target() if isinstance(node, Leaf) else None
    if target is None or target._grad is None:
        return ""
    mine, there = told.gradients[name].array, told.selections[i].pick(target._grad.array)
    if np.allclose(mine, there, rtol=1e-4, atol=1e-7) or not there.any():
        return ""
    return f"({name}.grad holds {show(there)}: gradients of several backward passes add up there until zero_grad())"


class Explanation:
    """What `explain` found; ``print`` it, show it in a notebook, or read its parts.

    ``loss``         the quantity explained
    ``steps``        the computed quantities, first computed first: ``name``, ``formula``, ``value``, ``gradient``
                     (∂loss/∂it), ``locals`` (the local gradients by each of its inputs: ``name``, ``formula``, ``value``)
    ``constants``    what was given and has no gradient
    ``parameters``   what the loss is differentiated by
    ``gradients``    by name, as the program writes it: ∂loss/∂parameter, as a tensor
    ``paths``        by name: the paths told, each with ``quantities``, ``formula`` and ``share``
    ``remarks``      by name: what is to be said of its ``.grad``, where that holds something else
    ``path_counts``  by name: how many paths there are over these steps (what one formula holds is one step)
    """

    def __init__(self, board: Blackboard, selections: list[Selection], most: int) -> None:
        self.board, self.selections, self.most = board, selections, most
        self.loss = board.loss
        self.steps: list[Quantity] = board.lines()
        self.constants = board.constants
        self.parameters: list[Quantity] = [board.quantities[s.node] for s in selections]
        self.names = [s.name(q.variable) for s, q in zip(selections, self.parameters)]
        self.labels = [
            s.name(q.name) for s, q in zip(selections, self.parameters)
        ]  # as formulas call them: ŷ for y_hat
        self.gradients = {
            name: wrap(np.array(s.pick(q.gradient))) for name, s, q in zip(self.names, selections, self.parameters)
        }
        self.path_counts = {name: board.count_paths(q) for name, q in zip(self.names, self.parameters)}
        self._paths: dict[str, list[Path]] = {}
        self.remarks = {name: held(self, i) for i, name in enumerate(self.names)}

    @property
    def paths(self) -> dict[str, list[Path]]:
        """By name, the paths told: all of them where ``path_counts`` says no more."""
        for name in self.names:
            self.paths_to(name)
        return self._paths

    def paths_to(self, name: str) -> list[Path]:
        """The paths to one parameter."""
        if name not in self._paths:
            k = self.names.index(name)
            ways = list(self.board.paths(self.parameters[k], self.most))
            told = [Path(p.quantities, self.selections[k].pick(p.share)) for p in ways]
            self._paths[name] = sorted(told, key=lambda way: -norm(way.share))
        return self._paths[name]

    def __str__(self) -> str:
        from .writing import written

        return written(self)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        from .markup import as_latex

        return as_latex(self)

    def to_html(self) -> str:
        """One piece of HTML that needs no other file."""
        from .markup import as_html

        return as_html(self)

    _repr_html_ = to_html
