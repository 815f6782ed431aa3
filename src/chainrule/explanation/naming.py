"""What things are called: the caller's own variable names, and the names of parameters in its modules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from ..graph.expr import Symbol
from ..graph.value import Leaf, Node, Value
from ..nn.module import Module

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda_": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
TEX = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
FRAMES = 12  # callers of the caller that are searched for names
MOST = 64  # entries of one list or dictionary of tensors


def spoken(name: str) -> str:
    """A variable's name as one writes it on a blackboard.

    >>> spoken("y_hat"), spoken("theta"), spoken("fc1.weight")
    ('ŷ', 'θ', 'fc1.weight')
    """
    letter, hat, rest = name.partition("_hat")
    if hat and not rest and len(letter) == 1:
        return unicodedata.normalize("NFC", letter + "\u0302")
    return GREEK.get(name, name)


def latex(name: str) -> str:
    """The same in LaTeX; nothing in a name is taken for a command.

    >>> print(latex("y_hat"), latex("theta"), latex("w1"), latex("fc1.weight"))
    \\hat{y} \\theta w_{1} \\mathrm{fc1.weight}
    """
    letter, hat, rest = name.partition("_hat")
    if hat and not rest and len(letter) == 1 and letter.isalpha():
        return rf"\hat{{{letter}}}"
    greek = GREEK.get(name, name)
    if greek in TEX:
        return "\\" + TEX[greek]
    if len(name) == 1 and name.isalnum():
        return name
    if numbered := re.fullmatch(r"([A-Za-z])_?(\d+)", name):
        return f"{numbered[1]}_{{{numbered[2]}}}"
    return rf"\mathrm{{{escaped(name)}}}"


def escaped(name: str) -> str:
    """A text whose every character stands for itself in LaTeX."""
    special = {"\\": r"\backslash{}", "^": r"\hat{}", "~": r"\sim{}"}
    return "".join(special.get(c, "\\" + c if c in "#$%&_{}" else c) for c in name)


def symbol(name: str) -> Symbol:
    """The name as a symbol of formulas."""
    return Symbol(spoken(name), latex(name))


@dataclass
class Names:
    """What the callers call their tensors and modules; the nearest caller's names come first."""

    of_node: dict[Node, str] = field(default_factory=dict)
    values: dict[Node, np.ndarray] = field(default_factory=dict)  # of the nodes that made a tensor of the callers
    written: dict[Node, np.ndarray] = field(default_factory=dict)  # the same of tensors that were written to since they were made
    tensors: list[tuple[str, Any]] = field(default_factory=list)
    modules: list[tuple[str, Module]] = field(default_factory=list)
    owners: dict[Node, str] = field(default_factory=dict)  # of a parameter: the module that has it
    paths: dict[str, Node] = field(default_factory=dict)  # by a parameter's name in named_parameters()
    kinds: dict[str, str] = field(default_factory=dict)  # by a module's name: its class

    def constant(self, array: np.ndarray) -> str | None:
        """The name of the tensor without history that holds this memory, as it is or in another shape."""
        for alike in (same_memory, same_entries):
            for name, t in self.tensors:
                if t.node is None and alike(t.array, array):
                    return name
        return None

    def of(self, copies: dict[Node, Node]) -> Names:
        """The same for copies of nodes."""
        computed = [t for _, t in self.tensors if t.node in copies and not isinstance(t.node, Leaf)]
        values = {copies[t.node]: t.array for t in computed if not t.version[0]}
        written = {copies[t.node]: t.array for t in computed if t.version[0]}
        of_node = {copies[node]: name for node, name in self.of_node.items() if node in copies}
        return replace(self, of_node=of_node, values=values, written=written)


def same_memory(a: np.ndarray, b: np.ndarray) -> bool:
    return a is b or (
        a.shape == b.shape
        and a.dtype == b.dtype
        and a.strides == b.strides
        and a.size > 0
        and a.__array_interface__["data"] == b.__array_interface__["data"]
    )


def same_entries(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays are the same memory, read in the same order."""
    if not (a.size == b.size > 0 and a.dtype == b.dtype and a.flags.c_contiguous and b.flags.c_contiguous):
        return False
    return bool(a.__array_interface__["data"] == b.__array_interface__["data"])


def names_around(frame: FrameType | None, model: Module | None = None) -> Names:
    """Look through the variables of the calling functions, and of the module they are in."""
    found = Names()
    seen: set[int] = set()  # the variables of a module are seen by all its functions
    if model is not None:
        found.modules.append(("model", model))
    for _ in range(FRAMES):
        if frame is None:
            break
        for scope in (frame.f_locals, frame.f_globals):
            if id(scope) in seen:
                continue
            seen.add(id(scope))
            for name, thing in list(scope.items()):
                if not name.startswith("__") and not isinstance(thing, (ModuleType, type)):
                    for path, each in unfold(name, thing):
                        take(found, path, each)
        frame = frame.f_back
    name_parameters(found)
    for path, t in found.tensors:
        if t.node is not None:
            found.of_node.setdefault(t.node, path)
    return found


def unfold(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """A variable, and what is in it: ``ws[0]``, ``layer['w']``, ``self.w``."""
    yield name, thing
    if type(thing) in (list, tuple) and len(thing) <= MOST:
        yield from ((f"{name}[{i}]", each) for i, each in enumerate(thing) if isinstance(each, (Value, Module)))
    elif type(thing) is dict and len(thing) <= MOST:
        yield from ((f"{name}[{k!r}]", each) for k, each in thing.items() if isinstance(each, (Value, Module)))
    elif name == "self" and not isinstance(thing, Module):
        attributes = getattr(thing, "__dict__", {})
        yield from ((f"self.{k}", each) for k, each in attributes.items() if isinstance(each, (Value, Module)))


def take(found: Names, name: str, thing: Any) -> None:
    if isinstance(thing, Value):
        found.tensors.append((name, thing))
    elif isinstance(thing, Module) and all(thing is not other for _, other in found.modules):
        found.modules.append((name, thing))


def name_parameters(found: Names) -> None:
    """Parameters are called as in ``named_parameters()``; after their model where there are several, or for ``model[0]``."""
    inside = {id(m) for _, top in found.modules for m in top.modules() if m is not top}
    tops = [(name, m) for name, m in found.modules if id(m) not in inside and next(m.parameters(), None) is not None]
    for name, top in tops:
        prefix = f"{name}." if len(tops) > 1 else ""
        for path, parameter in top.named_parameters():
            if parameter.node is not None and parameter.node not in found.of_node:
                found.of_node[parameter.node] = indexed(name, prefix, printable(path))
                found.owners[parameter.node] = printable(prefix + path).rpartition(".")[0]
                found.paths[prefix + path] = parameter.node
        inner = {printable(prefix + path): type(m).__name__ for path, m in top.named_modules() if path}
        found.kinds |= {**inner, name: type(top).__name__} if prefix else inner
        for path, buffer in top.named_buffers():
            found.tensors.insert(0, (indexed(name, prefix, printable(path)), buffer))


def printable(name: str) -> str:
    """A name without the characters that steer a terminal; modules may be called anything."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name)


def indexed(top: str, prefix: str, path: str) -> str:
    """``model[0].weight`` for what ``named_parameters()`` calls 0.weight."""
    number, _, rest = path.partition(".")
    return f"{top}[{number}].{rest}" if number.isdigit() and rest else prefix + path
