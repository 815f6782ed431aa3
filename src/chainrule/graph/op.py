"""What an op must say about itself, and the registry of all ops.

An op is one block: its formula, and for each input *x* either the local gradient ``d_x`` = ∂y/∂x (elementwise ops; the
engine multiplies it by the upstream gradient) or the pullback ``pull_x`` = ∂L/∂x given g = ∂L/∂y (ops that move or mix
entries). **A rule's parameters are what is kept for it**: inputs by their names in ``forward``, the result as ``y``,
the shape of an input as ``<name>_shape``. What no rule names is not kept, so memory can be read off the rules::

    class Sigmoid(Elementwise):
        def forward(self, x):
            return 1 / (1 + exp(-x))

        def d_x(self, y):
            return y * (1 - y)

    class MatMul(Op):
        def forward(self, a, b):
            return a @ b

        def pull_a(self, g, b):
            return g @ b.mT

        def pull_b(self, g, a):
            return a.mT @ g

The same lines are read several ways, by what they are given: arrays, tensors (a graph is recorded, so derivatives of
derivatives work), symbols (the printed formula).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..base.dtypes import title
from ..base.errors import message
from . import apply as _apply
from . import large
from .large import SINGLE
from .stretched import unbroadcast
from .value import Node, Value, wrap

REGISTRY: dict[str, type[Op]] = {}

Rule = Callable[[Any, Node, Any], Any]  # (op, node, upstream gradient) -> gradient of one input


class Op:
    """The mathematics of one operation; its fields are its attributes, so it compares, hashes and prints by them."""

    fields: ClassVar[tuple[str, ...]] = ()
    symbol: ClassVar[str] = ""
    inputs: ClassVar[tuple[str, ...]] = ()  # names of forward's parameters
    rules: ClassVar[tuple[Rule | None, ...]] = ()
    keeps: ClassVar[tuple[tuple[int, ...], ...]] = ()  # for each input, which of (inputs…, y) its rule needs
    direct: ClassVar[tuple[Rule, ...] | None] = None  # for a pass to read itself, where `pull` would do no more than that
    by_rules: ClassVar[bool] = False  # its own `pull` differs from what the rules say only in how large arrays are computed
    moves: ClassVar[bool] = False  # a view of all entries, each once
    plans: ClassVar[tuple[Any, ...]] = ()  # two inputs: what to keep, by which of them need gradients
    alone: ClassVar[tuple[Any, ...]] = ()  # one input: all that `unary` asks of it, (quick, large, keeps[0], wants_shapes)
    wants_shapes: ClassVar[bool] = False
    slow: ClassVar[str] = "eE"  # dtype letters that take the careful path: halves are computed in float32
    quick: ClassVar[frozenset[np.dtype]] = frozenset()  # NumPy's dtypes whose letter is not among these
    view: ClassVar[bool] = False  # the result may alias the input
    broadcasts: ClassVar[bool] = False  # inputs may be stretched, so gradients must be summed back
    by_rows: ClassVar[bool] = True  # its rules may be read on many gradients at once (`ops.rows`)
    large: ClassVar[int] = sys.maxsize  # entries from which it may be computed piece by piece (elementwise ops)
    large_rule: ClassVar[int] = sys.maxsize  # entries of a gradient from which its rules may; as ``large`` if that alone is said
    # In machine code: the function of native.vecmath that computes it; "forward" if its formula does though `compute` says
    # it differently; "" if its formula does where NumPy has but a name for that; None if NumPy alone can.
    lane: ClassVar[str | None] = ""
    torch_name: Any = ""  # PyTorch's name of the node, such as MulBackward0
    compute: Any  # what runs on arrays: `forward`, or the NumPy function that says the same

    def __init_subclass__(cls, abstract: bool = False, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        if "torch_name" not in cls.__dict__:
            cls.torch_name = f"{cls.__name__}Backward0"
        if abstract:
            return
        if "compute" not in cls.__dict__ and ("forward" in cls.__dict__ or not hasattr(cls, "compute")):
            cls.compute = cls.forward
        cls.inputs = parameters(cls.forward)[1:]
        read_rules(cls)
        REGISTRY[cls.__name__] = cls

    if TYPE_CHECKING:

        def __getattr__(self, field: str) -> Any: ...

    def __init__(self, *values: Any) -> None:
        for name, value in zip(self.fields, values, strict=True):
            setattr(self, name, value)

    def forward(self, *arrays: Any) -> Any:
        raise NotImplementedError

    def __call__(self, *inputs: Any) -> Any:
        """Read this op on whatever is given: arrays are computed, tensors recorded, symbols combined."""
        for x in inputs:
            if isinstance(x, Value):
                return _apply.apply(self, *inputs)
        for x in inputs:
            if hasattr(x, "__symbol__"):
                return x.__symbol__(self, inputs)
        return self.compute(*inputs)

    def pull(self, node: Node, g: Any) -> list[Any]:
        """The gradients of the inputs, given the gradient of the output: the chain rule's one step."""
        rules = self.rules
        if len(rules) == 1:
            d = rules[0](self, node, g)  # type: ignore[misc]
            if node.shapes is not None and self.broadcasts:
                d = unbroadcast(d, node.shapes[0])
            return [d]
        found: list[Any] = []
        for edge, rule in zip(node.edges, rules):  # a comprehension costs a call more
            found.append(None if edge is None or rule is None else rule(self, node, g))
        if node.shapes is not None and self.broadcasts:
            found = [d if d is None else unbroadcast(d, s) for d, s in zip(found, node.shapes)]
        return found

    def formula_text(self, latex: bool = False) -> str:
        """The op's formula, ``y = …``: for elementwise ops read off ``forward``, for others the docstring's first line."""
        return (type(self).__doc__ or "").strip().partition("\n")[0]

    def derivative_text(self, latex: bool = False) -> str:
        """What the rules say, one line for each input: ``∂y/∂x = …``."""
        from .expr import derivative

        return derivative(self, latex)

    def attributes(self) -> tuple[Any, ...]:
        return tuple([getattr(self, f) for f in self.fields])

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.attributes() == other.attributes()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.attributes()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self.fields)})"


