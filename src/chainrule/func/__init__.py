"""``torch.func``: functions that give functions. `grad`, `vjp`, `jvp`, `jacrev` and `hessian` differentiate one, `vmap` maps one.

Arguments and results are tensors, or dicts, lists and tuples of them. Transforms may stand in each other. A derivative has a
history only if the function depends on a tensor that has one, or if it is taken within another transform.
"""

from __future__ import annotations

from .mapping import vmap as vmap
from .modules import debug_unwrap as debug_unwrap
from .modules import functional_call as functional_call
from .modules import functionalize as functionalize
from .modules import replace_all_batch_norm_modules_ as replace_all_batch_norm_modules_
from .modules import stack_module_state as stack_module_state
from .transforms import grad as grad
from .transforms import grad_and_value as grad_and_value
from .transforms import hessian as hessian
from .transforms import jacfwd as jacfwd
from .transforms import jacrev as jacrev
from .transforms import jvp as jvp
from .transforms import linearize as linearize
from .transforms import vjp as vjp

__all__ = ["debug_unwrap", "functional_call", "functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp",
           "linearize", "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap"]  # fmt: skip
