"""A climb's table, as the page has it."""

from __future__ import annotations

from typing import Any

from ..ladder.climbing import Climb


def ladder_of(climb: Climb) -> dict[str, Any]:
    """The cells of the table, and what was proved."""
    sheet = climb.sheet()
    return {"title": sheet.title, "header": sheet.header, "blocks": sheet.blocks, "verdict": climb.verdict()}
