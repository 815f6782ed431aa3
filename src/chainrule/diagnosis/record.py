"""`Run`: what happened while a program ran. The watchers write it, the checks read it.

Time is counted in the graph's own ticks, so that "computed before the step" is a comparison of two integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .lines import NOWHERE, Line


@dataclass(eq=False, repr=False)
class Weight:
    """A tensor that gradients are asked for, and what became of it."""

    leaf: Any  # its node in the graph; holds the tensor weakly
    shape: tuple[int, ...]
    line: Line
    first: np.ndarray | None  # its entries when first seen
    seen: np.ndarray | None = None  # its entries after the last backward pass or step
    name: str = ""
    dtype: str = ""
    passes: int = 0  # backward passes that reached it
    sizes: list[float] = field(default_factory=list)  # ‖gradient‖ of each pass
    norms: list[float] = field(default_factory=list)  # ‖entries‖ at each pass
    fed: int = 0  # passes that gave it a gradient other than 0
    moves: int = 0  # times its entries were found changed
    used: bool = False  # its gradient has been used for an update since it was last empty
    mixed: bool = False  # a new gradient was added to a used one
    spoilt: int = 0  # updates with a mixed gradient
    updates: int = 0
    byhand: np.ndarray | None = None  # its last gradient, where the program updates it itself
    rate: float | None = None  # then: how many times the gradient it was moved by
    pending: bool = False  # a gradient has arrived since the last step of its optimizer
    model: bool = False  # a Parameter, not just a tensor

    @property
    def tensor(self) -> Any:
        return self.leaf.target()


@dataclass(eq=False)
class Steps:
    """One optimizer and its steps."""

    optimizer: Any
    line: Line  # where it was made
    kind: str
    count: int = 0
    step_line: Line = NOWHERE
    empty: int = 0  # steps for which no parameter had a gradient other than 0
    empty_after_backward: int = 0  # of those, with a gradient having arrived since the step before
    before_any_backward: int = 0
    spoilt: int = 0  # steps that used gradients on top of used ones
    lrs: list[float] = field(default_factory=list)
    zeroed: Line = NOWHERE  # where gradients were last zeroed
    passes: int = 0  # backward passes that reached one of its parameters
    zeroings: int = 0
    closures: bool = False
    left_out: int = 0  # steps that a gradient scaler did not take, for a gradient that was not finite

    def weights(self) -> list[Any]:
        return [p for group in self.optimizer.param_groups for p in group["params"]]


@dataclass(eq=False)
class Pass:
    """One backward pass."""

    tick: int
    line: Line
    value: float | None  # of the root, where that is one number
    root: int  # tick of the root
    nodes: int
    capture: bool  # autograd.grad: nothing is accumulated
    weights: tuple[Weight, ...]
    dtype: str
    lr: float | None = None
    alive: int = 0  # graphs of earlier passes that were still held


Place = tuple[Line, tuple[Weight, ...]]  # passes from one line to the same weights are one training


@dataclass(eq=False)
class LossCall:
    """One call of a loss function: what it was given."""

    name: str
    line: Line
    tick: int
    shape: tuple[int, ...]
    target_shape: tuple[int, ...]
    dtype: str
    target_dtype: str
    recorded: bool  # the result has a history
    input_recorded: bool
    target_recorded: bool
    chain: tuple[str, ...]  # the ops that made the input, the last first
    facts: dict[str, Any]
    error: str = ""


@dataclass(eq=False)
class Call:
    """One call of a model, from the program itself."""

    module: Any
    line: Line
    tick: int
    recording: bool
    training: bool
    noisy: tuple[str, ...]  # layers that behave otherwise in training, and were in training mode
    quiet: tuple[str, ...]  # such layers in evaluation mode
    rows: int
    key: int  # of the input's entries
    root: int | None  # tick of its output
    trained: bool = False  # a backward pass went through it
    reused: bool = False  # its result was given to another module
    outs: tuple[Any, ...] = ()  # its results, held weakly


@dataclass(eq=False)
class Batch:
    """Inputs and targets of one backward pass, where both are known."""

    x: np.ndarray
    y: np.ndarray
    prediction: np.ndarray
    loss: str
    line: Line
    at: int = 0  # how many backward passes there had been when the prediction was made


@dataclass(eq=False)
class Trouble:
    """The first place where numbers stopped being numbers."""

    what: str  # "nan" or "inf"
    op: str
    line: Line
    tick: int
    operands: dict[str, Any]
    where: str = "forward"


@dataclass(eq=False)
class Curvature:
    """What the Hessian says about a step, at one backward pass."""

    place: Place
    at: int  # which pass of its series
    value: float
    largest: float | None = None  # eigenvalue λ
    stretch: float | None = None  # how many times longer the last step could have been
    gain: float | None = None  # by how much the loss would then fall
    lr: float | None = None
    kind: str = ""
    momentum: float = 0.0


@dataclass
class Run:
    """Everything that was noted."""

    weights: dict[Any, Weight] = field(default_factory=dict)  # by leaf
    optimizers: list[Steps] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    losses: list[LossCall] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    models: dict[int, Any] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    training_rows: dict[int, set[int]] = field(default_factory=dict)  # by module
    test_rows: dict[tuple[Line, int], list[list[int]]] = field(default_factory=dict)  # by line and module
    stretched: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    hidden: dict[Line, dict[str, Any]] = field(default_factory=dict)  # activations that feed a layer, by place
    curvatures: list[Curvature] = field(default_factory=list)
    rebound: list[dict[str, Any]] = field(default_factory=list)
    byhand: list[dict[str, Any]] = field(default_factory=list)
    data: dict[Line, dict[str, Any]] = field(default_factory=dict)  # what is known of each place where data enters
    draws: int = 0
    drawn: Line = NOWHERE
    seeded: bool = False
    asked_double: bool = False
    doubles: list[dict[str, Any]] = field(default_factory=list)
    clipped: bool = False
    first_step: int | None = None
    error: BaseException | None = None
    error_line: Line = NOWHERE
    notes: dict[str, Any] = field(default_factory=dict)

    def name_of(self, weight: Weight) -> str:
        """The name of a parameter: its model's, or what can be said of it."""
        return weight.name or f"a tensor of shape {list(weight.shape)}"
