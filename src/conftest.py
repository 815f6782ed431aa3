"""What the examples in docstrings may use without importing it, as in PyTorch's documentation."""

from typing import Any

import numpy
import pytest

import chainrule


@pytest.fixture(autouse=True)
def names(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace.update(torch=chainrule, nn=chainrule.nn, F=chainrule.nn.functional, np=numpy)
