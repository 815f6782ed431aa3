"""The table, in the terminal, as JSON and as Markdown."""

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .frameworks import CHAINRULE, PYTORCH
from .machine import QUIET
from .measure import Measured, Result
from .rows import ProcessRow, StepRow

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "latest.json"
PAGE = HERE.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- benchmarks: begin (python -m benchmarks --save) -->", "<!-- benchmarks: end -->"


def amount(value: float, unit: str) -> str:
    """Three significant digits: 14.2 µs, 1.53 ms, 42.0 MB."""
    scales = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")), "B": ((1e6, "MB"), (1e3, "kB"))}[unit]
    scale, name = next((pair for pair in scales if value >= pair[0]), scales[-1])
    number = value / scale
    return f"{number:.{max(0, 2 - len(str(int(number))) + 1)}f} {name}"


def measured_text(measured: Measured | None, unit: str) -> str:
    if measured is None:
        return ""
    lower, upper = measured.spread
    return f"{amount(measured.median, unit)} ±{50 * (upper - lower) / measured.median:.0f} %"


def ratio(result: Result) -> float | None:
    """PyTorch's median over chainrule's: how many times better chainrule is."""
    ours, theirs = result.measured.get(CHAINRULE.name), result.measured.get(PYTORCH.name)
    return theirs.median / ours.median if ours and theirs else None


def target_text(result: Result) -> str:
    row = result.row
    if isinstance(row, ProcessRow) and row.limit is not None:
        return f"≤ {amount(row.limit, row.unit)}"
    return "" if row.target is None else f"≥ {row.target:.2g}×"


def met(result: Result) -> bool | None:
    """Whether the target is met; None where there is none, or nothing to compare with."""
    row, ours, times = result.row, result.measured.get(CHAINRULE.name), ratio(result)
    if isinstance(row, ProcessRow) and row.limit is not None:
        return None if ours is None else ours.median <= row.limit
    return None if row.target is None or times is None else times >= row.target


def disturbed(result: Result) -> bool:
    return result.others is not None and result.others > QUIET


def header(names: Sequence[str]) -> list[str]:
    return ["one step", *names, "ratio", "target", ""]


def cells(result: Result, names: Sequence[str]) -> list[str]:
    """One row of the table."""
    times = ratio(result)
    compared = "" if times is None else f"{times:.2f}×"
    verdict = {True: "met", False: "missed", None: ""}[met(result)]
    columns = [measured_text(result.measured.get(name), result.row.unit) for name in names]
    columns = ["failed" if name in result.failures else text for name, text in zip(names, columns, strict=True)]
    title = result.row.title + (" *" if disturbed(result) else "")
    return [title, *columns, compared, target_text(result), verdict]


def notes(results: Sequence[Result]) -> list[str]:
    lines = [
        f"{result.row.title}: {name}: {reason}" for result in results for name, reason in result.failures.items()
    ]
    if any(disturbed(result) for result in results):
        most = max(result.others or 0.0 for result in results)
        lines.append(f"* other processes used up to {most:.1f} CPUs meanwhile: measure again on a quiet machine")
    return lines


def as_text(results: Sequence[Result], names: Sequence[str]) -> None:
    """Print the table: with rich where it is installed, in plain columns where not."""
    rows = [cells(result, names) for result in results]
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        table = [header(names), *rows]
        widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
        print("\n".join("  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)) for row in table))
        print("\n".join(notes(results)))
        return
    colours = {True: "green", False: "red", None: ""}
    view = Table(box=box.SIMPLE_HEAD)
    for i, name in enumerate(header(names)):
        view.add_column(name, justify="left" if i == 0 else "right", no_wrap=i > 0, min_width=24 if i == 0 else None)
    for result, row in zip(results, rows, strict=True):
        style = colours[met(result)]
        view.add_row(*row[:-3], *(f"[{style}]{text}[/]" if style and text else text for text in row[-3:]))
    console = Console()
    if not console.is_terminal:
        console.width = 160  # a file has room
    console.print(view)
    for line in notes(results):
        console.print(line, markup=False, highlight=False)


def as_markdown(results: Sequence[Result], names: Sequence[str], about: Mapping[str, Any]) -> str:
    machine, versions = about["machine"], about["versions"]
    lines = [
        f"{about['date']}, {machine['processor']}, {machine['cpus']} CPUs, Python {machine['python']}, "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ". Medians, ± half the distance between the quartiles.",
        "",
        "| " + " | ".join(header(names)) + " |",
        "|---|" + "---:|" * (len(header(names)) - 1),
    ]
    lines += ["| " + " | ".join(cells(result, names)) + " |" for result in results]
    return "\n".join(lines + [""] + [f"- {note}" for note in notes(results)]).rstrip() + "\n"


def as_json(results: Sequence[Result], about: Mapping[str, Any]) -> str:
    return json.dumps({**about, "rows": [entry(result) for result in results]}, indent=1, ensure_ascii=False) + "\n"


def entry(result: Result) -> dict[str, Any]:
    row = result.row
    return {
        "name": row.name,
        "title": row.title,
        "kind": "step" if isinstance(row, StepRow) else "process",
        "unit": row.unit,
        "target_ratio": row.target,
        "limit": row.limit if isinstance(row, ProcessRow) else None,
        "ratio": ratio(result),
        "met": met(result),
        "others_cpus": result.others,
        "failures": dict(result.failures),
        "samples": {name: list(measured.samples) for name, measured in result.measured.items()},
    }


def save(results: Sequence[Result], names: Sequence[str], about: Mapping[str, Any]) -> list[Path]:
    """Write the JSON file, and the table between the page's markers. Returns what was written."""
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE} lacks the lines {BEGIN!r} and {END!r}, between which the table goes")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(as_json(results, about), encoding="utf-8")
    PAGE.write_text(f"{before}{begin}\n{as_markdown(results, names, about)}{end}{after}", encoding="utf-8")
    return [RESULTS, PAGE]


def today() -> str:
    return datetime.date.today().isoformat()
