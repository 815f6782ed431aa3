"""From a workload to what is timed: one call that trains one step, or many. One function for each dialect."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .frameworks import Framework
from .workloads import Pure

CHECKED = 5  # steps whose losses must agree
HERE = f"{Path(__file__).parent.parent}{os.sep}"  # where this checkout lies is nobody else's business
NOT_A_CHAIN = "not a chain of steps that one call could make"


class LeftOut(Exception):
    """This framework has no such column in this row, for a reason that is no failure."""


class Timed(NamedTuple):
    """A call, and how to look at what it computed."""

    call: Callable[[], Any]
    losses: Callable[[Any], list[float]]  # of what the call returned
    proof: Callable[[], list[float]] = list  # further numbers that must agree, after `CHECKED` steps
    wait: Callable[[Any], Any] = lambda result: None  # until what the call returned has been computed
    check: Callable[[], None] = lambda: None  # after them too: raises LeftOut where this is not what it should be
    steps: int = 1  # of training, in one call


def timed(framework: Framework, row: Any) -> Timed:
    return DIALECTS[framework.dialect](framework, row)


def checks(work: Timed) -> list[float]:
    """The losses of the first steps."""
    losses: list[float] = []
    while len(losses) < CHECKED:
        losses += work.losses(work.call())
    return losses[:CHECKED]


def one(loss: Any) -> list[float]:
    return [float(loss.item())]


def norms(arrays: Sequence[Any]) -> list[float]:
    return [float(np.linalg.norm(np.asarray(array))) for array in arrays]


# ---------------------------------------------------------------------- chainrule and PyTorch


def speaking_torch(framework: Framework, row: Any) -> Timed:
    torch = framework.load()
    workload = row.workloads["torch"]
    if framework.mode == "eager":
        step, tensors = workload(torch)
        return Timed(step, one, lambda: gradient_norms(tensors))
    if framework.mode == "repeated" and row.repeats is None and not row.inner:
        raise LeftOut(NOT_A_CHAIN)
    if row.inner:  # the workload compiles the part of its step that can be
        compiled: list[Any] = []
        step, tensors = workload(torch, lambda part: compiled.append(torch.compile(part)) or compiled[0])
        part = compiled[0]
    else:
        step, tensors = workload(torch)
        step = part = torch.compile(step)
    check = partial(is_compiled, part) if framework.module == "chainrule" else lambda: None
    if framework.mode == "compiled":
        return Timed(step, one, lambda: gradient_norms(tensors), check=check)
    if row.inner:  # an epoch a call
        loader = step.loader
        return Timed(lambda: part.epochs(1, loader), lambda losses: losses[0, -1:].tolist(), lambda: gradient_norms(tensors), check=check)
    return Timed(lambda: step.repeat(row.repeats), lambda losses: losses.tolist(), steps=row.repeats, check=check)


def is_compiled(step: Any) -> None:
    """chainrule.compile runs what it can't compile as ever: that would be eager mode's column again."""
    if not step.compiled:
        head, _, why = step.report().partition("\n")
        why = next(iter(why.splitlines()), head).strip()
        raise LeftOut(f"not compiled: {why.replace(HERE, '')}")


def gradient_norms(tensors: Sequence[Any]) -> list[float]:
    gradients = [gradient for tensor in tensors if (gradient := getattr(tensor, "grad", None)) is not None]
    return norms([gradient.detach() for gradient in gradients])


# ---------------------------------------------------------------------- JAX


def speaking_jax(framework: Framework, row: Any) -> Timed:
    jax = framework.load()
    pure = row.workloads["jax"](jax)
    if framework.mode == "compiled":
        return jax_epochs(jax, pure) if pure.batches is not None else jax_steps(jax, pure)
    if pure.batches is not None:
        return jax_scanned_epochs(jax, pure)
    if row.repeats is None or not pure.carried:
        raise LeftOut(NOT_A_CHAIN)
    return jax_scan(jax, pure, row.repeats)


def finished(loss: Any) -> None:
    loss.block_until_ready()


def jax_steps(jax: Any, pure: Pure) -> Timed:
    """jit: one call a step. A state that is given up may be overwritten, as PyTorch's optimizers overwrite theirs."""
    step = jax.jit(pure.step, donate_argnums=0 if pure.carried else ())
    given = state = pure.state

    def call():
        nonlocal state
        state, loss = step(state if pure.carried else given, *pure.data)
        return loss

    return Timed(call, one, lambda: [] if pure.carried else norms(jax.tree.leaves(state)), finished)


def jax_scan(jax: Any, pure: Pure, repeats: int) -> Timed:
    """One call of ``repeats`` steps, as a loop that XLA compiles."""

    def steps(state, *data):
        return jax.lax.scan(lambda state, _: pure.step(state, *data), state, length=repeats)

    run = jax.jit(steps, donate_argnums=0)
    state = pure.state

    def call():
        nonlocal state
        state, losses = run(state, *pure.data)
        return losses

    return Timed(call, lambda losses: np.asarray(losses).tolist(), wait=finished, steps=repeats)


def jax_epochs(jax: Any, pure: Pure) -> Timed:
    """An epoch a call: a loop in Python over minibatches taken from NumPy arrays."""
    step, state = jax.jit(pure.step, donate_argnums=0), pure.state

    def call():
        nonlocal state
        for rows in pure.batches:
            state, loss = step(state, *[array[rows] for array in pure.data])
        return loss

    return Timed(call, one, wait=finished)


def jax_scanned_epochs(jax: Any, pure: Pure) -> Timed:
    """An epoch a call: minibatches are taken, and trained on, in XLA's loop."""

    def epoch(state, order, *data):
        minibatch = lambda state, rows: pure.step(state, *[array[rows] for array in data])  # noqa: E731
        state, losses = jax.lax.scan(minibatch, state, order)
        return state, losses[-1]

    run, state = jax.jit(epoch, donate_argnums=0), pure.state
    order, data = jax.numpy.asarray(np.stack(pure.batches)), [jax.numpy.asarray(array) for array in pure.data]

    def call():
        nonlocal state
        state, loss = run(state, order, *data)
        return loss

    return Timed(call, one, wait=finished)


# ---------------------------------------------------------------------- the others


def speaking_tinygrad(framework: Framework, row: Any) -> Timed:
    framework.load()
    from tinygrad import TinyJit
    from tinygrad.helpers import TRAINING

    TRAINING.value = 1
    step, tensors = row.workloads["tinygrad"]()
    return Timed(TinyJit(step), one, lambda: norms([t.grad.numpy() for t in tensors]), wait=lambda loss: loss.item())


def by_hand(framework: Framework, row: Any) -> Timed:
    step, _ = row.workloads["numpy"](np)
    return Timed(step, one)


DIALECTS = {"torch": speaking_torch, "jax": speaking_jax, "tinygrad": speaking_tinygrad, "numpy": by_hand}
