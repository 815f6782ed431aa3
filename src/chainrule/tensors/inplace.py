"""Writing into a tensor: entries change, version counters count, histories follow.

``x.op_(…)`` means: compute ``x.op(…)``, write its entries where x's are, and let x take over its history. If x is a
view, the tensor it looks into gets a history too: "as before, but this region overwritten".
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import update_wrapper
from math import prod
from sys import getrefcount
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import title
from ..base.errors import message
from ..base.modes import modes
from ..graph.apply import apply, record
from ..graph.op import Op, scale
from ..graph.packing import Hooked, renew
from ..graph.promote import as_array, cast
from ..graph.value import FREED, Leaf, Node, Value, clock, wrap
from ..graph.value import wrap as as_tensor
from ..graph.watch import Watchers, completed
from ..graph.writes import UNSHARED, noted, wrote
from ..ops.index import Fill
from ..ops.kernels import memory
from .coerce import sizes


class CopySlices(Op):
    """``base`` with the region that ``views`` lead to replaced by ``value``."""

    fields = ("views",)
    torch_name = "torch::autograd::CopySlices"
    slow = ""

    def forward(self, base: Any, value: Any) -> Any:
        result = region = base.copy()
        for op in self.views:
            region = op.compute(region)
        region[...] = value
        return result

    def pull_base(self, g: Any) -> Any:
        if isinstance(g, Value):
            hole = g.array
            for op in self.views:
                hole = op.compute(hole)
            return self(g, np.zeros(hole.shape, hole.dtype))
        return self.forward(np.asarray(g), 0)

    def pull_value(self, g: Any) -> Any:
        for op in self.views:
            g = op(g)
        return g


class CopyInto(Op):
    """``value`` in the place of ``before``, on which nothing depends any more"""

    torch_name = "torch::autograd::CopyBackwards"
    slow = ""

    def forward(self, before: Any, value: Any) -> Any:
        return value

    def pull_before(self, g: Any) -> Any:
        return scale(g, 0)

    def pull_value(self, g: Any) -> Any:
        return g


copied = CopyInto()


def check_writable(target: Any) -> None:
    """Refuse to write into a tensor whose gradient bookkeeping would become wrong."""
    node = target.node
    if modes.grad:
        if type(node) is Leaf:
            raise RuntimeError(
                message(
                    "a leaf Variable that requires grad is being used in an in-place operation.",
                    "its own value is what gradients are taken at; writing over it would lose it",
                    f"{without_recording('w -= lr * w.grad')}    (or an optimizer; or w = w * 2 for a new tensor)",
                )
            )
        base = target._base
        if base is not None and type(base.node) is Leaf:
            raise RuntimeError(
                message(
                    "a view of a leaf Variable that requires grad is being used in an in-place operation.",
                    "the view shares its entries with the leaf, whose value is what gradients are taken at",
                    f"{without_recording('w[0] = 1')}    (or work on w.clone())",
                )
            )


def without_recording(example: str) -> str:
    """The program's own statement, or an example of one, under ``no_grad``."""
    from ..base.operands import statement  # only once something has gone wrong

    return f"with torch.no_grad(): {statement() or example}"


def write(target: Any, result: Any, since: int | None = None) -> Any:
    """Make ``target`` hold the entries of ``result`` and take over its history.

    What the node of ``result`` kept of the old entries it keeps as a copy, and so do the nodes before it that were made
    after the tick ``since``: the derivative of ``x.mul_(x)`` needs x as it was.
    """
    check_writable(target)
    x, r = target.array, result.array if isinstance(result, Value) else np.asarray(result)
    if x.dtype is not r.dtype and x.dtype != r.dtype:
        here, there = dtypes.of(x), dtypes.of(r)
        if there.rank > here.rank:
            raise RuntimeError(
                message(
                    f"result type {title(there)} can't be cast to the desired output type {title(here)}",
                    f"the operation gives {there}, and an in-place operation keeps the dtype of its tensor, {here}",
                    "y = x.op(…) for a new tensor, or x = x.float() first",
                )
            )
        if isinstance(result, Value):
            result = cast(result, here)
    if x.shape != r.shape:
        raise RuntimeError(
            message(
                f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(r.shape)}",
                "an in-place operation keeps the shape of its tensor",
                "y = x + other (a new tensor of the broadcast shape)",
            )
        )
    node = result.node if isinstance(result, Value) else None
    if node is not None:
        keep_copies(node, target, node.seq if since is None else since)
    overwrite(x, r)
    wrote(target, 2)
    adopt(target, node)
    return target


