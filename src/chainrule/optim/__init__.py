"""Optimizers: rules that turn gradients into updates of parameters, one paper to a file."""

from __future__ import annotations

from . import lr_scheduler as lr_scheduler
from .adagrad import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adam import AdamW as AdamW
from .adam_family import Adamax as Adamax
from .adam_family import NAdam as NAdam
from .adam_family import RAdam as RAdam
from .lbfgs import LBFGS as LBFGS
from .newton import GaussNewton as GaussNewton
from .newton import LevenbergMarquardt as LevenbergMarquardt
from .newton import Newton as Newton
from .optimizer import Optimizer as Optimizer
from .rmsprop import RMSprop as RMSprop
from .rprop import ASGD as ASGD
from .rprop import Rprop as Rprop
from .sgd import SGD as SGD
