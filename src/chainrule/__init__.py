"""chainrule: tensors that remember how they were computed, a backward pass, modules, losses, optimizers.

The interface is PyTorch's: ``import chainrule as torch`` runs ordinary PyTorch CPU training programs.
"""

from __future__ import annotations

from ._version import __version__ as __version__
from .base.device import device as device
from .base.dtypes import bfloat16 as bfloat16
from .base.dtypes import dtype as dtype
from .base.dtypes import float16 as float16
from .base.dtypes import float32 as float32
from .base.dtypes import float64 as float64
from .base.dtypes import int64 as int64
from .tensors.arithmetic import add as add
from .tensors.creation import as_tensor as as_tensor
from .tensors.creation import from_numpy as from_numpy
from .tensors.creation import ones as ones
from .tensors.creation import tensor as tensor
from .tensors.creation import zeros as zeros
from .tensors.grad_mode import enable_grad as enable_grad
from .tensors.grad_mode import inference_mode as inference_mode
from .tensors.grad_mode import no_grad as no_grad
from .tensors.grad_mode import set_grad_enabled as set_grad_enabled
from .tensors.size import Size as Size
from .tensors.tensor import Tensor as Tensor
