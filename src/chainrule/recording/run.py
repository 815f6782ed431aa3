"""`load` a recording, read its steps, put a model into the state of any of them."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..graph.value import wrap
from ..nn.module import Module
from ..tensors.grad_mode import no_grad
from ..tensors.tensor import Tensor
from .store import Store, damaged
from .summaries import ABSENT, KINDS, Row, Summary, unpacked

SHOWN = 20  # rows of a printed table
WIDE = 6  # parameters in it
DTYPES = {kind.name: kind for kind in dtypes.ALL}


class Kept(NamedTuple):
    """A parameter as the file knows it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    role: str


class Parameter:
    """A parameter at one step: ``value`` before the update, ``gradient``, ``update``, ``after``; and their summaries.

    ``update`` is what the step added: after − value.
    """

    def __init__(self, store: Store, kept: Kept, row: Row, step: int) -> None:
        self.name, self.shape, self.dtype = kept.name, kept.shape, kept.dtype
        self.keys, self.summaries = row.keys, dict(zip(KINDS, row.summaries))
        self._store, self._step = store, step

    @property
    def value(self) -> Tensor:
        return wrap(self.array(0))

    @property
    def gradient(self) -> Tensor | None:
        return None if self.keys[1] == ABSENT else wrap(self.array(1))

    @property
    def after(self) -> Tensor:
        return wrap(self.array(2))

    @property
    def update(self) -> Tensor:
        return wrap(np.asarray(self.array(2) - self.array(0)))

    def is_kept(self, which: int) -> bool:
        """Whether the entries are there, not only their summary."""
        return self._store.array(self.keys[which]) is not None

    def array(self, which: int) -> np.ndarray:
        """The entries of the value (0), the gradient (1) or the new value (2)."""
        data = self._store.array(self.keys[which])
        if data is None:
            raise ValueError(
                message(
                    f"the entries of {self.name} at step {self._step} were not kept",
                    f"it has {math.prod(self.shape):,} of them, and of large arrays only summaries are kept by default",
                    f'chainrule.record(…, values="full"), or read .summaries["{KINDS[min(which, 1)]}"]',
                )
            )
        kind = DTYPES.get(self.dtype)
        if kind is None or len(data) != math.prod(self.shape) * kind.itemsize:
            raise damaged(
                self._store.path, f"{self.name} {list(self.shape)} {self.dtype} does not have {len(data)} bytes"
            )
        return np.frombuffer(data, kind.numpy).reshape(self.shape).copy()

    def __repr__(self) -> str:
        told = ", ".join(f"{kind} {norm(s)}" for kind, s in self.summaries.items())
        return f"{self.name} {list(self.shape)} {self.dtype}: norms of {told}"


class Step:
    """One step: ``number`` (from 1), ``loss``, ``rates`` (learning rates), ``parameters`` and ``buffers`` by name.

    ``graph`` is the list of its operations, ``rows`` the first row numbers of its batch, ``facts`` all that was noted.
    """

    def __init__(self, store: Store, parameters: dict[int, Kept], number: int) -> None:
        self.facts, numbers = store.step(number)
        self.number = number
        self._store = store
        strangers = [n for n in self.facts["who"] if n not in parameters]
        if strangers:
            raise damaged(store.path, f"nothing is said of parameter {strangers[0]}")
        found = {
            n: Parameter(store, parameters[n], row, number) for n, row in zip(self.facts["who"], unpacked(numbers))
        }
        self.parameters = {p.name: p for n, p in found.items() if parameters[n].role == "parameter"}
        self.buffers = {p.name: p for n, p in found.items() if parameters[n].role == "buffer"}

    @property
    def loss(self) -> float | None:
        return self.facts["loss"]

    @property
    def rates(self) -> list[float]:
        return self.facts["rates"]

    @property
    def rows(self) -> list[str]:
        return self.facts["rows"]

    @cached_property
    def graph(self) -> list[str]:
        text = self._store.text(self.facts["graph"])
        return text.split("\n") if text else []

    @cached_property
    def settings(self) -> str:
        return self._store.text(self.facts["settings"])

    def __repr__(self) -> str:
        return f"step {self.number}: loss {self.loss}, {len(self.parameters)} parameters"


