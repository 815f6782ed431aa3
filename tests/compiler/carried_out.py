"""A compiled step's program carried out in NumPy, value after value: what its machine code is to compute."""

from typing import Any

import numpy as np

from chainrule.compiler.exchanges import recording
from chainrule.compiler.fusion import lowers
from chainrule.compiler.program import Node, Program, verify
from chainrule.compiler.recording import Recording


def recorded(function: Any) -> tuple[list[Any], Recording]:
    """What a function that gives a list of tensors gave, and the recording of it."""
    with recording({}) as now:
        results = function()
    now.finish([r.array for r in results])
    verify(now.program)
    return results, now


def carry_out(program: Program) -> list[np.ndarray]:
    """The results of a program."""
    values: dict[Node, Any] = {}
    for node in program.live():
        values[node] = value(node, [values[a] for a in node.args])
    return [values[r] for r in program.results]


def value(node: Node, args: list[Any]) -> Any:
    match node.kind:
        case "input":
            return node.data.array
        case "constant":
            return np.asarray(node.data, node.dtype)
        case "map":
            with np.errstate(all="ignore"):
                return np.asarray(node.data.compute(*args)).astype(node.dtype).reshape(node.shape)
        case "reduce":
            how, axes = node.data
            return {"sum": np.add, "largest": np.maximum, "smallest": np.minimum}[how].reduce(args[0], axes)
        case "dot":
            return args[0] @ args[1]
        case "join":
            return np.concatenate(args, node.data)
        case "added":
            found = np.zeros(node.shape, node.dtype)
            np.add.at(found, args[1], args[0])
            return found
        case "view":
            offset, strides = node.data
            base = args[0] if node.args[0].kind == "input" else np.ascontiguousarray(args[0])
            whole = np.lib.stride_tricks.as_strided(base, (offset + 1,), (base.itemsize,))[offset:] if offset else base
            return np.lib.stride_tricks.as_strided(whole, node.shape, [s * base.itemsize for s in strides])
        case "call":
            return node.data.function(*args)
        case "part":
            return args[0][node.data]
    raise ValueError(f"{node.kind}: no such kind of value")


def calls(program: Program) -> list[str]:
    """What of a program is computed by Python's code."""
    live = program.live()
    return [n.data.name for n in live if n.kind == "call"] + [repr(n.data) for n in live if n.kind == "map" and not lowers(n)]
