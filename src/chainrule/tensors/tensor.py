"""`Tensor`: an array, its history, its gradient, and every function of the library that acts on one, by name."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import GradientError, message
from ..graph import backward as engine
from ..graph.promote import cast
from ..graph.value import Leaf, Node, Pick, Value, results_are, titled, wrap
from ..graph.value import RemovableHandle as RemovableHandle
from . import linalg, ordering, printing, reduction, shares
from .algebra import Algebra
from .coerce import require_floating
from .constructors import build
from .convert import Conversions
from .elementwise import Elementwise
from .entries import Entries
from .former import Former
from .kinds import Kinds
from .leaving import Leaving
from .operators import Operators
from .size import Size

# Where a backward pass begins: NumPy scalars, with which arithmetic is several times quicker than with 0-dim arrays.
ONES = {"f": np.float32(1), "d": np.float64(1)}


class Tensor(Operators, Elementwise, Entries, Algebra, Kinds, Former, Conversions, Leaving, Value):
    """An n-dimensional array of numbers that remembers how it was computed.

    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> loss = (w * 1.0 - 2.0) ** 2
    >>> loss.backward()
    >>> w.grad
    tensor(-2.)
    """

    def __new__(cls, *data: Any, **options: Any) -> Any:
        """``Tensor(2, 3)``: a tensor of that size, its entries whatever was in memory; ``Tensor([1, 2])``: of those entries."""
        return build(cls, *data, **options)

    # ------------------------------------------------------------------ what it is

    @property
    def shape(self) -> Size:
        """The size along each axis."""
        return Size(self.array.shape)

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.of(self.array)

    @property
    def device(self) -> devices.device:
        return devices.CPU

    @property
    def itemsize(self) -> int:
        """Bytes for one entry."""
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes for all entries."""
        return self.array.nbytes

    @property
    def is_leaf(self) -> bool:
        """True for a tensor that no recorded operation made: gradients collect in its ``.grad``."""
        return self.node is None or type(self.node) is Leaf

    @property
    def grad_fn(self) -> Node | None:
        """The node that computed this tensor; None for leaves."""
        node = self.node
        if node is None or type(node) is Leaf:
            return None
        return titled(node.parent if isinstance(node, Pick) else node)

    @property
    def output_nr(self) -> int:
        return self.node.index if isinstance(self.node, Pick) else 0

    @property
    def _version(self) -> int:
        return self.version[0]

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size along one axis."""
        if dim is None:
            return Size(self.array.shape)
        from ..base.shapes import axis

        return self.array.shape[axis(dim, self.array.ndim)]

    def dim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    ndimension = dim

    def numel(self) -> int:
        """The number of entries."""
        return self.array.size

    nelement = numel

    # ------------------------------------------------------------------ gradients

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this tensor."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for gradients with respect to this tensor, or stop asking; only a leaf can change."""
        if not self.is_leaf:
            if requires_grad:
                return self
            raise RuntimeError(
                message(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a "
                    "subgraph that doesn't require differentiation use var_no_grad = var.detach().",
                    f"this tensor was computed, by {self.grad_fn.name()}",  # type: ignore[union-attr]
                )
            )
        if not requires_grad:
            self.node = None
        elif self.node is None:
            require_floating(self.array, "only Tensors of floating point dtype can require gradients")
            self.node = Leaf(self)
        return self

    @property
    def grad(self) -> Any:
        """The gradient that backward passes have accumulated here, or None."""
        if self._grad is None and self.node is not None and not self.is_leaf and self.node.retained is None:
            from ..graph.cut import made_by

            warnings.warn(made_by(self), UserWarning, stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            if not isinstance(value, Value):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}")
            if value.array.shape != self.array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(value.array.shape)}' to a tensor of size '{list(self.shape)}'. "
                    "Please ensure that the gradient and the tensor are the same size"
                )
            if value.array.dtype != self.array.dtype:
                here, there = self.dtype, dtypes.of(value.array)
                raise RuntimeError(
                    message(
                        f"attempting to assign a gradient with dtype '{there}' to a tensor with dtype '{here}'",
                        "a gradient has the dtype of its tensor",
                        f"x.grad = g.to({here})",
                    )
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        """Compute ∂self/∂leaf for every leaf this tensor depends on, and add it to the leaf's ``.grad``.

        ``gradient`` is ∂L/∂self, 1 for a single number. ``create_graph`` records the pass itself, so that it can be
        differentiated again; ``retain_graph`` (default: ``create_graph``) keeps what is needed for a second pass;
        ``inputs`` restricts the accumulation to these tensors.
        """
        node = self.node
        if node is None:
            from ..graph.cut import no_history

            raise GradientError(no_history("element 0 of tensors does not require grad and does not have a grad_fn", self))
        if type(node) is Leaf:
            from ..graph.cut import from_leaf

            from_leaf(self)
        only = None if inputs is None else aims(inputs)
        x = self.array
        one = ONES.get(x.dtype.char) if gradient is None and not create_graph and not x.ndim else None
        root = node, self.seed(gradient, create_graph) if one is None else one
        engine.backward([root], create_graph if retain_graph is None else retain_graph, create_graph, only)

    def seed(self, gradient: Any, create: bool) -> Any:
        """The gradient that a backward pass starts with."""
        x = self.array
        if gradient is None:
            if x.size != 1:
                raise RuntimeError(
                    message(
                        "grad can be implicitly created only for scalar outputs",
                        f"this tensor has shape {list(x.shape)}: {x.size} numbers, and each has a gradient of its own",
                        "loss.mean().backward(), loss.sum().backward(), or loss.backward(gradient=v) for a vector-Jacobian product",
                    )
                )
            if x.dtype.kind == "c":
                raise RuntimeError(
                    message(
                        f"grad can be implicitly created only for real scalar outputs but got {self.dtype}",
                        "a complex number has no single direction in which it grows",
                        "loss.real.backward(), loss.abs().backward(), or loss.backward(gradient=v)",
                    )
                )
            if x.ndim == 0 and not create:
                return x.dtype.type(1)  # a NumPy scalar: arithmetic with it is several times quicker than with a 0-dim array
            ones = np.ones(x.shape, x.dtype)
            return wrap(ones) if create else ones
        if not isinstance(gradient, Value):
            raise TypeError(
                message(
                    f"gradients can be either Tensors or None, but got {type(gradient).__name__}",
                    instead=f"y.backward(torch.full_like(y, {gradient!r}))" if isinstance(gradient, (int, float)) else "",
                )
            )
        if gradient.array.shape != x.shape:
            raise RuntimeError(
                message(
                    f"Mismatch in shape: grad_output[0] has a shape of {Size(gradient.array.shape)} "
                    f"and output[0] has a shape of {self.shape}.",
                    "the gradient of a tensor has an entry for each of its entries",
                )
            )
        g = gradient.array
        if g.dtype != x.dtype:
            if "c" in (g.dtype.kind, x.dtype.kind):
                raise RuntimeError(
                    "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
                    f"grad_output[0] has a dtype of {dtypes.of(g)} and output[0] has a dtype of {self.dtype}."
                )
            gradient = cast(gradient, self.dtype)
        return gradient if create else gradient.array

    def retain_grad(self) -> None:
        """Keep the gradient of this computed tensor in ``.grad`` too."""
        node = needs_history(self, "can't retain_grad on Tensor that has requires_grad=False")
        if not self.is_leaf and node.retained is None:
            import weakref

            node.retain(weakref.ref(self))

    @property
    def retains_grad(self) -> bool:
        return not self.is_leaf and self.node is not None and self.node.retained is not None

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Show ``hook`` the gradient of this tensor when a backward pass computes it; it may return another one."""
        return needs_history(self, "cannot register a hook on a tensor that doesn't require gradient").add_hook(hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call ``hook`` with this leaf whenever its ``.grad`` has been updated."""
        node = needs_history(self, "cannot register a hook on a tensor that doesn't require gradient")
        if not isinstance(node, Leaf):
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if node.after is None:
            node.after = {}
        return RemovableHandle(node.after, hook)

    def detach(self) -> Tensor:
        """The same entries, in the same memory, without history."""
        result = wrap(self.array)
        result.version = self.version
        if self.node is not None:
            frame = _getframe(1)
            result.cut = "detach", frame.f_code, frame.f_lasti  # an error will name this line
        return result

    def detach_(self) -> Tensor:
        """Forget this tensor's history."""
        if self._base is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self.node = None
        return self

    @property
    def data(self) -> Tensor:
        """The same entries without history; writes through it are not noticed by autograd."""
        result = wrap(self.array)
        if self.node is not None:
            frame = _getframe(1)
            result.cut = "data", frame.f_code, frame.f_lasti
        return result

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Value):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        self.array = value.array

    # ------------------------------------------------------------------ functions, by family

    __matmul__ = matmul = linalg.matmul
    mm, bmm, mv, dot, vdot, inner, outer, ger = (
        linalg.mm, linalg.bmm, linalg.mv, linalg.dot, linalg.vdot, linalg.inner, linalg.outer, linalg.ger)  # fmt: skip
    addmm, addmv, addr, baddbmm, addbmm = linalg.addmm, linalg.addmv, linalg.addr, linalg.baddbmm, linalg.addbmm
    addmm_, addmv_, addr_, baddbmm_, addbmm_ = linalg.addmm_, linalg.addmv_, linalg.addr_, linalg.baddbmm_, linalg.addbmm_
    trace, matrix_power, kron, cross = linalg.trace, linalg.matrix_power, linalg.kron, linalg.cross

    sum, mean, prod, var, std = reduction.sum, reduction.mean, reduction.prod, reduction.var, reduction.std
    amax, amin, argmax, argmin = reduction.amax, reduction.amin, reduction.argmax, reduction.argmin
    all, any, count_nonzero, norm, dist = reduction.all, reduction.any, reduction.count_nonzero, reduction.norm, reduction.dist
    softmax, log_softmax = shares.softmax, shares.log_softmax
    logsumexp, nansum, nanmean, diff = reduction.logsumexp, reduction.nansum, reduction.nanmean, reduction.diff
    cumsum, cumprod, logcumsumexp = reduction.cumsum, reduction.cumprod, reduction.logcumsumexp
    cumsum_, cumprod_ = reduction.cumsum_, reduction.cumprod_
    max, min, aminmax, cummax, cummin = ordering.max, ordering.min, ordering.aminmax, ordering.cummax, ordering.cummin
    sort, argsort, msort, topk, kthvalue = ordering.sort, ordering.argsort, ordering.msort, ordering.topk, ordering.kthvalue
    median, nanmedian, mode = ordering.median, ordering.nanmedian, ordering.mode
    quantile, nanquantile = ordering.quantile, ordering.nanquantile
    unique, unique_consecutive = ordering.unique, ordering.unique_consecutive
    bincount, histc, histogram = ordering.bincount, ordering.histc, ordering.histogram

    def __hash__(self) -> int:
        return id(self)

    # ------------------------------------------------------------------ text

    def __repr__(self) -> str:
        node = self.grad_fn
        return printing.format_tensor(
            self.array,
            dtype_name=self.dtype.name,
            default_dtype=dtypes.Defaults.dtype.name,
            requires_grad=self.node is not None,
            grad_fn_name=None if node is None else node.name().removeprefix("torch::autograd::"),
        )

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return printing.format_spec(self.array, spec, text=self.__repr__)


def aims(inputs: Any) -> list[Node]:
    """The nodes of the tensors that a backward pass is restricted to; computed ones keep their gradients."""
    tensors = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if not tensors:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    nodes = [needs_history(t) for t in tensors]
    for t in tensors:
        if not t.is_leaf:
            t.retain_grad()
    return nodes


def needs_history(tensor: Any, what: str = "One of the differentiated Tensors does not require grad") -> Node:
    """The node of a tensor, or an error that says it has none."""
    if tensor.node is None:
        from ..graph.cut import no_history

        raise RuntimeError(no_history(what, tensor))
    return tensor.node


results_are(Tensor)
