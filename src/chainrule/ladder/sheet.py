"""Cells in blocks of rows, and their plain-text drawing. The command line draws the same cells with rich."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Sheet", "as_text"]


@dataclass(frozen=True)
class Sheet:
    """A title, a header, and blocks of rows that belong together. The first cell of a row is its label."""

    title: str
    header: list[str]
    blocks: list[list[list[str]]]


def as_text(sheet: Sheet) -> str:
    """The sheet in columns, with an empty line between blocks.

    >>> print(as_text(Sheet("Prices", ["", "now"], [[["tea", "3"]], [["coffee", "4"]]])))
    Prices
    <BLANKLINE>
              now
      tea     3
    <BLANKLINE>
      coffee  4
    """
    rows = [sheet.header, *(row for block in sheet.blocks for row in block)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(sheet.header))]
    lines = [sheet.title, ""]
    for number, block in enumerate([[sheet.header] + sheet.blocks[0], *sheet.blocks[1:]]):
        lines += [""] if number else []
        lines += [
            "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in block
        ]
    return "\n".join(lines)
