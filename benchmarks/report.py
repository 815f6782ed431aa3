"""What the tables say: amounts, marks, ratios, verdicts. In the terminal here; on the page in `page`."""

from collections.abc import Sequence

from .frameworks import CHAINRULE, FRAMEWORKS, PYTORCH, RATIOS
from .machine import QUIET
from .results import Cell, Result, Run

WON = "●"  # stands before the least median, and before those that can't be told from it


def amount(value: float, unit: str) -> str:
    """Three significant digits: 14.2 µs, 1.53 ms, 42.0 MB."""
    scales = {
        "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
        "B": ((1e6, "MB"), (1e3, "kB")),
    }[unit]
    scale, name = next((pair for pair in scales if value >= pair[0]), scales[-1])
    number = value / scale
    return f"{number:.{max(0, 2 - len(str(int(number))) + 1)}f} {name}"


def cell_text(cell: Cell | None, unit: str) -> str:
    """The median and half the distance between the quartiles; or why there is none, in a word."""
    if cell is None or cell.left_out:
        return ""
    if cell.failure:
        what = cell.failure.partition(":")[0]
        return what if what == "refused" else f"failed: {what}"
    lower, upper = cell.quartiles
    spread = 50 * (upper - lower) / cell.median
    return amount(cell.median, unit) + (f" ±{spread:.0f} %" if len(cell.samples) > 1 else "")


def times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:.1f}×" if ratio < 100 else f"{ratio:.0f}×"


def target_text(result: Result) -> str:
    if result.most is not None:
        return f"≤ {amount(result.most, result.unit)}"
    return "" if result.target is None else f"≥ {result.target:.2g}×"


def met(result: Result) -> bool | None:
    """Whether the target is met; None where there is none, or nothing to compare with."""
    ours, ratio = result.measured().get(CHAINRULE.name), result.ratio(CHAINRULE.name, PYTORCH.name)
    if result.most is not None:
        return None if ours is None else ours.median <= result.most
    return None if result.target is None or ratio is None else ratio >= result.target


def verdict(result: Result) -> str:
    return {True: "met", False: "missed", None: ""}[met(result)]


def of_the_limit(result: Result) -> str:
    """How near chainrule's quickest way comes to what the hardware allows."""
    ours = [f.name for f in FRAMEWORKS if f.module == CHAINRULE.module]
    medians = [cell.median for name, cell in result.measured().items() if name in ours]
    return f"{100 * result.hardware / min(medians):.0f} %" if result.hardware and medians else ""


def disturbed(result: Result) -> bool:
    return result.others is not None and result.others > QUIET


def title(result: Result) -> str:
    return result.title + (" *" if disturbed(result) else "")


def header(columns: Sequence[str]) -> list[str]:
    return ["one step", *columns, "of the limit"]


def cells(result: Result, columns: Sequence[str], mark: str = f"{WON} {{}}") -> list[str]:
    """One row of the table; whoever won gets the mark."""
    winners = result.winners()
    texts = [cell_text(result.cells.get(name), result.unit) for name in columns]
    marked = [mark.format(text) if name in winners else text for name, text in zip(columns, texts, strict=True)]
    return [title(result), *marked, of_the_limit(result)]


def ratio_header() -> list[str]:
    return ["how many times faster, or smaller", *(f"{a.name} : {b.name}" for a, b in RATIOS), "target", ""]


def ratio_cells(result: Result) -> list[str]:
    return [title(result), *(times(result.ratio(a.name, b.name)) for a, b in RATIOS), target_text(result), verdict(result)]


def first_steps(run: Run) -> list[list[str]]:
    """Of rows that time steps: what the first five took, or the first call of many, compiling included."""
    columns = run.columns()
    rows = []
    for result in run.results:
        firsts = [result.cells.get(name, Cell()).first for name in columns]
        if any(first is not None for first in firsts):
            rows.append([result.title, *("" if first is None else amount(first, "s") for first in firsts)])
    return rows


def notes(run: Run) -> list[str]:
    """What cells have no room for: failures, reasons, disturbances, the machine's limits."""
    lines = [f"{r.title}: {name}: {cell.failure}" for r in run.results for name, cell in r.cells.items() if cell.failure]
    reasons: dict[tuple[str, str], list[str]] = {}
    for result in run.results:
        for name, cell in result.cells.items():
            if cell.left_out:
                reasons.setdefault((name, cell.left_out), []).append(result.name)
    lines += [f"{name}, {why}: {', '.join(rows)}" for (name, why), rows in reasons.items()]
    if run.limits:
        core, all_cores, bandwidth = (run.limits[key] / 1e9 for key in ("flops_of_a_core", "flops", "bytes"))
        lines.append(
            f"the hardware's limits, measured in this run: {core:.0f} GFLOP/s on a core, {all_cores:.0f} on all, "
            f"{bandwidth:.1f} GB/s of copying, read and written"
        )
    if any(disturbed(result) for result in run.results):
        most = max(result.others or 0.0 for result in run.results)
        lines.append(f"* other processes used up to {most:.1f} CPUs meanwhile: measure again on a quiet machine")
    return lines


def show(run: Run) -> None:
    """Print the tables: with rich where it is installed, in plain columns where not."""
    columns = run.columns()
    tables = [
        [header(columns), *(cells(result, columns) for result in run.results)],
        [ratio_header(), *(ratio_cells(result) for result in run.results)],
    ]
    if calls := first_steps(run):
        tables.append([["first five steps, compiling included", *columns], *calls])
    for table in tables:
        print_table(table)
    print("\n".join(notes(run)))


def print_table(table: Sequence[Sequence[str]]) -> None:
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
        print("\n".join("  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)) for row in table), "\n")
        return
    view = Table(box=box.SIMPLE_HEAD)
    for i, name in enumerate(table[0]):
        view.add_column(name, justify="left" if i == 0 else "right", no_wrap=i > 0, min_width=24 if i == 0 else None)
    for row in table[1:]:
        view.add_row(*(coloured(text) for text in row))
    console = Console()
    if not console.is_terminal:
        console.width = 200  # a file has room
    console.print(view)


def coloured(text: str) -> str:
    style = "red" if text in ("missed", "refused") or text.startswith("failed") else "green" if text == "met" else ""
    style = "bold" if text.startswith(WON) else style
    return f"[{style}]{text}[/]" if style else text
