"""Running a case under a library, and noting what a program could see of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .case import POOLS, At, Case, X, tensor


@dataclass
class Seen:
    """What came of a call: an error's classes, or results and gradients, laid out flat, each with where it stood."""

    error: BaseException | None = None
    parts: list[tuple[str, Any]] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entries:
    """A tensor, as seen."""

    array: np.ndarray
    dtype: str
    stride: tuple[int, ...] | None
    asks: bool | None

    def __repr__(self) -> str:
        text = np.array2string(self.array, threshold=40, precision=17).replace("\n", " ")
        return f"{text} {self.dtype} {list(self.array.shape)} stride {self.stride} requires_grad {self.asks}"


class Raised:
    """An error of a backward pass: equal if the class is."""

    def __init__(self, error: BaseException) -> None:
        self.cls, self.text = error_class(error), str(error).partition("\n")[0][:150]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raised) and self.cls == other.cls

    def __repr__(self) -> str:
        return f"{self.cls}: {self.text}"


def array_of(y: Any) -> np.ndarray:
    y = y.detach()
    if str(y.dtype).endswith("bfloat16"):
        y = y.float()
    if hasattr(y, "resolve_conj"):
        y = y.resolve_conj().resolve_neg()
    return np.array(y.numpy(force=True))


def entries(y: Any, gradient: bool = False) -> Entries:
    shape, stride = y.shape, y.stride()
    seen = tuple(s for s, n in zip(stride, shape) if n > 1) if 0 not in shape else ()
    return Entries(array_of(y), str(y.dtype).rpartition(".")[2], None if gradient else seen, None if gradient else y.requires_grad)


class Inputs:
    """The arguments of a case in one library; ``asked`` are the tensors whose gradients are looked at."""

    def __init__(self, t: Any, near: float = 0.0) -> None:
        self.t, self.near = t, near
        self.tensors: list[Any] = []
        self.asked: list[Any] = []

    def make(self, value: Any) -> Any:
        if isinstance(value, X):
            y = tensor(self.t, value, self.near)
            if value.grad:
                y = y.detach().requires_grad_()
                self.asked.append(y)
                if value.grad == "mid":
                    y = y * 1
                elif value.grad == "view":
                    y = y.view_as(y)
            self.tensors.append(y)
            return y
        if isinstance(value, At):
            return getattr(self.t, value.name)
        if isinstance(value, (tuple, list)):
            return type(value)([self.make(v) for v in value])
        if isinstance(value, dict):
            # PyTorch may have to enlarge out=, and cannot enlarge NumPy's memory.
            return {k: self.make(v).clone() if k == "out" else self.make(v) for k, v in value.items()}
        return value


def resolved(t: Any, name: str) -> Any:
    found = t
    for part in name.split("."):
        found = getattr(found, part)
    return found


def observe(t: Any, case: Case, spec: Any, near: float = 0.0, orders: int = 2) -> Seen:
    """Run a case under library t."""
    seen = Seen()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"chainrule\.")  # as the library itself sets it
        try:
            inputs = Inputs(t, near)
            args, named = inputs.make(case.args), inputs.make(case.named)
            t.manual_seed(7)
            result = spec.program(t, *args, **named) if spec.program else resolved(t, case.name)(*args, **named)
            if spec.parameters:
                result, parameters = result
                inputs.asked += [p for p in parameters if p.requires_grad]
            outputs: list[Any] = []
            walk(result, "y", seen.parts, outputs)
            if spec.writes:
                for i, x in enumerate(inputs.tensors):
                    seen.parts.append((f"argument {i} afterwards", entries(x)))
            if inputs.asked and orders:
                differentiate(t, outputs, inputs.asked, seen, orders, near)
            if spec.random:
                seen.parts.append(("random state", Entries(t.get_rng_state().numpy(), "uint8", None, None)))
        except Exception as error:
            seen.error = error
    seen.warned = sorted({w.category.__name__ for w in caught if not internal(w)})
    return seen


def internal(warning: Any) -> bool:
    return issubclass(warning.category, (ResourceWarning, ImportWarning))


def walk(value: Any, place: str, parts: list[tuple[str, Any]], outputs: list[Any]) -> None:
    """Lay a result out flat."""
    if hasattr(value, "requires_grad") and hasattr(value, "stride"):
        parts.append((place, entries(value)))
        if value.requires_grad:
            outputs.append(value)
    elif isinstance(value, dict):
        parts.append((place, tuple(map(str, value))))
        for key, part in value.items():
            walk(part, f"{place}[{key!r}]", parts, outputs)
    elif isinstance(value, (tuple, list)):
        parts.append((place, (type(value).__name__.rpartition(".")[2], len(value))))
        for i, part in enumerate(value):
            walk(part, f"{place}[{i}]", parts, outputs)
    elif isinstance(value, np.ndarray):
        parts.append((place, Entries(value, str(value.dtype), None, None)))
    elif isinstance(value, (int, float, complex, str, type(None), bool)):
        parts.append((place, value))
    else:
        parts.append((place, str(value).replace("chainrule.", "torch.")))


def cotangent(t: Any, y: Any, start: int, near: float) -> Any:
    n = y.numel()
    c = POOLS["apart"].take(np.arange(start, start + n), mode="wrap")
    if near:
        c = c * (1 + near * POOLS["sign"].take(np.arange(start + 7, start + 7 + n), mode="wrap"))
    if y.dtype.is_complex:
        c = c + 1j * POOLS["apart"].take(np.arange(start + 77, start + 77 + n), mode="wrap")
    return t.from_numpy(c.reshape(tuple(y.shape))).to(y.dtype)


def differentiate(t: Any, outputs: list[Any], asked: list[Any], seen: Seen, orders: int, near: float) -> None:
    """The gradient along a fixed cotangent, and for float64 the gradient of that."""
    outputs = [y for y in outputs if y.requires_grad]
    if not outputs:
        return
    double = orders > 1 and all(str(y.dtype).endswith(("float64", "complex128")) for y in outputs)
    cotangents = [cotangent(t, y, 31 * i, near) for i, y in enumerate(outputs)]
    try:
        grads = t.autograd.grad(outputs, asked, cotangents, allow_unused=True, create_graph=double)
    except Exception as error:
        seen.parts.append(("gradient", Raised(error)))
        return
    for i, g in enumerate(grads):
        seen.parts.append((f"gradient {i}", None if g is None else entries(g, True)))
    again = [g for g in grads if g is not None and g.requires_grad]
    if not double or not again:
        return
    try:
        cotangents = [cotangent(t, g, 401 + 13 * i, near) for i, g in enumerate(again)]
        seconds = t.autograd.grad(again, asked, cotangents, allow_unused=True)
    except Exception as error:
        seen.parts.append(("gradient of the gradient", Raised(error)))
        return
    for i, g in enumerate(seconds):
        seen.parts.append((f"second gradient {i}", None if g is None else entries(g, True)))


def error_class(error: BaseException) -> str:
    """The built-in class an error is an instance of."""
    for cls in type(error).__mro__:
        if cls.__module__ == "builtins" or cls.__name__ == "LinAlgError":
            return cls.__name__
    return type(error).__name__
