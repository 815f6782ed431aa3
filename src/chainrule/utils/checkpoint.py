"""``torch.utils.checkpoint``: compute again in the backward pass what would have been kept from the forward pass.

A network of n layers keeps the activations of all n; as √n checkpoints of √n layers it keeps those of about 2√n, for one
more forward computation (Chen et al., "Training deep nets with sublinear memory cost", 2016).

Two ways. Without reentry, what the operations inside keep is thrown away by saved-tensor hooks, and all of it is found
again when the backward pass first asks for a part. With reentry, the function is one node of the graph, whose backward
runs it again with a graph of its own and sends a whole backward pass through that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import Any

from ..base.device import CPU
from ..base.errors import message
from ..base.modes import modes
from ..graph.value import Value
from ..graph.watch import pop_packers, push_packers
from ..tensors.autograd import backward
from ..tensors.function import Function
from ..tensors.grad_mode import enable_grad, no_grad
from ..tensors.random import default_generator

Run = Callable[..., Any]


class CheckpointError(RuntimeError):
    """What was computed again is not what was computed before."""


class EnoughError(BaseException):
    """Ends a second computation that has found all it was asked for; not an Exception, which the function might catch."""


class Settings:
    """What the ``with set_…`` blocks change."""

    debug: bool | None = None
    early_stop: bool | None = None


def noop_context_fn() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """The contexts around the first and the second computation, unless others are given: none."""
    return nullcontext(), nullcontext()


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Whether all checkpoints inside the ``with`` block note where tensors are kept; None: as each says itself."""
    before, Settings.debug = Settings.debug, enabled
    try:
        yield
    finally:
        Settings.debug = before


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Whether a second computation stops as soon as it has found all that is needed."""
    before, Settings.early_stop = Settings.early_stop, enable
    try:
        yield
    finally:
        Settings.early_stop = before


@contextmanager
def random_numbers_from(state: Any) -> Iterator[None]:
    """Draw the same random numbers as from a state of the generator, and put back the present one."""
    if state is None:
        yield
        return
    before = default_generator.get_state()
    default_generator.set_state(state)
    try:
        yield
    finally:
        default_generator.set_state(before)


def checkpoint(
    function: Run,
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, computed a second time in the backward pass instead of keeping what it needs.

    The second computation sees the same random numbers, unless ``preserve_rng_state`` is False. What it finds must have
    the shapes and dtypes of the first, unless ``determinism_check="none"``; ``debug`` tells in which lines tensors were
    kept if it has not. ``context_fn`` gives two contexts, to be around the first computation and the second.

    >>> x = torch.tensor([0.0, 1.0], requires_grad=True)
    >>> y = torch.utils.checkpoint.checkpoint(lambda x: x.exp() ** 2, x, use_reentrant=False)
    >>> y.sum().backward(); x.grad
    tensor([ 2.0000, 14.7781])
    """
    if use_reentrant is None:
        warnings.warn(asks_for_choice("checkpoint"), UserWarning, stacklevel=2)
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve_rng_state, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {determinism_check}")
    first, second = context_fn()
    frame = Frame(
        lambda: function(*args, **kwargs),
        second,
        default_generator.get_state() if preserve_rng_state else None,
        determinism_check == "default",
        debug if Settings.debug is None else Settings.debug,
        early_stop if Settings.early_stop is None else Settings.early_stop,
    )
    if not modes.grad:
        return function(*args, **kwargs)
    with first, packing(frame.forget, frame.recall):
        return function(*args, **kwargs)


def asks_for_choice(name: str) -> str:
    return (
        f"torch.utils.checkpoint{'' if name == 'checkpoint' else '.' + name}: the use_reentrant parameter should be passed "
        "explicitly. use_reentrant=False is recommended; without it, True is taken, as in PyTorch."
    )


# ---------------------------------------------------------------------- without reentry


@contextmanager
def packing(pack: Run, unpack: Run) -> Iterator[None]:
    push_packers(pack, unpack)
    try:
        yield
    finally:
        pop_packers()


class Frame:
    """One call of `checkpoint`: how to compute again, and what the operations in it had kept.

    What they kept is known by its number: the second computation keeps the same things in the same order.
    """

    def __init__(self, run: Run, context: Any, state: Any, check: bool, debug: bool, early_stop: bool) -> None:
        self.run, self.context, self.state = run, context, state
        self.check, self.debug, self.early_stop = check, debug, early_stop
        self.looks: list[dict[str, Any]] = []  # of each tensor that was kept: shape, dtype, device
        self.lines: list[str] = []  # with debug: where in the program
        self.found: dict[int, Any] = {}

    def forget(self, t: Any) -> int:
        """Keep a number instead of a tensor."""
        self.looks.append(look(t))
        if self.debug:
            self.lines.append(line_of_program())
        return len(self.looks) - 1

    def recall(self, number: int) -> Any:
        """The tensor of this number, computed again if need be; it is handed out once."""
        if number not in self.found:
            self.compute_again()
        return self.found.pop(number)

    def compute_again(self) -> None:
        numbers, lines, self.found = count(), [], {}

        def keep(t: Any) -> Any:
            if self.debug:
                lines.append(line_of_program())
            kept = self.found[next(numbers)] = t.detach()
            if self.early_stop and len(self.found) == len(self.looks):
                raise EnoughError
            return kept

        try:
            with enable_grad(), random_numbers_from(self.state), self.context, packing(keep, lambda kept: kept):
                self.run()
        except EnoughError:
            pass
        if len(self.found) != len(self.looks):
            raise CheckpointError(
                f"torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\n"
                f"Number of tensors saved during forward: {len(self.looks)}\n"
                f"Number of tensors saved during recomputation: {len(self.found)}.\n{self.advice(lines)}"
            )
        if self.check:
            self.compare(lines)

    def compare(self, lines: list[str]) -> None:
        """Refuse tensors that do not look like those of the first computation."""
        different = [
            f"tensor at position {i}:\nsaved metadata: {before}\nrecomputed metadata: {look(self.found[i])}"
            for i, before in enumerate(self.looks)
            if before != look(self.found[i])
        ]
        if different:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the "
                "forward pass.\n" + "\n".join(different) + f".\n{self.advice(lines)}"
            )

    def advice(self, lines: list[str]) -> str:
        if not self.debug:
            return (
                "  why: the function does not compute the same each time it is called\n"
                "  instead: checkpoint(…, debug=True), or set_checkpoint_debug_enabled(True), tells in which lines tensors were kept"
            )
        return "kept during forward:\n" + "".join(self.lines) + "kept during recomputation:\n" + "".join(lines)


