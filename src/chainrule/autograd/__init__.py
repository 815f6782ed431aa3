"""``torch.autograd``: derivatives by name, functions of your own, the graph and what watches it, checks."""

from __future__ import annotations

from ..tensors import legacy as variable  # noqa: F401  # where programs take Variable from, in PyTorch too
from ..tensors.autograd import backward as backward
from ..tensors.autograd import grad as grad
from ..tensors.function import Function as Function
from ..tensors.grad_mode import enable_grad as enable_grad
from ..tensors.grad_mode import inference_mode as inference_mode
from ..tensors.grad_mode import no_grad as no_grad
from ..tensors.grad_mode import set_grad_enabled as set_grad_enabled
from ..tensors.gradcheck import gradcheck as gradcheck
from ..tensors.gradcheck import gradgradcheck as gradgradcheck
from ..tensors.legacy import Variable as Variable
from . import anomaly_mode as anomaly_mode
from . import forward_ad as forward_ad
from . import function as function
from . import functional as functional
from . import grad_mode as grad_mode
from . import graph as graph
from . import profiler as profiler
from .anomaly_mode import detect_anomaly as detect_anomaly
from .anomaly_mode import set_detect_anomaly as set_detect_anomaly
