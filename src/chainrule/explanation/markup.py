"""An explanation for a notebook or a browser: LaTeX, and one piece of HTML that needs no other file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ..graph.expr import text
from .naming import escaped
from .numbers import show
from .quantities import Path, Quantity
from .writing import LINES, WIDTH, entry_lines, uniform, value, written

if TYPE_CHECKING:
    from .telling import Explanation

STYLE = """
.chainrule{font:14px/1.6 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:72em;padding:.2em .6em}
.chainrule h4{margin:1em 0 .3em;font-size:1em;color:#31507a}
.chainrule table{border-collapse:collapse}
.chainrule td{padding:.12em 1.6em .12em 0;vertical-align:top;text-align:left;border:0}
.chainrule .m{font-family:"STIX Two Math","Cambria Math","Latin Modern Math",Cambria,Georgia,serif;font-size:1.08em}
.chainrule .n{color:#31507a;font-variant-numeric:tabular-nums}
.chainrule .k{color:#777}
.chainrule pre{font:12.5px/1.5 ui-monospace,Menlo,Consolas,monospace;margin:0;overflow-x:auto}
.chainrule details>summary{cursor:pointer}
"""


def as_html(told: Explanation) -> str:
    """The three parts as tables; of a large graph, the text."""
    if len(told.steps) > LINES:
        body = f"<pre>{escape(written(told))}</pre>"
    else:
        body = (
            f"<h4>1 · Forward pass</h4>{table(forward_rows(told))}<h4>2 · Local gradients</h4>{table(local_rows(told))}"
            f"<h4>3 · Chain rule</h4>{''.join(chain(told, i) for i in range(len(told.names)))}"
        )
    return f'<div class="chainrule"><style>{STYLE}</style>{body}</div>'


def table(rows: list[tuple[str, str, str]]) -> str:
    """Rows of mathematics, number, remark; every text is escaped."""
    cells = "".join(
        f'<tr><td class="m">{escape(a)}</td><td class="n">{escape(b)}</td><td class="k">{escape(c)}</td></tr>'
        for a, b, c in rows
    )
    return f"<table>{cells}</table>"


def forward_rows(told: Explanation) -> list[tuple[str, str, str]]:
    parameters = [q for q in told.board.quantities.values() if q.kind == "parameter"]
    given = [(q.name, f"= {value(q)}", "parameter") for q in parameters] + [
        (q.name, f"= {value(q)}", "") for q in told.constants
    ]
    return given + [(f"{q.name} = {q.formula}", f"= {value(q)}", "") for q in told.steps]


def local_rows(told: Explanation) -> list[tuple[str, str, str]]:
    rows = []
    for d in [d for step in told.steps for d in step.locals]:
        several = not d.listed and len(told.board.users(d.by)) > 1
        amount = "" if d.value is None else f"= {show(uniform(d.value))}"
        rows.append((f"{d.name} = {d.formula}", amount, f"via {d.of.name}" if several else ""))
    return rows


def chain(told: Explanation, i: int) -> str:
    """One parameter's gradient; its paths unfold where there are several."""
    name = told.names[i]
    ways, n = told.paths_to(name), told.path_counts[name]
    total, left = told.gradients[name].array, f"∂{told.loss.name}/∂{told.labels[i]}"
    notes = "\n".join(line.strip() for line in [*entry_lines(told, i), told.remarks[name]] if line)
    below = f"<pre>{escape(notes)}</pre>" if notes else ""
    if n == 1 and ways:
        return table([(f"{left} = {factors(ways[0])}", f"= {show(total)}", "")]) + below
    rows = [(factors(way), f"= {show(way.share)}", "") for way in ways]
    more = f'<p class="k">… the {len(ways)} paths along which most of it flows, of {n:,}</p>' if n > len(ways) else ""
    head = f'<span class="m">{escape(left)}</span> <span class="n">= {escape(show(total))}</span> <span class="k">over {n:,} paths</span>'
    return f"<details open><summary>{head}</summary>{table(rows)}{more}{below}</details>"


def factors(way: Path) -> str:
    product = " · ".join(f"∂{a.name}/∂{b.name}" for a, b in way.factors)
    formula = way.formula
    return product if len(formula) > WIDTH or formula == product else f"{product} = {formula}"


# ---------------------------------------------------------------------- LaTeX


def as_latex(told: Explanation) -> str:
    """The forward pass, the local gradients and the chain rule as one aligned display."""
    if len(told.steps) > LINES:
        return rf"$$\text{{{len(told.steps)} steps; print the explanation to read it by module}}$$"
    lines = [
        rf"{q.symbol.latex} &= {text(q.expression, True)}{number(q)}" for q in told.steps if q.expression is not None
    ]
    for d in [d for step in told.steps for d in step.locals]:
        top = d.of.symbol if d.listed else told.loss.symbol
        amount = rf" = {amount_of(uniform(d.value))}" if d.value is not None and d.value.size <= 6 else ""
        lines.append(rf"{partial(top.latex, d.by.symbol.latex)} &= {text(d.expression, True)}{amount}")
    for i, name in enumerate(told.names):
        left = partial(told.loss.symbol.latex, told.parameters[i].symbol.latex + at(told, i))
        ways = told.paths_to(name)
        if told.path_counts[name] > len(ways) or not ways:
            continue
        products = [latex_product(way) for way in ways]
        total = told.gradients[name].array
        amount = f" = {amount_of(total)}" if total.size <= 6 else ""
        lines.append(rf"{left} &= {' + '.join(products)}{amount}")
    return "$$\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}$$"


def at(told: Explanation, i: int) -> str:
    suffix = told.selections[i].suffix
    return rf"_{{{escaped(suffix)}}}" if suffix else ""


def partial(a: str, b: str) -> str:
    return rf"\frac{{\partial {a}}}{{\partial {b}}}"


def latex_product(way: Path) -> str:
    product = r" \cdot ".join(partial(a.symbol.latex, b.symbol.latex) for a, b in way.factors)
    formula = text(way.expression, True)
    if len(way.factors) > 1 and len(way.formula) > WIDTH or formula == product:
        return product
    return formula if len(way.factors) == 1 else f"{product} = {formula}"


def number(q: Quantity) -> str:
    found = q.value
    return "" if found is None or found.size > 6 else f" = {amount_of(found)}"


def amount_of(array: Any) -> str:
    return show(array).replace("−", "-").replace("×", r" \times ").replace("∞", r"\infty")