KINDS = "bifc"  # by rank of dtype: bool, integer, floating, complex
KIND_NAMES = {"b": "truth values", "i": "integers", "f": "floating-point numbers", "c": "complex numbers"}
DTYPES = {"b": "?", "i": "bBhHiIlLqQ", "f": "eEfd", "c": "FD"}  # NumPy's letters for the dtypes of a kind


class Elementwise(Op, abstract=True):
    """An op on entries that meet one to one after broadcasting. ``domain`` says where its formula holds.

    Where a local gradient is 0 or 1 by a condition, the rule is better written as a pullback,
    ``pull_x(g, x) = where(x > 0, g, 0)``: 0 · g would be −0 or NaN where g is negative or infinite.
    """

    broadcasts = True
    large = large_rule = SINGLE
    slow = "eEFD"  # complex numbers need conjugation on the way back
    domain: ClassVar[str] = ""
    floating: ClassVar[bool] = False  # integers are first made the default floating dtype
    differentiable: ClassVar[bool] = True
    transparent: ClassVar[bool] = False  # in formulas shown as what it stands for, not by its name
    apart: ClassVar[tuple[int, ...]] = ()  # inputs that keep their own dtype, such as a condition
    takes: ClassVar[str] = "bifc"  # the kinds of numbers it has a meaning for: bool, integer, floating, complex
    kernel: ClassVar[str] = ""  # PyTorch's name for it in the error for other kinds, such as "frac_cpu"

    def __init_subclass__(cls, abstract: bool = False, **kw: Any) -> None:
        if "slow" not in cls.__dict__:
            refused = [letters for kind, letters in DTYPES.items() if kind not in cls.takes]
            cls.slow = "".join(["eEFD", *refused, *(DTYPES["b"] + DTYPES["i"] if cls.floating else "")])
        if "large" in cls.__dict__ and "large_rule" not in cls.__dict__:
            cls.large_rule = cls.large
        super().__init_subclass__(abstract=abstract, **kw)

    def pull(self, node: Node, g: Any) -> Any:
        if type(g) is np.ndarray and g.size >= self.large_rule:
            return self.pull_large(node, g)
        if len(node.edges) != 2:
            return Op.pull(self, node, g)
        a, b = node.edges
        rule_a, rule_b = self.rules
        d_a = None if a is None or rule_a is None else rule_a(self, node, g)
        d_b = None if b is None or rule_b is None else rule_b(self, node, g)
        shapes = node.shapes
        if shapes is not None:
            if d_a is not None:
                d_a = unbroadcast(d_a, shapes[0])
            if d_b is not None:
                d_b = unbroadcast(d_b, shapes[1])
        return d_a, d_b

    def pull_large(self, node: Node, g: np.ndarray) -> list[Any]:
        found = [
            None if e is None or r is None else large.pull(r, self, node, g) for e, r in zip(node.edges, self.rules)
        ]
        if node.shapes is not None:
            found = [d if d is None else unbroadcast(d, s) for d, s in zip(found, node.shapes)]
        return found

    def formula_text(self, latex: bool = False) -> str:
        from .expr import formula

        return formula(self, latex)

    def check_operands(self, inputs: tuple[Any, ...]) -> None:
        """Raise an error where the op has no meaning for one of the operands, before they are brought to one dtype."""

    def check_dtype(self, common: Any) -> None:
        """Raise an error where the op has no meaning for operands of this dtype."""
        if KINDS[common.rank] not in self.takes:
            known = " and ".join(KIND_NAMES[kind] for kind in KINDS if kind in self.takes)
            raise NotImplementedError(
                message(
                    f"\"{self.kernel or type(self).__name__.lower() + '_cpu'}\" not implemented for '{title(common)}'",
                    f"it is defined for {known}",
                    "x.float()" if "f" in self.takes and common.rank < 2 else "",
                )
            )


