"""``torch.autograd.functional``: products with the Jacobian and the Hessian, and these themselves."""

from __future__ import annotations

from ..tensors.derivatives import hessian as hessian
from ..tensors.derivatives import hvp as hvp
from ..tensors.derivatives import jacobian as jacobian
from ..tensors.derivatives import jvp as jvp
from ..tensors.derivatives import vhp as vhp
from ..tensors.derivatives import vjp as vjp
