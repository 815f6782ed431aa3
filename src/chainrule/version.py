"""``torch.version``: which PyTorch a program may take this for.

Programs ask for the version to decide how to do things: ``if torch.__version__ >= (1, 8): …``,
``torch.__version__.split("+")[0]``. What they want to know is which interface they meet, and that is PyTorch 2.13.0's.
So where chainrule stands in for torch, ``torch.__version__`` is ``2.13.0+chainrule.0.1.0``: the release whose interface
it is, and behind the plus, where PyTorch's own builds say ``cpu`` or ``cu126``, whose build it is. Version parsers order
it as 2.13.0. ``chainrule.__version__`` is chainrule's own.
"""

from __future__ import annotations

import re
from typing import Any

from ._version import __version__ as chainrule

INTERFACE = "2.13.0"


class TorchVersion(str):
    """A version that compares as versions do, with strings and tuples of numbers.

    >>> TorchVersion("2.13.0+cpu") >= (1, 8), TorchVersion("2.13.0") > "2.9", TorchVersion("2.0.0rc1") < "2.0"
    (True, True, True)
    """

    def against(self, other: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """This version's numbers and the other's, equally many of each."""
        mine, theirs = numbers(str(self)), numbers(other)
        length = max(len(mine), len(theirs))
        return tuple(pad(mine, length)), tuple(pad(theirs, length))

    def __lt__(self, other: Any) -> bool:
        a, b = self.against(other)
        return a < b

    def __le__(self, other: Any) -> bool:
        a, b = self.against(other)
        return a <= b

    def __gt__(self, other: Any) -> bool:
        a, b = self.against(other)
        return a > b

    def __ge__(self, other: Any) -> bool:
        a, b = self.against(other)
        return a >= b

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return str.__eq__(self, other)
        a, b = self.against(other)
        return a == b

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)


def numbers(version: Any) -> list[int]:
    """``"2.13.0rc1+cpu"`` → [2, 13, 0], the last one lowered for what comes before a release."""
    if isinstance(version, str):
        public = version.partition("+")[0]
        release = re.match(r"v?(\d+(?:\.\d+)*)", public)
        if release is None:
            raise ValueError(f"{version!r} is no version, such as '2.13.0'")
        found = [int(part) for part in release[1].split(".")]
        return [*found, -1] if re.search(r"a|b|rc|dev", public) else found
    return [int(part) for part in version]


def pad(parts: list[int], length: int) -> list[int]:
    return parts + [0] * (length - len(parts))


__version__ = TorchVersion(f"{INTERFACE}+chainrule.{chainrule}")
cuda: str | None = None
hip: str | None = None
rocm: str | None = None
xpu: str | None = None
debug = False
git_version = chainrule
