"""`summary`: a model's layers, with the shapes, parameters, operations, memory and time of one run."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any

from ..graph.value import Node
from ..nn.module import Module
from .counting import flops, kept_arrays
from .folding import Call, all_calls, by_calls
from .history import History, Snapshot
from .naming import Names
from .running import first_tensor, run, tensors_in


@dataclass
class Row:
    """One call of one module; the numbers are its own, without those of the modules it calls.

    ``kept`` are the bytes that stay in memory for the backward pass, ``seconds`` the time of the forward pass.
    """

    path: str
    kind: str
    level: int
    output: list[tuple[int, ...]]
    parameters: int
    trainable: int
    flops: int
    kept: int
    seconds: float


def summary(model: Module, input: Any, depth: int | None = None) -> Summary:
    """Run a model once on an input (a tensor, a tuple of arguments, or a shape) and count.

    FLOPs count each multiplication and each addition of the forward pass; a backward pass takes about twice as many.
    Memory is that of the parameters, and what the graph keeps until the backward pass. The model's buffers and the random
    stream stay as they are.

    >>> told = torch.summary(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)), (32, 3))
    >>> told.parameters, told.flops, [row.output for row in told.rows]
    (21, 1312, [[(32, 1)], [(32, 4)], [(32, 4)], [(32, 1)]])
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary() takes a module, and an input for it, but got {type(model).__name__}")
    asked = [p for p in model.parameters() if p.node is None and p.array.dtype.kind in "fc"]
    trainable = {id(p) for p in model.parameters() if p.node is not None}
    for p in asked:  # what asks for no gradient leaves no graph to count in
        p.requires_grad_()
    try:
        output, calls, given = run(model, input)
        own = counted_in(first_tensor(output), calls)
    finally:
        for p in asked:
            p.requires_grad_(False)
    seen: set[int] = set()
    rows = [row(call, level, own.get(call.path, (0, 0)), seen, trainable) for call, level in by_level(calls, 0)]
    sizes = [sum(t.array.nbytes for t in ts) for ts in (model.parameters(), model.buffers(), tensors_in(given))]
    return Summary(type(model).__name__, rows, sizes, depth)


def by_level(calls: list[Call], level: int) -> list[tuple[Call, int]]:
    return [pair for call in calls for pair in [(call, level), *by_level(call.calls, level + 1)]]


def counted_in(output: Any, calls: list[Call]) -> dict[str, tuple[int, int]]:
    """(FLOPs, bytes kept) of each call's own operations."""
    if output is None or output.node is None:
        return {}
    history = History(Snapshot(output.node, output.array), Names())
    homes = by_calls(history.copies, calls, {})
    by_path: dict[str, list[Node]] = {}
    for node in history.copies:
        if node in homes:
            by_path.setdefault(homes[node], []).append(node)
    parameters = {t.array.__array_interface__["data"][0] for call in all_calls(calls) for t in call.module.parameters()}
    found, counted = {}, set(parameters)
    for path, nodes in by_path.items():
        kept = {address: size for address, size in kept_arrays(nodes).items() if address not in counted}
        counted |= set(kept)
        found[path] = sum(flops(history.copies[node], history) for node in nodes), sum(kept.values())
    return found


def row(call: Call, level: int, own: tuple[int, int], seen: set[int], trainable: set[int]) -> Row:
    """A call's line; a parameter counts where it is first met."""
    called = {id(p) for inner in call.calls for p in inner.module.parameters()}
    mine = [p for p in call.module.parameters() if id(p) not in called and id(p) not in seen]
    seen |= {id(p) for p in mine}
    return Row(
        call.path, type(call.module).__name__, level, [tuple(t.array.shape) for t in tensors_in(call.output)],
        sum(p.array.size for p in mine), sum(p.array.size for p in mine if id(p) in trainable), *own,
        call.seconds - sum(inner.seconds for inner in call.calls),
    )  # fmt: skip


class Summary:
    """What `summary` counted: ``rows``, and in all ``parameters``, ``trainable``, ``flops``, ``kept`` (bytes), ``seconds``."""

    def __init__(self, name: str, rows: list[Row], sizes: list[int], depth: int | None) -> None:
        self.name, self.rows, self.depth = name, rows, depth
        self.parameter_bytes, self.buffer_bytes, self.input_bytes = sizes
        self.parameters, self.trainable = sum(r.parameters for r in rows), sum(r.trainable for r in rows)
        self.flops, self.kept, self.seconds = (
            sum(r.flops for r in rows),
            sum(r.kept for r in rows),
            sum(r.seconds for r in rows),
        )

    def shown(self) -> list[Row]:
        """The rows down to ``depth``, those below added to the last one above them."""
        if self.depth is None:
            return self.rows
        found: list[Row] = []
        for r in self.rows:
            if r.level <= self.depth:
                found.append(Row(**vars(r)))
            else:
                for name in ("parameters", "trainable", "flops", "kept", "seconds"):
                    setattr(found[-1], name, getattr(found[-1], name) + getattr(r, name))
        return found

    def cells(self) -> list[list[str]]:
        """The table, as texts."""
        return [
            [
                "  " * r.level + (f"{r.path.rpartition('.')[2]}: " if r.path else "") + r.kind,
                ", ".join("×".join(map(str, shape)) or "number" for shape in r.output[:2])
                + (" …" if len(r.output) > 2 else ""),
                f"{r.parameters:,}" if r.parameters else "–",
                short(r.flops) if r.flops else "–",
                in_bytes(r.kept) if r.kept else "–",
                f"{100 * r.seconds / self.seconds:.0f} %" if self.seconds else "–",
            ]
            for r in self.shown()
        ]

    def __rich__(self) -> Any:
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for i, head in enumerate(HEADS):
            table.add_column(head, justify="left" if i < 2 else "right", no_wrap=True)
        for line in self.cells():
            table.add_row(*map(Text, line))
        return Group(table, Text(self.totals()))

    def totals(self) -> str:
        frozen = f" ({self.parameters - self.trainable:,} of them frozen)" if self.trainable != self.parameters else ""
        return (
            f"{self.parameters:,} parameters{frozen}, {in_bytes(self.parameter_bytes)}; "
            f"{short(self.flops)}FLOPs forward; {in_bytes(self.kept)} kept for backward; {self.seconds * 1000:.3g} ms"
        )

    def __str__(self) -> str:
        from rich.console import Console

        out = StringIO()
        Console(file=out, width=160, color_system=None).print(self)
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n")

    __repr__ = __str__

    def to_html(self) -> str:
        """One piece of HTML that needs no other file."""
        head = "".join(f"<th>{h}</th>" for h in HEADS)
        sides = ["left", "left", *["right"] * (len(HEADS) - 2)]
        rows = [
            "".join(f'<td style="text-align:{side};white-space:pre">{escape(c)}</td>' for side, c in zip(sides, line))
            for line in self.cells()
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(self.totals())}</p>"

    _repr_html_ = to_html


HEADS = ("layer", "output", "parameters", "FLOPs", "kept", "time")


def short(n: int) -> str:
    """``1.31 k``, ``12.6 M``"""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n} "


def in_bytes(n: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n} B"
