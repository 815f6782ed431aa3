"""The same expression under chainrule and under PyTorch: what it prints, or the error it raises."""

import re
import warnings

import numpy as np
import pytest

import chainrule


def said(expression, lib):
    """What an expression (or a statement and then one, after a semicolon) prints, or its error's classes and first line."""
    names = {"torch": lib, "np": np}
    *before, last = expression.split(";")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for statement in before:
                exec(statement.strip(), names)
            return re.sub(r" at 0x[0-9a-f]+", "", repr(eval(last.strip(), names)))
        except Exception as e:  # noqa: BLE001  (whatever PyTorch raises, ours is compared with it)
            return e


def same_as_pytorch(expression):
    torch = pytest.importorskip("torch")
    ours, theirs = said(expression, chainrule), said(expression, torch)
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)), f"{expression}: {ours!r}, where PyTorch raises {theirs!r}"
    else:
        assert ours == theirs