def look(t: Any) -> dict[str, Any]:
    return {"shape": t.shape, "dtype": t.dtype, "device": t.device}


def line_of_program() -> str:
    """The innermost line outside of this library that is being run."""
    import os
    import traceback

    own = os.path.dirname(os.path.dirname(__file__)) + os.sep
    stack = [frame for frame in traceback.extract_stack() if not frame.filename.startswith(own)]
    return traceback.format_list(stack[-1:])[0]


# ---------------------------------------------------------------------- with reentry


class CheckpointFunction(Function):
    """A function as one node: forward without a graph, and in backward once more, with one."""

    @staticmethod
    def forward(ctx: Any, run_function: Run, preserve_rng_state: bool, *args: Any) -> Any:
        check_backward_validity(args)
        ctx.run_function = run_function
        ctx.state = default_generator.get_state() if preserve_rng_state else None
        ctx.rest = [None if isinstance(a, Value) else a for a in args]
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Value)]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        if modes.partial:
            raise RuntimeError(
                message(
                    "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                    "parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or call "
                    ".backward() without passing the `inputs` argument.",
                    "its backward sends a whole pass through the function, which would add to the .grad of all leaves in it",
                )
            )
        args = list(ctx.rest)
        for i, t in zip(ctx.places, ctx.saved_tensors):
            args[i] = t
        args = list(detach_variable(tuple(args)))
        with enable_grad(), random_numbers_from(ctx.state):
            result = ctx.run_function(*args)
        outputs = result if isinstance(result, tuple) else (result,)
        pairs = [(y, g) for y, g in zip(outputs, gradients) if isinstance(y, Value) and y.node is not None]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([y for y, _ in pairs], [g for _, g in pairs])  # type: ignore[misc]
        return None, None, *[a._grad if isinstance(a, Value) else None for a in args]


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same tensors as leaves of a new graph."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(f"Only tuple of tensors is supported. Got Unsupported input type: {type(inputs).__name__}")
    return tuple([a.detach().requires_grad_(a.requires_grad) if isinstance(a, Value) else a for a in inputs])  # type: ignore[attr-defined]


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn if no gradient can come of it."""
    if not any(isinstance(a, Value) and a.node is not None for a in inputs):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", UserWarning, stacklevel=2)


# ---------------------------------------------------------------------- in a row


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """Apply functions (or the layers of a ``Sequential``) one after the other, in ``segments``, all but the last checkpointed.

    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
    >>> x = torch.ones(1, 2)
    >>> y = torch.utils.checkpoint.checkpoint_sequential(net, 2, x, use_reentrant=False)
    >>> torch.equal(y, net(x))
    True
    """
    if use_reentrant is None:
        warnings.warn(asks_for_choice("checkpoint_sequential"), UserWarning, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    steps: Sequence[Run] = list(functions.children()) if hasattr(functions, "children") else list(functions)
    if not 0 < segments <= len(steps):
        raise ValueError(
            message(
                f"range() arg 3 must not be zero: {len(steps)} functions cannot be cut into {segments} segments",
                instead=f"segments=1 to {len(steps)}",
            )
        )
    size = len(steps) // segments
    last = size * (segments - 1)
    for start in range(0, last, size):
        input = checkpoint(
            chain(steps[start : start + size]), input, use_reentrant=use_reentrant, preserve_rng_state=preserve
        )
    return chain(steps[last:])(input)


def chain(steps: Sequence[Run]) -> Run:
    def run(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return run


# ---------------------------------------------------------------------- devices


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:
    """The random states of the devices that the arguments are on, other than the CPU: none."""
    return [], []


def set_device_states(devices: Sequence[int], states: Sequence[Any], *, device_type: str | None = None) -> None:
    """Put back what `get_device_states` gave."""
    if len(devices):
        raise RuntimeError(f"chainrule computes on the {CPU}; there are no states for the devices {list(devices)}")


__all__ = ["CheckpointError", "CheckpointFunction", "check_backward_validity", "checkpoint", "checkpoint_sequential",
           "detach_variable", "get_device_states", "noop_context_fn", "set_checkpoint_debug_enabled",
           "set_checkpoint_early_stop", "set_device_states"]  # fmt: skip
