"""Apply an op to values: compute on their arrays, and record a node where a gradient may be asked for.

This is the hot path of eager mode. `unary` and `binary` are the short ways for elementwise ops whose inputs already
agree in dtype; everything else (promotion, halves, integers given to a floating op, complex) takes `promote.careful`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from ..base.modes import modes
from ..base.shapes import broadcast
from . import large
from . import value as graph
from .value import Leaf, Node, Pick, Value, clock, new, wrap

if TYPE_CHECKING:
    from .op import Joint, Op

ndarray, array, asarray = np.ndarray, np.array, np.asarray
FLOATS = frozenset([np.dtype(np.float32), np.dtype(np.float64)])  # to find a dtype in a set takes half as long as its letter
watched = 0  # how many look at the functions here for a while: what passes them by does so no longer
careful: Any = None  # `promote.py`, which builds on this file, puts its function here
new_node: Callable[[], Node] = Node  # `watch.py` puts another function here while somebody watches


def unary(op: Op, a: Any) -> Any:
    """Apply an elementwise op of one input."""
    x = a.array
    quick, most, keep, wants_shapes = op.alone
    if x.dtype not in quick and x.dtype.char in op.slow:
        return careful(op, a)
    r = op.compute(x) if x.size < most else large.compute(op, x)
    if type(r) is not ndarray:
        r = asarray(r)
    t = new(graph.Result)
    t.array = r
    t.version = [0]
    edge = a.node
    if edge is not None and modes.grad:  # what `record_one` does; a call of it is a twentieth of a small operation
        t.node = node = new_node()
        if not keep:
            node.saved = node.guards = ()
        elif keep == (0,):
            cell = a.version
            node.saved, node.guards = (x, None), (cell, cell[0])
        elif keep == (1,):
            node.saved, node.guards = (None, r), (t.version, 0)
        else:
            node.saved, node.guards = (x, r), (a.version, a.version[0], t.version, 0)
        node.op, node.edges, node.seq = op, (edge,), clock()
        node.shapes = (x.shape,) if wants_shapes else None
        node.hooks = node.retained = None
    return t


def record_one(op: Op, a: Any, t: Any) -> None:
    """Give the result of an op of one input its node."""
    x, r = a.array, t.array
    keep = op.keeps[0]
    t.node = node = new_node()
    if not keep:
        node.saved = node.guards = ()
    elif keep == (0,):
        node.saved, node.guards = (x, None), (a.version, a.version[0])
    elif keep == (1,):
        node.saved, node.guards = (None, r), (t.version, t.version[0])
    else:
        node.saved, node.guards = (x, r), (a.version, a.version[0], t.version, t.version[0])
    node.op, node.edges, node.seq = op, (a.node,), clock()
    node.shapes = (x.shape,) if op.wants_shapes else None
    node.hooks = node.retained = None


def binary(op: Op, a: Any, b: Any) -> Any:
    """Apply an elementwise op of two inputs, the first of them a value."""
    return of_two(a, b, op, op.compute, op.quick, op.large, op.plans, careful, None)


def of_two(
    a: Any, b: Any, op: Op, compute: Any, quick: Any, most: int, plans: tuple[Any, ...], otherwise: Any, numbers: Any
) -> Any:
    """`binary`, given what it has to know of the op; ``otherwise`` is for operands that are not plain tensors of one dtype.

    ``numbers`` does the same to two of NumPy's or Python's numbers, several times quicker than to 0-dim arrays.
    """
    if watched and otherwise is not careful:
        return otherwise(op, a, b)
    x = a.array
    kind = x.dtype
    given = type(b)
    if given is type(a) or given is not float and given is not int and isinstance(b, Value):
        y, eb, cell = b.array, b.node, b.version
        if y.dtype is not kind:
            return otherwise(op, a, b)
    elif (given is float or given is int) and kind in FLOATS:
        if given is float and numbers is not None and not x.ndim and a.node is None:
            t = new(graph.Result)
            t.array = asarray(numbers(x[()], b))
            t.version = [0]
            return t
        y, eb, cell = array(b, kind), None, None
    else:
        return otherwise(op, a, b)
    if kind not in quick and kind.char in op.slow:
        return otherwise(op, a, b)
    try:
        r = compute(x, y) if x.size < most else large.compute(op, x, y)
    except ValueError:
        broadcast(x.shape, y.shape)  # says which sizes do not meet
        raise
    if type(r) is not ndarray:
        r = asarray(r)
    t = new(graph.Result)
    t.array = r
    t.version = [0]
    ea = a.node
    if (ea is not None or eb is not None) and modes.grad:
        t.node = node = new_node()
        plan = plans[1 if eb is None else 2 if ea is None else 3]
        if plan is None:
            node.saved = node.guards = ()
        else:
            keep_a, keep_b, keep_y = plan
            node.saved = (x if keep_a else None, y if keep_b else None, r if keep_y else None)
            guards: tuple[Any, ...] = (a.version, a.version[0]) if keep_a else ()
            if keep_b and cell is not None:
                guards += (cell, cell[0])
            node.guards = (*guards, t.version, 0) if keep_y else guards
        node.op, node.edges, node.seq = op, (ea, eb), clock()
        s, u = x.shape, y.shape
        node.shapes = None if s == u else (s, u)
        node.hooks = node.retained = None
    return t


def by_heart(op: Op, numbers: Any, otherwise: Callable[[Op, Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`binary` for one op, which need not look up what it has to know: a tensor's operators are such functions.

    While somebody watches (`watched`), and for operands that are not plain, they are ``otherwise``.
    """
    known = op, op.compute, op.quick, op.large, op.plans, otherwise, numbers
    return FunctionType(of_two.__code__, of_two.__globals__, type(op).__name__, known)


