"""Figures in notebooks: what is drawn becomes part of the cell's output."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Iterator
from typing import Any

BACKEND = f"module://{__package__}.matplotlib_backend"  # what MPLBACKEND says in a notebook


class Shower:
    """What ``plt.show()`` does."""

    call: Callable[[], None] = staticmethod(lambda: None)


def show_with(call: Callable[[], None]) -> None:
    """From now on ``plt.show()`` does this."""
    Shower.call = staticmethod(call)  # type: ignore[method-assign]


def drawn() -> Iterator[dict[str, Any]]:
    """The open figures, one after the other, each closed behind it: as text and as a PNG picture."""
    plots: Any = sys.modules.get("matplotlib.pyplot")
    for number in plots.get_fignums() if plots else ():
        figure, file = plots.figure(number), io.BytesIO()
        figure.savefig(file, format="png", bbox_inches="tight")
        plots.close(figure)
        yield {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": [repr(figure)]}
