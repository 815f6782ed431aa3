"""The program's own text, so that findings can be shown at their lines."""

from __future__ import annotations

import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .encoding import cut

LINES = 600  # of a program that are shown
WIDTH = 200  # characters of a line


@dataclass
class Source:
    """A program: its path as it was called, its lines."""

    path: Path

    def as_document(self) -> dict[str, Any]:
        try:
            with tokenize.open(self.path) as file:  # in the encoding that the file declares
                lines = file.read().splitlines()
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            return {"reason": f"the program's text could not be read: {error}"}
        return {
            "file": str(self.path),
            "name": self.path.name,
            "lines": [cut(line, WIDTH) for line in lines[:LINES]],
            "left_out": max(0, len(lines) - LINES),
        }
