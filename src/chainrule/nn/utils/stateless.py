"""Running a module with other tensors in the place of its parameters and buffers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...base.errors import did_you_mean, message
from ..module import Module


def functional_call(
    module: Module, parameters_and_buffers: Any, args: Any = None, kwargs: dict[str, Any] | None = None, *,
    tie_weights: bool = True, strict: bool = False,
) -> Any:  # fmt: skip
    """``module(*args, **kwargs)`` with the tensors of a dictionary (or several) in the place of its own.

    Gradients flow to the given tensors. With ``tie_weights``, a tensor that stands in several places is replaced in all of
    them; ``strict`` asks for every parameter and buffer.

    >>> layer = nn.Linear(2, 1)
    >>> nn.utils.stateless.functional_call(layer, {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}, torch.ones(1, 2))
    tensor([[2.]])
    """
    given = merged(parameters_and_buffers)
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with replaced(module, given, tie_weights, strict):
        return module(*args, **(kwargs or {}))


def merged(given: Any) -> dict[str, Any]:
    """One dictionary from one or several, which must not overlap."""
    if isinstance(given, Mapping):
        return dict(given)
    if not isinstance(given, (list, tuple)) or not all(isinstance(d, Mapping) for d in given):
        raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    found: dict[str, Any] = {}
    for part in given:
        repeated = found.keys() & part.keys()
        if repeated:
            raise ValueError(f"{sorted(repeated)[0]} appears in multiple dictionaries; behavior of functional call is ambiguous")
        found.update(part)
    return found


@contextmanager
def replaced(module: Module, given: dict[str, Any], tie: bool, strict: bool) -> Iterator[None]:
    """The module with other tensors, until the block ends."""
    places: dict[str, tuple[dict[str, Any], str]] = {}
    for path, part in module.named_modules(remove_duplicate=False):
        for table in (part._parameters, part._buffers):
            for name, tensor in table.items():
                if tensor is not None:
                    places[f"{path}.{name}" if path else name] = (table, name)  # type: ignore[assignment]
    check_keys(module, given, places, strict)
    targets = {key: [places[key]] for key in given if key in places}
    if tie:
        for key in targets:
            table, name = places[key]
            targets[key] += [(t, n) for k, (t, n) in places.items() if k not in given and t[n] is table[name]]
    before = [(table, name, table[name]) for spots in targets.values() for table, name in spots]
    try:
        for key, spots in targets.items():
            for table, name in spots:
                table[name] = given[key]
        yield
    finally:
        for table, name, tensor in before:
            table[name] = tensor


def check_keys(module: Module, given: dict[str, Any], places: Mapping[str, Any], strict: bool) -> None:
    unknown = [k for k in given if k not in places]
    missing = [k for k in places if k not in given]
    if strict and (unknown or missing):
        raise RuntimeError(
            f"Error(s) in reparametrizing for {module._get_name()}:\n\t"
            + "\n\t".join(
                f"{what} key(s): {', '.join(repr(k) for k in keys)}."
                for what, keys in (("Unexpected", unknown), ("Missing", missing))
                if keys
            )
        )
    for key in unknown:
        path, _, name = key.rpartition(".")
        raise AttributeError(
            message(
                f"{module.get_submodule(path)._get_name()} has no attribute `{name}`",
                f"the module has {', '.join(list(places)[:8])}{' …' * (len(places) > 8)}",
            )
            + did_you_mean(key, places)
        )
