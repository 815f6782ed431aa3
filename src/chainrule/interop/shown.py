"""What a notebook's cell shows: text as it is printed, and values in the forms that a notebook can display."""

from __future__ import annotations

import base64
import io
from typing import Any, Protocol, TextIO

Output = dict[str, Any]

# The method by which a value offers a form of itself, and the form's name (IPython's documentation, "Rich display").
METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
}


def forms(value: Any) -> dict[str, Any]:
    """A value as text, and in each other form that it offers.

    >>> forms(0.5)
    {'text/plain': ['0.5']}
    """
    data: dict[str, Any] = {"text/plain": lines_of(repr(value))}
    if isinstance(value, type):
        return data
    for method, name in METHODS.items():
        offer = getattr(value, method, None)
        made = offer() if callable(offer) else None
        if isinstance(made, tuple):
            made = made[0]  # (content, metadata)
        if isinstance(made, bytes):
            data[name] = base64.b64encode(made).decode()
        elif isinstance(made, str):
            data[name] = lines_of(made)
    return data


def lines_of(text: str) -> list[str]:
    """Text as notebooks store it."""
    return text.splitlines(keepends=True)


class Showing(Protocol):
    """Who keeps what is shown."""

    outputs: list[Output]


class Tee(io.TextIOBase):
    """Text for the user that is noted as output of the cell."""

    def __init__(self, screen: TextIO, name: str, cells: Showing) -> None:
        self.screen, self.stream, self.cells = screen, name, cells

    def write(self, text: str) -> int:
        outputs = self.cells.outputs
        if not (outputs and outputs[-1].get("name") == self.stream):
            outputs.append({"output_type": "stream", "name": self.stream, "text": []})
        outputs[-1]["text"].append(text)
        return self.screen.write(text)

    def flush(self) -> None:
        self.screen.flush()

    def isatty(self) -> bool:
        return self.screen.isatty()

    def fileno(self) -> int:
        return self.screen.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.screen.encoding