class Steps(Sequence[Step]):
    """The steps of a recording, read one by one as they are asked for."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __len__(self) -> int:
        return len(self.run.numbers)

    @overload
    def __getitem__(self, i: int) -> Step: ...
    @overload
    def __getitem__(self, i: slice) -> list[Step]: ...
    def __getitem__(self, i: Any) -> Any:
        numbers = self.run.numbers
        if isinstance(i, slice):
            return [self.run.step(n) for n in numbers[i]]
        if not -len(numbers) <= i < len(numbers):
            raise IndexError(
                message(f"there is no step {i}", f"{len(numbers)} steps were recorded, steps[0] is the first")
            )
        return self.run.step(numbers[i])

    def __iter__(self) -> Iterator[Step]:
        return (self.run.step(n) for n in self.run.numbers)


class Run:
    """A recording: ``losses``, ``steps``, ``at(i, model)``, ``table()``; printed as a table."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.steps = Steps(self)

    @property
    def path(self) -> str | None:
        return None if self.store.path is None else str(self.store.path)

    @property
    def numbers(self) -> list[int]:
        """Which steps were recorded, counted from 1."""
        return self.store.numbers()

    @property
    def about(self) -> dict[str, Any]:
        """The versions that ran, the seed and the random streams at the start, how the run ended."""
        return self.store.about()

    @property
    def ended(self) -> str:
        """``"complete"``, the name of the error that ended the run, or ``"cut off"`` where the program was killed."""
        return self.about.get("ended", "cut off")

    @property
    def length(self) -> int:
        """How many steps were made, recorded or not; of a run that was cut off, up to the last that was recorded."""
        return self.about.get("steps", max(self.numbers, default=0))

    @property
    def losses(self) -> list[float | None]:
        return [self.store.step(n)[0]["loss"] for n in self.numbers]

    @property
    def parameters(self) -> dict[int, Kept]:
        return {n: Kept(name, shape, dtype, role) for n, name, shape, dtype, role in self.store.parameters()}

    def step(self, number: int) -> Step:
        return Step(self.store, self.parameters, number)

    def __len__(self) -> int:
        return len(self.steps)

    # ------------------------------------------------------------------ replay

    def at(self, i: int, model: Module | None = None) -> dict[str, Tensor]:
        """The parameters with which ``steps[i]`` began, ``at(len(run))`` those after the last; put into ``model``.

        They lie there without their gradients, in any order of steps, forwards and backwards. Buffers, where they were
        kept, are those with which the step ended.
        """
        count = len(self)
        i = count + i if i < 0 else i
        if not 0 <= i <= count or not count:
            raise IndexError(
                message(
                    f"there is no state {i}",
                    f"{count} steps were recorded: at(0) is the first, at({count}) after the last",
                )
            )
        last = i == count
        step = self.steps[i - last]
        state = {name: p.after if last else p.value for name, p in step.parameters.items()}
        state |= {name: p.value for name, p in step.buffers.items()}
        if model is not None:
            put_into(model, state)
        return state

    # ------------------------------------------------------------------ to look at

    def table(self, most: int = SHOWN) -> list[list[str]]:
        """Rows of text, the header first: step, loss, learning rate, norm of each parameter's gradient.

        Of a long run every so many-th step is there, at most ``most``, with the last.
        """
        numbers = self.numbers
        stride = max(1, -(-len(numbers) // max(1, most)))
        chosen = numbers[::stride]
        if numbers and chosen[-1] != numbers[-1]:
            chosen[-1:] = chosen[-1:] if len(chosen) < most else []
            chosen.append(numbers[-1])
        steps = [self.step(n) for n in chosen]
        every = list(dict.fromkeys(name for step in steps for name in step.parameters))
        names, more = every[:WIDE], len(every) - WIDE
        rest = [f"… {more} more"] if more > 0 else []
        header = ["step", "loss", "learning rate", *[f"‖∂/∂{name}‖" for name in names], *rest]
        rows = [
            [
                str(step.number),
                "–" if step.loss is None else f"{step.loss:.6g}",
                ", ".join(f"{rate:.4g}" for rate in dict.fromkeys(step.rates)) or "–",
                *[norm(step.parameters[n].summaries["gradient"]) if n in step.parameters else "–" for n in names],
                *["" for _ in rest],
            ]
            for step in steps
        ]
        return [header, *rows]

    def title(self) -> str:
        n = len(self)
        ended = {"complete": "", "cut off": ", then cut off"}.get(self.ended, f", ended by {self.ended}")
        return f"{n} step{'' if n == 1 else 's'} recorded{ended}"

    def __str__(self) -> str:
        rows = self.table()
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]
        return "\n".join([self.title(), "", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        header, *rows = self.table()
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table><caption>{html.escape(self.title())}</caption><tr>{head}</tr>{body}</table>"

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()


def load(path: str | os.PathLike[str]) -> Run:
    """The recording at ``path``, read as it is asked for; nothing in it is executed."""
    return Run(Store.open(path))


def norm(summary: Summary | None) -> str:
    return "–" if summary is None else f"{summary.norm:.4g}"


def put_into(model: Module, state: dict[str, Tensor]) -> None:
    """Write recorded entries into a model's parameters and buffers."""
    own = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    for name, tensor in state.items():
        if name not in own or tuple(own[name].shape) != tuple(tensor.shape):
            theirs = f"{list(own[name].shape)}" if name in own else "nothing of that name"
            raise ValueError(
                message(
                    f"the recording's {name} {list(tensor.shape)} does not fit the model, which has {theirs}",
                    f"the model has {', '.join(own) or 'no parameters'}",
                    "the model that was recorded, and record(…, model=model), which takes the names from it",
                )
            )
    with no_grad():
        for name, tensor in state.items():
            own[name].copy_(tensor)
            own[name].grad = None
