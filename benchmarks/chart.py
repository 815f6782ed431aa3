"""The chart of docs/benchmarks.md, made from the results alone: each row a line, each framework a mark on it.

Where a mark stands says how many times faster than PyTorch's eager mode it is (or smaller), on a logarithmic scale; the
thin line through it goes from quartile to quartile.
"""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from .frameworks import CHAINRULE, FRAMEWORKS, PYTORCH
from .report import amount
from .results import Cell, Result, Run

CHART = Path(__file__).parent.parent / "docs" / "images" / "benchmarks.svg"

LABELS, PLOT, RIGHT = 450, 560, 44  # widths: of the rows' titles, of the plot, of the margin
TOP, LINE, BOTTOM = 72, 24, 16  # heights: of the legend and the scale, of a row, of the margin
APART = 4  # ours stand so much above a row's line, the others below it, so that equals do not hide each other
INK, FAINT, PAPER = "#24292f", "#d0d7de", "#ffffff"

# Framework's name → colour and shape. Ours are one colour; one shape is one way of calling: a step a call in eager mode
# (round), compiled (square), many steps a call (diamond).
MARKS = {
    "chainrule": ("#0550ae", "round"),
    "chainrule compiled": ("#0550ae", "square"),
    "chainrule repeat": ("#0550ae", "diamond"),
    "PyTorch": ("#cf5b1e", "round"),
    "torch.compile": ("#cf5b1e", "square"),
    "JAX jit": ("#1a7f37", "square"),
    "JAX scan": ("#1a7f37", "diamond"),
    "tinygrad": ("#8250df", "square"),
    "NumPy by hand": ("#7d8590", "round"),
}


def svg(run: Run) -> str:
    """The chart as a file."""
    columns = run.columns()
    reference = PYTORCH.name if PYTORCH.name in columns else CHAINRULE.name
    rows = [result for result in run.results if reference in result.measured() and len(result.measured()) > 1]
    low, high = extent(rows, reference)

    def at(gain: float) -> float:
        return LABELS + PLOT * (math.log10(gain) - low) / (high - low)

    height = TOP + LINE * len(rows) + BOTTOM
    width = LABELS + PLOT + RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>How many times faster than {reference}'s eager mode</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        *legend(columns),
        *scale(low, high, at, height, reference),
    ]
    for i, result in enumerate(rows):
        parts += line(result, reference, columns, at, TOP + LINE * i + LINE / 2)
    return "\n".join([*parts, "</svg>"]) + "\n"


def gain(cell: float, reference: Cell) -> float:
    """How many times less than the reference."""
    return reference.median / cell


def extent(rows: Sequence[Result], reference: str) -> tuple[float, float]:
    """The powers of ten between which all medians lie, with some room."""
    gains = [
        math.log10(gain(cell.median, result.cells[reference])) for result in rows for cell in result.measured().values()
    ]
    return min([-0.3, *gains]) - 0.12, max([0.3, *gains]) + 0.12


def legend(columns: Sequence[str]) -> list[str]:
    parts, x = [], 14.0
    for name in columns:
        parts += [mark(name, x, 16), text(x + 10, 20, name)]
        x += 28 + 6.6 * len(name)
    return parts


def scale(low: float, high: float, at, height: float, reference: str) -> list[str]:
    """Powers of ten, named as they are said; between them, where there is room, 2 and 5 times."""
    steps = [(power, digit) for power in range(math.floor(low), math.ceil(high) + 1) for digit in (1, 2, 5)]
    parts = []
    for power, digit in steps:
        value = digit * 10.0**power
        if not low <= math.log10(value) <= high or (digit != 1 and high - low > 2.5):
            continue
        x = at(value)
        colour = INK if value == 1 else FAINT
        parts.append(f'<path d="M{x:.1f} {TOP - 6}V{height - BOTTOM + 4}" stroke="{colour}" stroke-width="1"/>')
        parts.append(text(x, TOP - 14, named(value, reference), "middle"))
    return parts


def named(value: float, reference: str) -> str:
    if value == 1:
        return reference
    return f"{value:,.0f}× faster" if value > 1 else f"{1 / value:,.0f}× slower"


def line(result: Result, reference: str, columns: Sequence[str], at, y: float) -> list[str]:
    cells = result.measured()
    base = cells[reference]
    parts = [
        f'<path d="M{LABELS} {y:.1f}H{LABELS + PLOT}" stroke="{FAINT}" stroke-width="0.5"/>',
        text(LABELS - 10, y + 4, f"{result.title} · {amount(base.median, result.unit)}", "end"),
    ]
    left, right = LABELS, LABELS + PLOT
    for name in reversed([name for name in columns if name in cells]):  # ours come last, on top
        lower, upper = (min(max(at(gain(q, base)), left), right) for q in reversed(cells[name].quartiles))
        colour, level = MARKS[name][0], y - APART if name.startswith("chainrule") else y + APART
        parts.append(f'<path d="M{lower:.1f} {level:.1f}H{upper:.1f}" stroke="{colour}" stroke-width="2.5" opacity="0.3"/>')
        parts.append(mark(name, at(gain(cells[name].median, base)), level, amount(cells[name].median, result.unit)))
    return parts


def mark(name: str, x: float, y: float, said: str = "") -> str:
    """The framework's sign; a browser says what it is when one points at it."""
    colour, shape = MARKS[name]
    title = f"<title>{escape(f'{name}: {said}')}</title>" if said else ""
    style = f'fill="{colour}" stroke="{PAPER}" stroke-width="1"'
    if shape == "round":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" {style}>{title}</circle>'
    turned = f' transform="rotate(45 {x:.1f} {y:.1f})"' if shape == "diamond" else ""
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" {style}{turned}>{title}</rect>'


def text(x: float, y: float, content: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}">{escape(content)}</text>'


assert set(MARKS) == {framework.name for framework in FRAMEWORKS}
