"""The pages about the common errors, and which of them a text is about.

Each page is Markdown: a heading ``# E012: the error's words``, what it means, its usual causes, a program that raises
it, and the same program mended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..base.errors import CODES, code_of


@dataclass(frozen=True)
class Page:
    """What is known about one error."""

    code: str
    title: str
    text: str

    @property
    def meaning(self) -> str:
        """The paragraph below the heading."""
        return self.text.split("\n\n")[1].replace("\n", " ")

    def block(self, heading: str) -> str:
        """The program below ``## Wrong`` or ``## Right``."""
        below = self.text.partition(f"## {heading}\n")[2]
        return below.partition("```python\n")[2].partition("```")[0]


@cache
def pages() -> dict[str, Page]:
    """All pages by their code.

    >>> pages()["E012"].title
    'Target is out of bounds'
    """
    found = {}
    folder = files(__package__) / "pages"
    for code in CODES:
        text = (folder / f"{code}.md").read_text(encoding="utf-8")
        found[code] = Page(code, text.partition("\n")[0].partition(": ")[2], text)
    return found


def nearest(text: str) -> Page | None:
    """The page about an error: named by its code, known by its words, or the one that shares most words with it.

    >>> nearest("e012").code, nearest("RuntimeError: the loss does not require grad").code
    ('E012', 'E001')
    """
    code = re.search(r"\bE\d{3}\b", text.upper())
    if code is not None:
        return pages().get(code[0])
    for line in text.splitlines():
        words = re.sub(r"^\w*(Error|Warning):\s*", "", line.strip())
        if known := code_of(words):
            return pages()[known]
    asked = vocabulary(text)
    score, best = max(((likeness(asked, page), page) for page in pages().values()), key=lambda pair: pair[0])
    return best if score > 0 else None


def likeness(asked: set[str], page: Page) -> float:
    """How many of the words asked for a page has; those of its title count three times, and rare words more than common ones."""
    title, body = vocabulary(page.title), vocabulary(page.text)
    return sum((3 * (word in title) + (word in body)) / spread()[word] for word in asked if word in spread())


@cache
def spread() -> dict[str, int]:
    """In how many pages each word stands."""
    counted: dict[str, int] = {}
    for page in pages().values():
        for word in vocabulary(page.text):
            counted[word] = counted.get(word, 0) + 1
    return counted


def vocabulary(text: str) -> set[str]:
    return set(re.findall(r"[a-z_][a-z_0-9]+", text.lower()))


def index() -> str:
    """The index of all pages, as ``docs/errors.md`` shows it."""
    rows = "\n".join(
        f"| [{p.code}](../src/chainrule/explanation/pages/{p.code}.md) | {p.title} | {p.meaning} |"
        for p in pages().values()
    )
    return (
        "# Errors\n\n"
        "Every error says what happened with the values, where, why, and what to write instead. The common ones end with a\n"
        'code; `chainrule why E012` shows its page, `chainrule why "text of an error"` finds the nearest.\n'
        "This index is made from the pages: `chainrule why --index > docs/errors.md`.\n\n"
        "| code | error | what it means |\n|---|---|---|\n" + rows + "\n"
    )
