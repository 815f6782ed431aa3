"""The matplotlib backend of notebooks: ``plt.show()`` hands the figures to the cell, and no window opens.

matplotlib loads this file where ``MPLBACKEND`` names it (its documentation, "Writing a backend"); the names below are
defined only then, since chainrule may be installed without matplotlib.
"""

from __future__ import annotations

import sys
from typing import Any

from .figures import Shower

if "matplotlib" in sys.modules:
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    class FigureManager(FigureManagerBase):
        """Shows figures by handing them to the cell."""

        @classmethod
        def pyplot_show(cls, *args: Any, **named: Any) -> None:
            Shower.call()

    class FigureCanvas(FigureCanvasAgg):
        """Draws pixels in memory."""

        manager_class = FigureManager
