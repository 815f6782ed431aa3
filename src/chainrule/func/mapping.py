"""`vmap`: a function for one entry as a function for a batch.

It calls the function once per entry and stacks what it returns: the same numbers as a batched call, and no faster than a
loop. So the function may do what PyTorch's cannot: ask for a number (``.item()``), or branch on one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import Value
from ..tensors.joining import stack
from ..tensors.random import default_generator
from .trees import leaves, rebuilt, structure

Function = Callable[..., Any]

RANDOM_REFUSED = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    "randomness flags on vmap or perform the randomness operation out of vmap"
)


def check_randomness(randomness: Any) -> None:
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")


def vmap(
    func: Function,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Function:
    """The function for a whole batch: ``in_dims`` says which axis of each argument counts it (None: none), ``out_dims``
    where it goes in what is returned.

    Random numbers are refused, unless ``randomness`` says that each entry has its own ("different") or all have the same.
    ``chunk_size`` bounds how many entries are computed at a time, which is one in any case.

    >>> torch.func.vmap(torch.dot)(torch.ones(3, 2), torch.ones(3, 2))
    tensor([2., 2., 2.])
    """
    check_randomness(randomness)
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")
    name = getattr(func, "__name__", repr(func))

    @wraps(func)
    def mapped(*args: Any, **named: Any) -> Any:
        flat = leaves(args)
        dims = dims_of_inputs(in_dims, args, name)
        count = batch_size(flat, dims, f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)")
        state: Any = default_generator.get_state() if randomness != "different" else None
        results = []
        for i in range(count):
            if randomness == "same":
                default_generator.set_state(state)
            entry = iter([x if d is None else x.select(d, i) for x, d in zip(flat, dims)])
            results.append(func(*rebuilt(args, entry), **named))
            if randomness == "error" and i in (0, count - 1) and not np.array_equal(default_generator.get_state().array, state.array):
                raise RuntimeError(RANDOM_REFUSED)
        return stacked(results, out_dims, name)

    return mapped


def dims_of_inputs(in_dims: Any, args: tuple[Any, ...], name: str) -> list[int | None]:
    """An axis for each tensor, or None for one that all entries share."""
    where = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)"
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"{where}: expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, "
            f"got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function "
            "with no inputs. The latter is unsupported."
        )
    dims = spread(in_dims, args)
    if dims is None:
        raise ValueError(
            message(
                f"{where}: in_dims is not compatible with the structure of `inputs`. in_dims has structure "
                f"{structure(in_dims)} but inputs has structure {structure(args)}.",
                "in_dims is one axis for all, or a tuple with an axis (or None, or such a nesting) for each argument",
            )
        )
    for d in dims:
        if d is not None and not isinstance(d, int):
            raise ValueError(f"{where}: Got in_dim={d} for an input but in_dim must be either an integer dimension or None.")
    return dims


def spread(dims: Any, tree: Any) -> list[Any] | None:
    """An axis for each leaf, from one for all, or one for each part; None if the nestings disagree."""
    if not isinstance(dims, (dict, list, tuple)):
        return [dims] * len(leaves(tree))
    if not isinstance(tree, (dict, list, tuple)) or len(dims) != len(tree):
        return None
    each = [dims.get(key) for key in tree] if isinstance(dims, dict) and isinstance(tree, dict) else list(dims)
    found: list[Any] = []
    for part, dim in zip(tree.values() if isinstance(tree, dict) else tree, each):
        inner = spread(dim, part)
        if inner is None:
            return None
        found += inner
    return found


def batch_size(flat: list[Any], dims: list[int | None], where: str) -> int:
    sizes = []
    for x, d in zip(flat, dims):
        if d is None:
            continue
        if not isinstance(x, Value):
            raise ValueError(
                f"{where}: Got in_dim={d} for an input but the input is of type {type(x)}. We cannot vmap over non-Tensor "
                "arguments, please use None as the respective in_dim"
            )
        n = x.array.ndim
        if not -n <= d < n:
            raise ValueError(
                f"{where}: Got in_dim={d} for some input, but that input is a Tensor of dimensionality {n} so expected "
                f"in_dim to satisfy -{n} <= in_dim < {n}."
            )
        sizes.append(x.array.shape[d])
    if not sizes:
        raise ValueError(
            message(
                "vmap: Expected at least one Tensor to vmap over",
                f"in {where} in_dims names no axis",
                "in_dims=0, or an axis for one of the arguments",
            )
        )
    if len(set(sizes)) > 1:
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped "
            "dimension"
        )
    return sizes[0]


def stacked(results: list[Any], out_dims: Any, name: str) -> Any:
    """What the calls returned, stacked leaf by leaf; a leaf whose out_dim is None is the same for all entries."""
    if not results:
        raise RuntimeError(
            message(
                f"vmap({name}, ...): the mapped dimension has size 0",
                "the function is called once per entry, and what it returns is not known without a call",
            )
        )
    dims = dims_of_outputs(out_dims, results[0], name)
    made = []
    for column, d in zip(zip(*[leaves(result) for result in results]), dims):
        if d is None:
            made.append(shared(column, name))
            continue
        check_tensor(column[0], name)
        n = column[0].array.ndim + 1
        if not -n <= d < n:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {d})")
        made.append(stack(column, d))
    if results[0] is None:
        check_tensor(None, name)
    return rebuilt(results[0], iter(made))


def check_tensor(leaf: Any, name: str) -> None:
    if not isinstance(leaf, Value):
        raise ValueError(
            f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(leaf)}. Did you mean to set out_dims= "
            "to None for output?"
        )


def shared(column: tuple[Any, ...], name: str) -> Any:
    """What every entry returned alike."""
    first = column[0]
    if isinstance(first, Value):
        for other in column[1:]:
            if other is not first and not np.array_equal(other.array, first.array, equal_nan=first.array.dtype.kind in "fc"):
                raise ValueError(
                    message(
                        f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None",
                        "the entries of the batch gave different tensors, and None says that all give the same",
                        "out_dims=0",
                    )
                )
    return first


def dims_of_outputs(out_dims: Any, result: Any, name: str) -> list[int | None]:
    where = f"vmap({name}, ..., out_dims={out_dims})"
    flat = leaves(out_dims) if isinstance(out_dims, (dict, list, tuple)) else [out_dims]
    if any(d is not None and not isinstance(d, int) for d in flat):
        raise ValueError(
            f"{where}: `out_dims` must be an int, None or a python collection of ints representing where in the outputs the "
            "vmapped dimension should appear."
        )
    dims = spread(out_dims, result)
    if dims is None:
        raise ValueError(
            f"{where}(<inputs>): out_dims is not compatible with the structure of `outputs`. out_dims has structure "
            f"{structure(out_dims)} but outputs has structure {structure(result)}."
        )
    return dims
