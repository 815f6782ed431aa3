"""Every exception of chainrule, and how their messages are built.

::

    RuntimeError                    (what PyTorch raises for most misuse)
    ├── GradientError               no history, freed graph, overwritten value, wrong seed gradient
    ├── ShapeError                  sizes that do not fit together
    └── DtypeError                  a dtype that the operation has no meaning for

A message has up to three parts: **what** happened, with the values (PyTorch's own key words first, because
programs and people search for them), **why**, and what to write **instead**.
"""

from __future__ import annotations

from collections.abc import Iterable


class GradientError(RuntimeError):
    """A derivative was asked for where the graph cannot give one."""


class ShapeError(RuntimeError):
    """Sizes that do not fit together."""


class DtypeError(RuntimeError):
    """A dtype the operation has no meaning for."""


def message(what: str, why: str = "", instead: str = "") -> str:
    """Join the parts of an error message.

    >>> print(message("sizes differ: 3 and 4", "a sum pairs entries", "x[:3] + y"))
    sizes differ: 3 and 4
      why: a sum pairs entries
      instead: x[:3] + y
    """
    lines = [what]
    if why:
        lines.append(f"  why: {why}")
    if instead:
        lines.append(f"  instead: {instead}")
    return "\n".join(lines)


def near(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names in ``known`` that ``name`` was probably meant to be, best first.

    >>> near("pric", ["price", "size", "rooms"])
    ['price']
    """
    import difflib  # only once something has gone wrong

    return difflib.get_close_matches(name, list(known), n=most, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``" Did you mean 'price'?"``, or nothing where no known name is near."""
    found = near(name, known)
    return f" Did you mean {' or '.join(repr(f) for f in found)}?" if found else ""