def keep_copies(last: Node, target: Any, since: int) -> None:
    """Let ``last``, and the nodes before it from ``since`` on, keep copies where they kept entries of ``target``.

    Or of what ``target`` is a view of: all that look into the same memory share one version cell.
    """
    cell, stack = target.version, [last]
    memory = (target if target._base is None else target._base).array
    while stack:
        node = stack.pop()
        guards = node.guards
        if type(node.op) is Hooked:
            renew(node, memory)
        elif node.saved is not FREED and cell in guards[::2]:
            now = cell[0]
            node.saved = tuple([copied_if_shared(s, memory) for s in node.saved])
            pairs = zip(guards[::2], guards[1::2])
            node.guards = tuple([part for c, v in pairs for part in (([0], 0) if c is cell and v == now else (c, v))])
        stack += [edge for edge in node.edges if edge is not None and edge.seq > since]


def copied_if_shared(kept: Any, array: np.ndarray) -> Any:
    """What a node kept, with copies in place of arrays that share memory with ``array``."""
    if isinstance(kept, np.ndarray):
        return kept.copy() if np.may_share_memory(kept, array) else kept
    return type(kept)([copied_if_shared(k, array) for k in kept]) if type(kept) in (tuple, list) else kept


def overwrite(x: np.ndarray, r: Any) -> None:
    """Write entries where those of ``x`` are, if each of them has its own place."""
    if 0 in x.strides and x.size and any(s == 0 and n > 1 for s, n in zip(x.strides, x.shape)):
        raise RuntimeError(
            message(
                "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
                "Please clone() the tensor before performing the operation.",
                f"shape {list(x.shape)} was reached by expand, which repeats entries without copying them",
                "x = x.clone() first",
            )
        )
    x[...] = r


def adopt(target: Any, node: Node | None) -> None:
    """Give ``target`` the history ``node``, and every tensor that shares its entries the history that follows from it.

    The tensor that a view looks into (its base) becomes "as before, with this region overwritten", and the other views
    that meet the region are looked up in it again.
    """
    if not modes.grad:
        return
    before = target.node
    if before is not None and node is not None and before.retained is not None:  # the gradient kept is now the new one's
        node.retain(before.retained)
        before.retained = None
    base = target._base
    if base is None:
        if node is None and target.node is None:
            return
        target.node = node
        base = target
    else:
        if node is None and base.node is None:
            return
        whole = Node()
        whole.op, whole.edges, whole.saved, whole.guards = CopySlices(target._views), (base.node, node), (), ()
        whole.shapes = whole.hooks = whole.retained = None
        whole.seq = clock()
        if Watchers.count:
            completed(whole)
        base.node = whole
        look_again(target, base)
    if base._viewers is not None:
        for viewer in base._viewers[:]:
            view = viewer()
            if view is not None and view is not target and np.may_share_memory(view.array, target.array):
                look_again(view, base)


def look_again(view: Any, base: Any) -> None:
    """The history of a view, from what it looks into."""
    seen = base
    for op in view._views:
        seen = op(seen)
    view.node = seen.node


def copy_(input: Any, src: Any, non_blocking: bool = False) -> Any:
    """Write the entries of ``src`` (broadcast, in this tensor's dtype) into this tensor."""
    if not isinstance(src, Value):
        raise TypeError(f"copy_(): argument 'src' (position 1) must be Tensor, not {type(src).__name__}")
    if not modes.grad or input.node is None and src.node is None and input._base is None:  # no history changes
        x, r = input.array, src.array
        if r.dtype is x.dtype and r.shape == x.shape:
            overwrite(x, r)
            wrote(input)
            return input
    check_writable(input)
    from .shape import expand

    source = cast(src, dtypes.of(input.array))
    if source.array.shape != input.array.shape:
        source = expand(source, input.array.shape)
    return write(input, apply(copied, input, source))


def fill_(input: Any, value: Any) -> Any:
    """Write one number into every entry; nothing of what was there matters to the result, so its gradient is 0."""
    check_writable(input)
    if isinstance(value, Value):
        if value.array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.array.ndim} dimensions."
            )
        if value.node is not None:
            return copy_(input, value)
        value = value.array.item()
    x = input.array
    x[...] = as_array(value, x.dtype)
    wrote(input)
    if modes.grad and (input.node is not None or input._base is not None):
        t = wrap(x)
        record(Fill(value), (input,), [x], t)
        adopt(input, t.node)
    return input


def zero_(input: Any) -> Any:
    """Write 0 into every entry."""
    base = input._base
    if input.node is not None or base is not None and base.node is not None:
        return fill_(input, 0)
    x = input.array
    if x.ndim:
        x.fill(0)
    else:  # half the time
        x[()] = 0
    cell = input.version
    cell[0] += 1
    if getrefcount(cell) > UNSHARED:
        noted(cell)
    return input


