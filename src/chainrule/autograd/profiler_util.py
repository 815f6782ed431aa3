"""What the profiler measured: events, their averages by name, and the table of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..base.errors import did_you_mean

Shapes = tuple[tuple[int, ...] | None, ...]


class Interval(NamedTuple):
    """From ``start`` to ``end``, in µs since the profiler was started."""

    start: float
    end: float

    def elapsed_us(self) -> float:
        return self.end - self.start


class Times:
    """What events and averages have in common: times in µs, in all and per call, memory in bytes; none on other devices."""

    count = 1
    use_device: str | None = None
    device_time = device_time_total = self_device_time_total = 0.0
    cuda_time = cuda_time_total = self_cuda_time_total = 0.0
    device_memory_usage = self_device_memory_usage = cuda_memory_usage = self_cuda_memory_usage = 0

    cpu_time_total: float
    self_cpu_time_total: float

    @property
    def cpu_time(self) -> float:
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def cpu_time_str(self) -> str:
        return spelled_time(self.cpu_time)

    @property
    def cpu_time_total_str(self) -> str:
        return spelled_time(self.cpu_time_total)

    @property
    def self_cpu_time_total_str(self) -> str:
        return spelled_time(self.self_cpu_time_total)


class FunctionEvent(Times):
    """One call: of an operation, of a node's rule in a backward pass, or of a block that the program has named."""

    def __init__(self, id: int, name: str, thread: int, start: float, parent: FunctionEvent | None) -> None:
        self.id, self.name, self.key, self.thread = id, name, name, thread
        self.time_range = Interval(start, start)
        self.cpu_parent, self.cpu_children = parent, []
        self.input_shapes: Shapes = ()
        self.stack: list[str] = []
        self.own_memory = 0
        if parent is not None:
            parent.cpu_children.append(self)

    cpu_children: list[FunctionEvent]

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        return self.time_range.elapsed_us()

    @property
    def self_cpu_time_total(self) -> float:  # type: ignore[override]
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def self_cpu_memory_usage(self) -> int:
        return self.own_memory

    @property
    def cpu_memory_usage(self) -> int:
        return self.own_memory + sum(child.cpu_memory_usage for child in self.cpu_children)

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent id={self.id} name={self.name} cpu_time={self.cpu_time_str} start_us={self.time_range.start:.3f} "
            f"end_us={self.time_range.end:.3f} cpu_children={[child.id for child in self.cpu_children]} thread={self.thread} "
            f"input_shapes={spelled_shapes(self.input_shapes)} cpu_memory_usage={self.cpu_memory_usage}>"
        )


