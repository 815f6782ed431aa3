"""A scene as SVG: one self-contained picture. Every text is escaped, so that no name can become markup."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .layout import Placed, Point, place
from .scene import Box, Scene, thinned

TITLE, LINE = 13.0, 11.5  # font sizes
BOLD = 1.14  # how much wider bold letters are
MARGIN = 24
# What is drawn in which colours: (fill, border).
COLOURS = {
    "parameter": ("#fff4dc", "#d8a23a"), "given": ("#f2f2f0", "#a9a9a2"), "op": ("#ffffff", "#8ea3bd"),
    "module": ("#e6eef9", "#4f79b3"), "outside": ("#ffffff", "#c4c4c4"), "loss": ("#e4f4e6", "#4b9a58"),
}  # fmt: skip
INK, FAINT, GRADIENT = "#1c2733", "#5d6874", "#b03a2e"
FONT = "'DejaVu Sans', 'Segoe UI', system-ui, -apple-system, Helvetica, Arial, sans-serif"
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def safe(s: str) -> str:
    """A text as content of XML: escaped, and without characters that XML does not know.

    >>> safe("<script>&'\\x00")
    '&lt;script&gt;&amp;&#x27;�'
    """
    return escape(CONTROL.sub("\ufffd", s))


def text_width(s: str, font: float) -> float:
    """About how wide a text is: wide, usual and narrow letters of a sans-serif face."""
    narrow, wide = set("ijlt.,:;|!'()[]·1If r"), set("mwMW@∂Σ←→…")
    return font * sum(0.36 if c in narrow else 0.93 if c in wide else 0.62 for c in s)


def box_size(box: Box) -> tuple[float, float]:
    rows = [
        BOLD * text_width(box.title, TITLE),
        *[text_width(line, LINE) for line in [*box.lines, box.gradient] if line],
    ]
    count = len([line for line in [*box.lines, box.gradient] if line])
    return max(max(rows) + 22, 46), 26 + 16 * count


def drawn(scene: Scene, links: dict[Box, Any] | None = None, title: str = "computation graph") -> str:
    """The picture; ``links`` says where a click on a box leads."""
    whole, scene = scene, thinned(scene)
    links = {new: (links or {}).get(old) for old, new in zip(whole.boxes, scene.boxes)}
    index = {box: i for i, box in enumerate(scene.boxes)}
    edges = [(index[a.start], index[a.end]) for a in scene.arrows]
    placed = place([box_size(box) for box in scene.boxes], edges, gap=30 + widest_label(scene) / 3)
    parts = [arrow_path(points, index[a.start] > index[a.end]) for a, points in zip(scene.arrows, placed.routes)]
    parts += [one_box(box, placed, i, links[box]) for i, box in enumerate(scene.boxes)]
    parts += [
        label_at(points, a.label, GRADIENT if a.partial else FAINT)
        for a, points in zip(scene.arrows, placed.routes)
        if a.label
    ]
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{-MARGIN} {-MARGIN} {width:.0f} {height:.0f}" role="img" font-family="{escape(FONT)}">'
        f"<title>{safe(title)}</title>"
        f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
        + "".join(parts)
        + "</svg>"
    )


def widest_label(scene: Scene) -> float:
    return max((text_width(a.label, LINE) for a in scene.arrows), default=0.0)


def one_box(box: Box, placed: Placed, i: int, link: str | None) -> str:
    spot = placed.spots[i]
    fill, border = COLOURS[box.kind]
    left, top = spot.x - spot.width / 2, spot.y - spot.height / 2
    radius = spot.height / 2 if box.kind == "given" else 7
    dashed = ' stroke-dasharray="4 3"' if box.kind == "outside" else ""
    paint = f'fill="{fill}" stroke="{border}" stroke-width="1.3"{dashed}'
    sheets = [4, 0] if box.kind == "module" else [0]  # a second sheet behind it: there is more inside
    shape = "".join(rectangle(left + d, top + d, spot.width, spot.height, radius, paint) for d in sheets)
    y = top + 19
    lines = [line_of(spot.x, y, box.title, TITLE, INK, "600")]
    for line, colour in [
        *[(line, FAINT) for line in box.lines if line],
        *([(box.gradient, GRADIENT)] if box.gradient else []),
    ]:
        y += 16
        lines.append(line_of(spot.x, y, line, LINE, colour))
    group = f"<g>{shape}{''.join(lines)}</g>"
    return f'<a href="#{escape(link)}">{group}</a>' if link else group


def rectangle(x: float, y: float, width: float, height: float, radius: float, paint: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}" {paint}/>'


def line_of(x: float, y: float, s: str, font: float, colour: str, weight: str = "400") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{font}" font-weight="{weight}" fill="{colour}" text-anchor="middle">{safe(s)}</text>'


def arrow_path(points: list[Point], upwards: bool) -> str:
    """A smooth line through the points, with a head at its end; one against the order of computation is dashed."""
    d = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        middle = (y0 + y1) / 2
        d += f" C{x0:.1f},{middle:.1f} {x1:.1f},{middle:.1f} {x1:.1f},{y1:.1f}"
    x, y = points[0] if upwards else points[-1]
    tip = (y - 7, y) if not upwards else (y + 7, y)
    head = f"M{x - 4:.1f},{tip[0]:.1f} L{x:.1f},{tip[1]:.1f} L{x + 4:.1f},{tip[0]:.1f} Z"
    dashes = ' stroke-dasharray="5 4"' if upwards else ""
    return f'<path d="{d}" fill="none" stroke="#8a96a3" stroke-width="1.2"{dashes}/><path d="{head}" fill="#8a96a3"/>'


def label_at(points: list[Point], label: str, colour: str) -> str:
    """An edge's label, in the middle of its last stretch, on a white ground."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    wide = text_width(label, LINE) + 6
    ground = rectangle(x - wide / 2, y - 9, wide, 17, 4, 'fill="#ffffff" fill-opacity="0.88"')
    return ground + line_of(x, y + 4, label, LINE, colour)
