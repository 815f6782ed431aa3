"""The grammar: what an op is, what a node is, and the chain rule that joins them."""

from . import promote  # noqa: F401  (completes apply with the careful path)
