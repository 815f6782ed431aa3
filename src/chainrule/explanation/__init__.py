"""Explanations: the chain rule told step by step, the graph drawn, a model's layers counted."""

from __future__ import annotations

from .picture import Picture as Picture
from .picture import draw as draw
from .tally import Summary as Summary
from .tally import summary as summary
from .telling import Explanation as Explanation
from .telling import explain as explain
