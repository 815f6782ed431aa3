"""The instructions of a program carried out one by one in NumPy: slow, and the oracle that machine code is held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .loops import Type, Value
from .program import Program

DTYPES: dict[str, Any] = {
    "f16": np.float16, "f32": np.float32, "f64": np.float64, "i1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32,
    "i64": np.int64,
}  # fmt: skip
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "quotient": np.floor_divide,
    "remainder": np.remainder, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "shl": np.left_shift,
    "ashr": np.right_shift, "neg": np.negative, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal, "sqrt": np.sqrt, "floor": np.floor, "nearest": np.rint,
    "abs": np.abs, "minimum": np.minimum, "maximum": np.maximum, "select": np.where, "sum": np.sum, "largest": np.max, "any": np.any,
    "estimate": lambda x: ((1 / x).view(np.int32) & -1 << 9).view(np.float32),
}  # fmt: skip


def interpret(program: Program, *args: Any) -> None:
    """Run a program on the arrays and numbers that are its parameters."""
    values: dict[int, Any] = {}
    tiles = np.zeros((8, 16, 64), np.uint8)
    variables: dict[str, Any] = {}
    given = dict(zip(program.parameters, args, strict=True))

    def read(x: Value) -> Any:
        if x.op == "constant":
            return np.full(x.type.lanes, x.data, DTYPES[x.type.kind])
        if x.op == "parameter":
            return np.full(1, given[x.data], DTYPES[x.type.kind])
        return values[id(x)]

    def run(body: list[Value]) -> None:
        for x in body:
            operands = [read(a) for a in x.args]
            if x.op == "loop":
                index, step, inner = x.data
                for i in range(int(operands[0][0]), int(operands[1][0]), step):
                    values[id(index)] = np.full(1, i, np.int64)
                    run(inner)
            elif x.op == "set":
                variables[x.data.name] = operands[0]
            elif x.op == "get":
                values[id(x)] = variables[x.data.name]
            elif x.op in ("store", "stream"):
                flat, (at, new, *mask) = given[x.data.name].reshape(-1), operands
                lanes = chosen(x.type, mask)
                flat.view(DTYPES[x.type.kind])[at[0] + lanes] = new[lanes]
            elif x.op == "either":
                found, *both = (array.name for array in x.data)
                given[found] = given[both[0] if operands[0][0] else both[1]]
            elif x.op == "tile":
                tile(tiles, x.data, operands, given)
            elif x.op not in ("prefetch", "settle", "tiny"):
                values[id(x)] = result(x, operands, given)

    with np.errstate(all="ignore"):
        run(program.body)


def tile(tiles: np.ndarray, data: tuple[Any, ...], operands: list[Any], given: dict[str, Any]) -> None:
    """An instruction on tile registers of 16 rows of 64 bytes."""
    word, *rest = data
    if word == "zero":
        tiles[rest[0]] = 0
    elif word in ("load", "store"):
        number, array = rest
        flat = given[array.name].reshape(-1)
        start = int(operands[0][0]) * flat.itemsize
        rows = np.lib.stride_tricks.as_strided(flat.view(np.uint8)[start:], (16, 64), (int(operands[1][0]), 1))
        if word == "load":
            tiles[number] = rows
        else:
            rows[...] = tiles[number]
    elif word == "product":
        c, a, b = (tiles[n] for n in rest)
        x, y = (bfloat16s(t).reshape(16, 16, 2) for t in (a, b))
        c.view(np.float32)[...] += np.einsum("ikp,kjp->ij", x, y)


def bfloat16s(tile: np.ndarray) -> np.ndarray:
    """What 16-bit halves of a tile stand for: the upper halves of float32."""
    return (tile.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


def chosen(kind: Type, mask: list[Any]) -> np.ndarray:
    return np.arange(kind.lanes)[mask[0]] if mask else np.arange(kind.lanes)


def result(x: Value, operands: list[Any], given: dict[str, Any]) -> np.ndarray:
    """What one instruction gives, as an array of its lanes."""
    dtype, lanes = DTYPES[x.type.kind], x.type.lanes
    if x.op == "load":
        y: np.ndarray = np.zeros(lanes, dtype)
        some = chosen(x.type, operands[1:])
        y[some] = given[x.data.name].reshape(-1).view(dtype)[operands[0][0] + some]
        return y
    if x.op == "gather":
        return given[x.data.name].reshape(-1).view(dtype)[operands[0]]
    if x.op == "spread":
        return np.repeat(operands[0], lanes)
    if x.op == "shuffle":
        return np.concatenate(operands)[list(x.data)]
    if x.op == "fma":  # rounded twice here, once in machine code
        return operands[0] * operands[1] + operands[2]
    if x.op == "convert":
        return operands[0].astype(dtype)
    if x.op == "bits":
        return operands[0].view(dtype)
    if x.op in ("first", "nth"):
        return np.arange(lanes) < operands[0] if x.op == "first" else np.arange(lanes) == operands[0]
    return np.reshape(OPERATIONS[x.op](*operands), -1).astype(dtype)
