"""What examples in docstrings may take for granted: ``torch`` is chainrule, ``np`` is NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule

collect_ignore = ["src/chainrule/as_torch.py"]  # importing it puts chainrule in PyTorch's place, for the whole process


@pytest.fixture(autouse=True)
def names_in_examples(doctest_namespace):
    doctest_namespace.update(torch=chainrule, np=np, nn=chainrule.nn, F=chainrule.nn.functional)
