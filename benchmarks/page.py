"""The tables of docs/benchmarks.md, made from the results alone."""

from collections.abc import Sequence
from pathlib import Path

from . import report
from .results import Run

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- benchmarks: begin (python -m benchmarks --save) -->", "<!-- benchmarks: end -->"


def with_tables(page: str, run: Run) -> str:
    """The page with this run's tables between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"docs/benchmarks.md lacks the lines {BEGIN!r} and {END!r}, between which the tables go")
    return f"{before}{begin}\n{markdown(run)}{end}{after}"


def markdown(run: Run) -> str:
    machine, columns = run.machine, run.columns()
    versions = ", ".join(f"{module} {version}" for module, version in run.versions.items())
    lines = [
        f"{run.date}, {machine['processor']}, {machine['cpus']} CPUs, Python {machine['python']}, {versions}. "
        "Medians, ± half the distance between the quartiles; **bold**: the least, and what can't be told from it.",
        "",
        *table([report.header(columns), *(report.cells(result, columns, "**{}**") for result in run.results)]),
        "",
        "### Like with like",
        "",
        *table([report.ratio_header(), *(report.ratio_cells(result) for result in run.results)]),
    ]
    if steps := report.first_steps(run):
        lines += ["", "### First five steps", "", *table([["compiling included", *columns], *steps])]
    return "\n".join([*lines, "", *(f"- {note}" for note in report.notes(run))]).rstrip() + "\n"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in rows]
    return [head, "|---|" + "---:|" * (len(rows[0]) - 1), *body]