def apply(op: Op, *inputs: Any) -> Any:
    """Apply any op with one output to values (and plain arrays or numbers, which have no history)."""
    for v in inputs:
        if isinstance(v, Value) and v.array.dtype.char in op.slow:
            return careful(op, *inputs)
    return plain(op, *inputs)


def plain(op: Op, *inputs: Any) -> Any:
    """`apply`, for inputs whose dtypes are known to suit the op."""
    arrays = [v.array if isinstance(v, Value) else v for v in inputs]
    try:
        r = op.compute(*arrays)
    except ValueError:
        if op.broadcasts:
            broadcast(*[np.shape(x) for x in arrays])
        raise
    t = new(graph.Result)
    t.array = r = r if type(r) is ndarray else asarray(r)
    if op.view and shares(r, arrays[0]):
        a = inputs[0]
        t.version = a.version
        base = t._base = a if a._base is None else a._base
        t._views = (*a._views, op)
        if type(base.node) is not Leaf:
            watch(base, t)
    else:
        t.version = [0]
    if modes.grad and r.dtype.kind in "fcV":
        if len(inputs) == 1:
            if inputs[0].node is not None and op.rules[0] is not None:
                record_one(op, inputs[0], t)
        else:
            record(op, inputs, arrays, t)
    return t


def look(op: Op, a: Any) -> Any:
    """Apply an op of one input whose result is always a view of it, and whose rule needs no more than its shape."""
    x = a.array
    t = new(graph.Result)
    t.array = op.compute(x)
    t.version = a.version
    base = a._base
    if base is None:
        base = a
        t._views = (op,)
    else:
        t._views = (*a._views, op)
    t._base = base
    if type(base.node) is not Leaf:
        watch(base, t)
    if a.node is not None and modes.grad:
        t.node = node = new_node()
        node.op, node.edges, node.saved, node.guards, node.seq = op, (a.node,), (), (), clock()
        node.shapes, node.hooks, node.retained = (x.shape,), None, None
    return t


def look_each(op: Any, a: Any) -> tuple[Any, ...]:
    """Apply an op whose several results are all views of its input; ``op.parts`` are the ops of the single views."""
    version, before = a.version, a._views
    base = a if a._base is None else a._base
    watched = type(base.node) is not Leaf
    parent: Any = None
    arrays = op.compute(a.array)
    n = len(arrays)
    if a.node is not None and modes.grad:
        parent = new_node()
        parent.op, parent.edges, parent.saved, parent.guards, parent.seq = op, (a.node,), (), (), clock()
        parent.shapes, parent.hooks, parent.retained = tuple([x.shape for x in arrays]), None, None
    made = []
    for i in range(n):
        t = new(graph.Result)
        t.array = arrays[i]
        t.version = version
        t._base, t._views = base, (*before, op.parts[i])
        if watched:
            watch(base, t)
        if parent is not None:
            t.node = Pick(parent, i, n)
        made.append(t)
    return tuple(made)


