"""The page: a template that `make frontend` builds, with a document in it."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from ..formats.atomic import write_atomically
from .encoding import as_json
from .schema import Document

PLACE = '<script type="application/json" id="document">{}</script>'


@cache
def template() -> tuple[str, str]:
    """The page before and after the document."""
    before, found, after = files(__package__).joinpath("page.html").read_text(encoding="utf-8").partition(PLACE)
    if not found:
        raise RuntimeError(f"page.html has no place for the document, {PLACE}\n  instead: make frontend")
    return before, after


def page(document: Document) -> str:
    """A whole page that needs no other file and makes no request."""
    before, after = template()
    return before + PLACE.replace("{}", as_json(document)) + after


def write(document: Document, path: str | os.PathLike[str]) -> Path:
    """Write the page; the file is replaced in one step."""
    target = Path(path)
    write_atomically(target, page(document))
    return target
