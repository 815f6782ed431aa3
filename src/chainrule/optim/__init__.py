"""Optimizers: rules that turn gradients into updates of parameters, one paper to a file."""

from __future__ import annotations

from typing import Any

from . import lr_scheduler as lr_scheduler
from .adafactor import Adafactor as Adafactor
from .adagrad import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adam import AdamW as AdamW
from .adam_family import Adamax as Adamax
from .adam_family import NAdam as NAdam
from .adam_family import RAdam as RAdam
from .lbfgs import LBFGS as LBFGS
from .muon import Muon as Muon
from .newton import GaussNewton as GaussNewton
from .newton import LevenbergMarquardt as LevenbergMarquardt
from .newton import Newton as Newton
from .optimizer import Optimizer as Optimizer
from .rmsprop import RMSprop as RMSprop
from .rprop import ASGD as ASGD
from .rprop import Rprop as Rprop
from .sgd import SGD as SGD


def __getattr__(name: str) -> Any:
    """What few programs need is read when first asked for."""
    from importlib import import_module

    if name == "swa_utils":
        return import_module("chainrule.swa_utils")  # it averages modules, which optimizers know nothing of
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