def watch(base: Any, view: Any) -> None:
    """Remember that ``view`` looks into ``base``: writing history into one changes the history of the other.

    (A view of a leaf that requires gradients need not be remembered: such a leaf is never written to with a history.)
    """
    views = base._viewers
    if views is None:
        base._viewers = [ref(view)]
        return
    views.append(ref(view))
    if len(views) > 32 and not len(views) & (len(views) - 1):  # at powers of two, forget those that are gone
        views[:] = [v for v in views if v() is not None]


def join(op: Op, values: Any, arrays: list[Any]) -> Any:
    """Apply an op of any number of inputs, all of one dtype, whose rule needs no more than their shapes."""
    t = new(graph.Result)
    t.array = op.compute(*arrays)
    t.version = [0]
    if modes.grad:
        edges = tuple([v.node for v in values])
        for edge in edges:
            if edge is not None:
                t.node = node = new_node()
                node.op, node.edges, node.saved, node.guards, node.seq = op, edges, (), (), clock()
                node.shapes, node.hooks, node.retained = tuple([x.shape for x in arrays]), None, None
                break
    return t


def record(op: Op, inputs: tuple[Any, ...], arrays: list[Any], t: Any) -> None:
    """Give a result its node, keeping what the rules of the inputs that need gradients name."""
    edges = tuple([v.node if isinstance(v, Value) else None for v in inputs])
    n = len(arrays)
    saved: list[Any] | None = None
    guards: list[Any] = []
    kept_any = False
    for edge, kept, rule in zip(edges, op.keeps, op.rules):
        if edge is None or rule is None:
            continue
        if saved is None:
            saved = [None] * (n + 1)
        for i in kept:
            if saved[i] is None:
                kept_any = True
                v = t if i == n else inputs[i]
                if isinstance(v, Value):
                    saved[i] = v.array
                    guards += (v.version, v.version[0])
                else:
                    saved[i] = v
    if saved is None:
        return
    t.node = node = new_node()
    node.op, node.edges, node.saved, node.guards = op, edges, tuple(saved) if kept_any else (), tuple(guards)
    if op.wants_shapes or op.broadcasts:
        node.shapes = tuple([x.shape if type(x) is ndarray else np.shape(x) for x in arrays])
    else:
        node.shapes = None
    node.seq, node.hooks, node.retained = clock(), None, None


def joint(op: Joint, *inputs: Any) -> Any:
    """Apply an op whose gradients share work; gives one value, or a tuple where the op has several outputs."""
    for v in inputs:
        if isinstance(v, Value) and v.array.dtype.char in op.slow:
            return careful(op, *inputs)
    return plain_joint(op, *inputs)


def plain_joint(op: Joint, *inputs: Any) -> Any:
    """`joint`, for inputs whose dtypes are known to suit the op."""
    arrays = [v.array if isinstance(v, Value) else v for v in inputs]
    y, kept = op.compute(*arrays)
    several = op.outputs != 1
    values = [wrap(a) for a in y] if several else [wrap(y)]
    if modes.grad:
        edges = tuple([v.node if isinstance(v, Value) else None for v in inputs])
        if edges.count(None) < len(edges):
            node = new_node()
            guards: list[Any] = []
            for v in inputs:
                if isinstance(v, Value):
                    guards += (v.version, v.version[0])
            node.op, node.edges, node.saved, node.guards = op, edges, (kept, arrays), tuple(guards)
            node.shapes = tuple(v.array.shape for v in values) if several else None
            node.seq, node.hooks, node.retained = clock(), None, None
            for i, v in enumerate(values):
                if v.array.dtype.kind in "fcV":
                    v.node = Pick(node, i, len(values)) if several else node
    return tuple(values) if several else values[0]


def shares(view: np.ndarray, source: np.ndarray) -> bool:
    """Whether NumPy made ``view`` onto ``source``'s memory (a reshape may have had to copy)."""
    base = view.base
    return base is not None and (base is source or base is source.base) or view is source