def fill_diagonal_(input: Any, fill_value: Any, wrap: bool = False) -> Any:
    """Write one number into the entries whose indices are all equal; ``wrap`` starts again below the last column."""
    check_writable(input)
    x = input.array
    if x.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if x.ndim > 2 and len(set(x.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    if input.node is not None:
        from .masking import masked_fill

        mask = np.zeros(x.shape, bool)
        np.fill_diagonal(mask, True, wrap)
        return write(input, masked_fill(input, as_tensor(mask), fill_value))
    step = sum(input.stride())
    count = min(x.shape)
    fill_(input.as_strided((count,), (step,)), fill_value)
    if wrap and x.ndim == 2 and x.shape[0] > x.shape[1] + 1:
        fill_diagonal_(input[x.shape[1] + 1 :], fill_value, True)
    return input


def reshaped_in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place method of a function that gives a view: afterwards this tensor is that view of its own entries."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        check_writable(self)
        seen = function(self, *args, **kwargs)
        self.array, self.node = seen.array, seen.node
        if self._base is not None:
            self._views = seen._views
        wrote(self)
        return self

    update_wrapper(method, function)
    method.__name__ = method.__qualname__ = f"{function.__name__}_"
    method.__doc__ = f"In-place version of :func:`{function.__name__}`: this tensor takes that shape, and is returned."
    return method


def resize_(input: Any, *size: Any, memory_format: Any = None) -> Any:
    """This tensor with another shape: its first entries as they are; where it grows, whatever was in memory."""
    if input.node is not None:
        raise RuntimeError(
            message("cannot resize variables that require grad", instead="x.detach().resize_(...), or x.reshape(...)")
        )
    x, shape = input.array, sizes(size)
    numel = prod(shape)
    room = memory.own_memory(x)[memory.offset(x) :]
    if room.size < numel:
        room = np.concatenate([room, np.empty(numel - room.size, x.dtype)])
    input.array = room[:numel].reshape(shape)
    wrote(input)
    return input


def resize_as_(input: Any, other: Any, memory_format: Any = None) -> Any:
    """`resize_` to the shape of another tensor."""
    return resize_(input, other.array.shape, memory_format=memory_format)


def set_(input: Any, source: Any = None) -> Any:
    """Make this tensor look into the memory of another; without one, into none."""
    if input.node is not None or getattr(source, "node", None) is not None:
        raise RuntimeError(
            message("set_() does not take tensors that require grad", instead="x.data = y, or y.detach()")
        )
    if source is not None and source.array.dtype != input.array.dtype:
        raise RuntimeError(
            f"Could not set tensor of type {dtypes.of(source.array).alias} to a tensor of type {dtypes.of(input.array).alias}"
        )
    input.array = np.empty(0, input.array.dtype) if source is None else source.array
    input.version = [0] if source is None else source.version
    return input


def in_place(function: Any) -> Callable[..., Any]:
    """The in-place method that belongs to a function: ``add_ = in_place(add)``."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        check_writable(self)
        start = clock()
        return write(self, function(self, *args, **kwargs), start)

    update_wrapper(method, function)
    method.__name__ = method.__qualname__ = f"{function.__name__}_"
    method.__doc__ = (
        f"In-place version of :func:`{function.__name__}`: writes the result into this tensor and returns it."
    )
    return method


def into(out: Any, result: Any) -> Any:
    """Honour ``out=``: write the result into the given tensor, which takes its shape, and return that tensor."""
    if out is None:
        return result
    if isinstance(result, tuple) and isinstance(out, (tuple, list)):  # one for each of several results
        return type(out)([into(o, r) for o, r in zip(out, result, strict=True)])
    if not isinstance(out, Value):
        raise TypeError(f"argument 'out' must be Tensor, not {type(out).__name__}")
    if modes.grad and (out.node is not None or result.node is not None):
        raise RuntimeError(
            message(
                "functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.",
                instead="y = f(x) (without out=), or run it under torch.no_grad()",
            )
        )
    here, there = dtypes.of(out.array), dtypes.of(result.array)
    if there.rank > here.rank:
        raise RuntimeError(f"result type {title(there)} can't be cast to the desired output type {title(here)}")
    if out.array.shape != result.array.shape:
        if out.array.size:
            warnings.warn(
                f"An output with one or more elements was resized since it had shape {list(out.array.shape)}, which does not match "
                f"the required output shape {list(result.array.shape)}. This behavior is deprecated, and in a future PyTorch "
                "release outputs will not be resized unless they have zero elements.",
                UserWarning,
                stacklevel=3,
            )
        out.array = np.empty(result.array.shape, out.array.dtype)
    out.array[...] = result.array
    wrote(out)
    return out