class FunctionEventAvg(Times):
    """All calls of one name (and, if they are told apart, of the same shapes or from the same lines)."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.count = 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = self.self_cpu_memory_usage = 0
        self.input_shapes: Shapes = ()
        self.stack: list[str] = []

    def add(self, other: Any) -> FunctionEventAvg:
        self.count += other.count
        self.cpu_time_total += other.cpu_time_total
        self.self_cpu_time_total += other.self_cpu_time_total
        self.cpu_memory_usage += other.cpu_memory_usage
        self.self_cpu_memory_usage += other.self_cpu_memory_usage
        return self

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} cpu_time={self.cpu_time_str} "
            f"input_shapes={spelled_shapes(self.input_shapes)} cpu_memory_usage={self.cpu_memory_usage}>"
        )


class EventList(list[Any]):
    """Events, or averages of them."""

    def __init__(self, events: Iterable[Any] = (), *, memory: bool = False, shapes: bool = False, stack: bool = False) -> None:
        super().__init__(events)
        self.memory, self.shapes, self.stack = memory, shapes, stack

    @property
    def self_cpu_time_total(self) -> float:
        """µs in all."""
        return sum(event.self_cpu_time_total for event in self)

    def key_averages(
        self, group_by_input_shapes: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """The events added up by name; by the shapes of their inputs, or the last lines that led to them, too."""
        groups: dict[Any, FunctionEventAvg] = {}
        for event in self:
            lines = event.stack[:group_by_stack_n]
            key = event.key, event.input_shapes if group_by_input_shapes else None, tuple(lines)
            if key not in groups:
                groups[key] = made = FunctionEventAvg(event.key)
                made.input_shapes, made.stack = event.input_shapes if group_by_input_shapes else (), lines
            groups[key].add(event)
        return EventList(groups.values(), memory=self.memory, shapes=group_by_input_shapes, stack=group_by_stack_n > 0)

    def total_average(self) -> FunctionEventAvg:
        """All events, as one."""
        total = FunctionEventAvg("Total")
        for event in self:
            total.add(event)
        return total

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as a table, the largest first if ``sort_by`` names a column, such as "self_cpu_time_total"."""
        rows = [e for e in self if not top_level_events_only or getattr(e, "cpu_parent", None) is None]
        if sort_by is not None:
            if rows and not hasattr(rows[0], sort_by):
                known = [name for name in dir(rows[0]) if not name.startswith("_") and "time" in name or name == "count"]
                raise AttributeError(
                    f"{type(rows[0]).__name__!r} object has no attribute {sort_by!r}.{did_you_mean(sort_by, known)}"
                )
            rows.sort(key=lambda event: getattr(event, sort_by), reverse=True)
        widths = max_name_column_width, max_shapes_column_width, max_src_column_width
        shown = rows if row_limit < 0 else rows[:row_limit]
        return drawn(shown, self.columns(time_unit), widths, header, self.self_cpu_time_total, time_unit)

    def columns(self, unit: str | None) -> list[tuple[str, Any]]:
        """The columns after the name: heading, and what an event shows there."""
        total = self.self_cpu_time_total
        found: list[tuple[str, Any]] = [
            ("Self CPU %", lambda e: share(e.self_cpu_time_total, total)),
            ("Self CPU", lambda e: spelled_time(e.self_cpu_time_total, unit)),
            ("CPU total %", lambda e: share(e.cpu_time_total, total)),
            ("CPU total", lambda e: spelled_time(e.cpu_time_total, unit)),
            ("CPU time avg", lambda e: spelled_time(e.cpu_time, unit)),
        ]
        if self.memory:
            found.append(("CPU Mem", lambda e: spelled_bytes(e.cpu_memory_usage)))
            found.append(("Self CPU Mem", lambda e: spelled_bytes(e.self_cpu_memory_usage)))
        found.append(("# of Calls", lambda e: str(e.count)))
        if self.shapes:
            found.append(("Input Shapes", lambda e: spelled_shapes(e.input_shapes)))
        if self.stack:
            found.append(("Source Location", lambda e: e.stack[0] if e.stack else ""))
        return found

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Write the events as JSON that chrome://tracing and ui.perfetto.dev show as a timeline."""
        events = [
            {"ph": "X", "cat": "cpu_op", "name": e.name, "pid": os.getpid(), "tid": e.thread, "ts": e.time_range.start,
             "dur": e.cpu_time_total, "args": {"External id": e.id, "Input Dims": [list(s or ()) for s in e.input_shapes]}}
            for e in self
        ]  # fmt: skip
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"schemaVersion": 1, "displayTimeUnit": "ms", "traceEvents": events}, file)

    def __str__(self) -> str:
        return self.table()


def drawn(
    rows: list[Any],
    columns: list[tuple[str, Any]],
    widths: tuple[int, int, int],
    header: str | None,
    total: float,
    unit: str | None,
) -> str:
    """The table as text: every cell to the right, the names and what may be long as wide as they are, up to a limit."""
    limits = {"Input Shapes": widths[1], "Source Location": widths[2]}
    cells = [[cut(e.key, widths[0]), *[cut(show(e), limits.get(title, 99)) for title, show in columns]] for e in rows]
    titles = ["Name", *[title for title, _ in columns]]
    wide = [
        max(map(len, [titles[i], *[row[i] for row in cells]])) + 4 if title in ("Name", *limits) else 12
        for i, title in enumerate(titles)
    ]

    def line(parts: Iterable[str]) -> str:
        return "".join(f"{part:>{w}}  " for part, w in zip(parts, wide))

    rule = line("-" * w for w in wide)
    top = ["=" * len(rule), header] if header is not None else []
    bottom = f"Self CPU time total: {spelled_time(total, unit)}"
    return "\n".join([*top, rule, line(titles), rule, *[line(row) for row in cells], rule, bottom, ""])


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "NaN"


def spelled_time(us: float, unit: str | None = None) -> str:
    """A time in µs with the unit that suits it.

    >>> spelled_time(12.5), spelled_time(12500), spelled_time(12500, "us")
    ('12.500us', '12.500ms', '12500.000us')
    """
    size = {"s": 1e6, "ms": 1e3, "us": 1.0}
    chosen = unit if unit in size else next((u for u in ("s", "ms") if us >= size[u]), "us")
    return f"{us / size[chosen]:.3f}{chosen}"


def spelled_bytes(n: int) -> str:
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if abs(n) >= size:
            return f"{n / size:.2f} {unit}"
    return f"{n} B"


def spelled_shapes(shapes: Shapes) -> str:
    return str([list(s) if s is not None else [] for s in shapes])
