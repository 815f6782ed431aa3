"""`record`: keep what a training loop did, step by step; `load` it, replay it, `compare` two runs.

``store`` is the file; ``recorder`` writes steps into it, told by ``observer`` what happens; ``run`` reads it;
``comparing`` finds the first step at which two runs part, and why.
"""

from __future__ import annotations

from .comparing import Difference as Difference
from .comparing import compare as compare
from .recorder import record as record
from .run import Run as Run
from .run import Step as Step
from .run import load as load
from .store import RecordingError as RecordingError

__all__ = ["Difference", "RecordingError", "Run", "Step", "compare", "load", "record"]
