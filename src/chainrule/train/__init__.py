"""Train on a table: read it, hold a part out, scale, choose the loss, train, measure, store.

>>> from chainrule.train import fit
>>> table = {"size": [50, 60, 80, 95, 110, 120], "price": [101, 119, 161, 189, 221, 240]}
>>> run = fit("linear", table, "price", optimizer="sgd", lr=0.1, test_size=0)
>>> round(float(run.predict({"size": [100]})[0]), -1)
200.0
"""

from __future__ import annotations

import importlib
from typing import Any

HOME = {
    "fit": "chainrule.train.fitting",
    "Session": "chainrule.train.session",
    "Run": "chainrule.train.run",
    "Regressor": "chainrule.train.estimators",
    "Classifier": "chainrule.train.estimators",
    "DataError": "chainrule.train.errors",
    "SettingError": "chainrule.train.errors",
    "RunFolderError": "chainrule.train.errors",
    "Diverged": "chainrule.train.errors",
}

__all__ = list(HOME)


def __getattr__(name: str) -> Any:
    """Import on first use: tables and estimators need libraries that `import chainrule` must not load."""
    if name not in HOME:
        raise AttributeError(f"module 'chainrule.train' has no attribute {name!r}")
    return getattr(importlib.import_module(HOME[name]), name)