class Joint(Op, abstract=True):
    """An op whose gradients share work: ``forward`` gives (y, kept), ``pullback(g, kept, needs)`` all gradients at once.

    ``formula`` says the same in terms of other ops. It is the definition: tests hold the fast pair to it, and
    derivatives of derivatives are taken through it.
    """

    outputs: ClassVar[int] = 1
    by_rows = False

    def forward(self, *arrays: Any) -> tuple[Any, Any]:
        raise NotImplementedError

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        raise NotImplementedError

    def formula(self, *inputs: Any) -> Any:
        raise NotImplementedError

    def __call__(self, *inputs: Any) -> Any:
        if any(isinstance(x, Value) for x in inputs):
            return _apply.joint(self, *inputs)
        return self.forward(*inputs)[0]

    def pull(self, node: Node, g: Any) -> Any:
        if isinstance(g, Value) or (type(g) is list and any(isinstance(d, Value) for d in g)):
            from .backward import through_formula

            return through_formula(self, node, g)
        return self.pullback(g, node.saved[0], tuple([e is not None for e in node.edges]))


def read_rules(cls: type[Op]) -> None:
    """Find each input's rule, and read off its parameters what must be kept for it."""
    local = issubclass(cls, Elementwise)
    rules: list[Rule | None] = []
    keeps: list[tuple[int, ...]] = []
    wants_shapes = False
    for name in cls.inputs:
        rule = getattr(cls, f"d_{name}", None) if local else None
        factor = rule is not None
        rule = rule or getattr(cls, f"pull_{name}", None)
        if rule is None:
            rules.append(None)
            keeps.append(())
            continue
        names = parameters(rule)[1 if factor else 2 :]
        places = [place(cls, n) for n in names]
        wants_shapes = wants_shapes or any(kind == "shape" for kind, _ in places)
        keeps.append(tuple(i for kind, i in places if kind == "saved"))
        rules.append(as_rule(rule, places, factor, None if cls.fields else cls))
    cls.rules, cls.keeps, cls.wants_shapes = tuple(rules), tuple(keeps), wants_shapes
    if cls.pull is Op.pull or cls.pull is Elementwise.pull or cls.by_rules:
        stretched = cls.broadcasts and len(rules) > 1
        cls.direct = tuple([no_gradient if r is None else summed(r, i) if stretched else r for i, r in enumerate(rules)])
    else:
        cls.direct = None
    cls.quick = dtypes_without(cls.slow)
    if len(rules) == 1:
        cls.alone = cls.quick, cls.large, keeps[0], wants_shapes
    if len(rules) == 2:
        needed = [set(), set(keeps[0]), set(keeps[1]), {*keeps[0], *keeps[1]}]
        cls.plans = tuple((0 in n, 1 in n, 2 in n) if n else None for n in needed)


@cache
def dtypes_without(letters: str) -> frozenset[np.dtype]:
    return frozenset([np.dtype(letter) for letter in "?bBhHiIlLqQefdFD" if letter not in letters])


def parameters(function: Any) -> tuple[str, ...]:
    """The names of a function's parameters (``inspect.signature`` tells more, and takes a hundred times as long)."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def place(cls: type[Op], name: str) -> tuple[str, int]:
    """Where a rule's parameter is found: ('saved', which) or ('shape', which)."""
    if name == "y":
        return "saved", len(cls.inputs)
    if name in cls.inputs:
        return "saved", cls.inputs.index(name)
    if name.endswith("_shape") and name[:-6] in cls.inputs:
        return "shape", cls.inputs.index(name[:-6])
    raise TypeError(f"{cls.__name__}: a rule names {name!r}; it may name {', '.join(cls.inputs)}, y, or <input>_shape")


def as_rule(rule: Callable, places: list[tuple[str, int]], local: bool, alike: type | None = None) -> Rule:
    """Wrap a rule so that the engine can call every rule alike: ``wrapped(op, node, g)``.

    ``alike``: a class of ops without attributes, for which a local gradient without parameters is a number known by now.
    """
    if local:
        wrapped: Any
        if not places:
            wrapped = lambda op, node, g: scale(g, rule(op))  # noqa: E731
            if alike is not None and rule(alike) == 1:
                return passed_on
        elif len(places) == 1:
            (_, i) = places[0]
            wrapped = lambda op, node, g: g * rule(op, node.saved[i])  # noqa: E731
            if rule.__code__.co_code == KEPT:
                wrapped = lambda op, node, g: g * node.saved[i]  # noqa: E731
                wrapped.kept = i
        elif len(places) == 2:
            (_, i), (_, j) = places
            wrapped = lambda op, node, g: g * rule(op, node.saved[i], node.saved[j])  # noqa: E731
        else:
            wrapped = lambda op, node, g: g * rule(op, *[node.saved[k] for _, k in places])  # noqa: E731
        wrapped.factor = lambda op, node: rule(op, *[node.saved[k] for _, k in places])  # what large arrays multiply by
        return wrapped
    if not places:
        return lambda op, node, g: rule(op, g)
    if places == [("shape", 0)]:
        return lambda op, node, g: rule(op, g, node.shapes[0])  # type: ignore[index]
    if len(places) < 3 and all(kind == "saved" for kind, _ in places):
        i, j = places[0][1], places[-1][1]
        if len(places) == 1:
            return lambda op, node, g: rule(op, g, node.saved[i])
        return lambda op, node, g: rule(op, g, node.saved[i], node.saved[j])
    return lambda op, node, g: rule(
        op,
        g,
        *[node.saved[i] if kind == "saved" else node.shapes[i] for kind, i in places],  # type: ignore[index]
    )


def passed_on(op: Any, node: Any, g: Any) -> Any:
    """The rule where the local gradient is 1."""
    return g


passed_on.factor = lambda op, node: 1  # type: ignore[attr-defined]
KEPT = (lambda self, x: x).__code__.co_code  # of a local gradient that is what was kept, such as ∂(a · b)/∂a = b


def summed(rule: Any, i: int) -> Rule:
    """A rule, its gradient summed over the axes along which input ``i`` was stretched."""
    if rule is passed_on:
        return lambda op, node, g: g if node.shapes is None else unbroadcast(g, node.shapes[i])
    if hasattr(rule, "kept"):
        k = rule.kept

        def product(op: Any, node: Any, g: Any) -> Any:
            d = g * node.saved[k]
            shapes = node.shapes
            return d if shapes is None else unbroadcast(d, shapes[i])

        return product

    def wrapped(op: Any, node: Any, g: Any) -> Any:
        d = rule(op, node, g)
        return d if node.shapes is None else unbroadcast(d, node.shapes[i])

    return wrapped


def no_gradient(op: Any, node: Any, g: Any) -> None:
    """The rule of an input that has none."""


def scale(g: Any, constant: Any) -> Any:
    """Multiply by a local gradient that is a number; most are 1, and then nothing is done."""
    if constant == 1:
        return g
    if constant == 0:  # not 0 · g, which is −0 or NaN where g is negative or infinite
        return np.zeros_like(g) if not isinstance(g, Value) else wrap(np.zeros_like(g.array))
    return -g if constant == -1 else g * constant
