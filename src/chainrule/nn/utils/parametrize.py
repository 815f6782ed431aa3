"""Parameters that are functions of other parameters: symmetric weights, weights of norm one, masks …

``register_parametrization(layer, "weight", f)`` makes ``layer.weight`` be f(original): the original becomes
``layer.parametrizations.weight.original``, which is what optimizers train, and ``layer.weight`` is computed each time it is
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from ...base.errors import message
from ...tensors.grad_mode import no_grad
from ...tensors.tensor import Tensor
from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

CACHE: dict[tuple[int, str], Any] = {}
nesting = 0  # of `cached`


@contextmanager
def cached() -> Iterator[None]:
    """Compute every parametrized tensor once only, until the block ends."""
    global nesting
    nesting += 1
    try:
        yield
    finally:
        nesting -= 1
        if not nesting:
            CACHE.clear()


class ParametrizationList(ModuleList):
    """The functions f₁, f₂ … that make a tensor of its ``original`` (or ``original0``, ``original1`` …)."""

    def __init__(self, modules: list[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        try:
            sources = self._sources(original)
        except NotImplementedError:  # some functions cannot be inverted: they start from the tensor itself
            sources = original
        self.is_tensor = isinstance(sources, Tensor)
        self.ntensors = 1 if self.is_tensor else len(sources)
        if isinstance(sources, Tensor):
            self._keep("original", sources, original)
        else:
            for i, source in enumerate(sources):
                self._keep(f"original{i}", source, original)
        if not unsafe:
            self._check(original)

    def _keep(self, name: str, source: Tensor, original: Tensor) -> None:
        """Register what the tensor is made of; where it is the tensor itself, as that very object."""
        if isinstance(original, Parameter):
            same = source is original
            self.register_parameter(name, original if same else Parameter(source.detach(), original.requires_grad))
        else:
            self.register_buffer(name, source)

    def _sources(self, value: Tensor) -> Any:
        """What the functions would have to be given to make a value, as far as they can tell."""
        found: Any = value
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    found = module.right_inverse(found)
        return found

    def _check(self, original: Tensor) -> None:
        with no_grad():
            made = self()
        if not isinstance(made, Tensor):
            raise ValueError(f"A parametrization must return a tensor. Got {type(made).__name__}.")
        for what, here, there in (("dtype", original.dtype, made.dtype), ("shape", original.shape, made.shape)):
            if here != there:
                raise ValueError(
                    message(
                        f"Registering a parametrization may not change the {what} of the tensor, unless `unsafe` flag is "
                        f"enabled.\nunparametrized {what}: {here}\nparametrized {what}: {there}",
                        instead="unsafe=True, if that is what you want",
                    )
                )

    def right_inverse(self, value: Tensor) -> None:
        """Make the tensor have a value, by assigning to what it is made of."""
        for module in self:
            if not hasattr(module, "right_inverse"):
                raise RuntimeError(
                    message(
                        f"parametrization {type(module).__name__} does not implement right_inverse.",
                        "what it would have to be given to make this value is not known",
                        "a method right_inverse(self, value) that says it",
                    )
                )
        sources = self._sources(value)
        names = ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]
        with no_grad():
            for name, source in zip(names, [sources] if self.is_tensor else sources):
                getattr(self, name).copy_(source)

    def forward(self) -> Any:
        first, *rest = self
        if self.is_tensor:
            value = first(self.original)
        else:
            value = first(*[getattr(self, f"original{i}") for i in range(self.ntensors)])
        for module in rest:
            value = module(value)
        return value


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Make ``module.<tensor_name>`` a function of what it was; a second one is applied to the result of the first.

    A method ``right_inverse`` of the function says what to start from, and makes assigning to the tensor possible.

    >>> class Symmetric(nn.Module):
    ...     def forward(self, w):
    ...         return w.triu() + w.triu(1).T
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight == layer.weight.T).all())
    True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        kept: Any = module.parametrizations[tensor_name]
        kept.append(parametrization)
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ValueError(
            message(
                f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'",
                f"it has {', '.join([*module._parameters, *module._buffers]) or 'none'}",
            )
        )
    kept = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        specialize(module)
        module.parametrizations = ModuleDict()
    add_property(module, tensor_name)
    module.parametrizations[tensor_name] = kept
    return module


def specialize(module: Module) -> None:
    """Give a module a class of its own, below its class, which may then have properties."""
    base = type(module)

    def copied(self: Any, memo: dict[int, Any]) -> Any:
        other = self.__new__(type(self))
        memo[id(self)] = other
        other.__dict__ = deepcopy(self.__dict__, memo)
        return other

    def state(self: Any) -> Any:
        raise RuntimeError("Serialization of parametrized modules is only supported through state_dict().")

    methods = {"__deepcopy__": copied, "__getstate__": state}
    module.__class__ = type(f"Parametrized{base.__name__}", (base,), methods)


def add_property(module: Module, name: str) -> None:
    """Make a tensor of a module be computed whenever it is asked for."""

    def get(self: Any) -> Any:
        if not nesting:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in CACHE:
            CACHE[key] = self.parametrizations[name]()
        return CACHE[key]

    def put(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(get, put))


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module (or one tensor of it) is parametrized."""
    kept = module._modules.get("parametrizations")
    if not isinstance(kept, ModuleDict):
        return False
    return len(kept) > 0 if tensor_name is None else tensor_name in kept


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a tensor an ordinary one again: with the value that it has, or (False) the one that it was made of."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    kept: Any = module.parametrizations[tensor_name]
    if leave_parametrized:
        with no_grad():
            value = getattr(module, tensor_name)
        original = kept.original if kept.is_tensor else kept.original0
        if kept.is_tensor and isinstance(original, Parameter):
            original.data = value.detach().clone()
        else:
            original = Parameter(value.detach()) if isinstance(original, Parameter) else value
    elif kept.is_tensor:
        original = kept.original
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of "
            "tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, original)
    else:
        module.register_buffer(tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class of a module, without the one that parametrizing it put in between."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module: Module, to_module: Module, tensor_name: str | None = None) -> Module:
    """Give another module the same parametrizations, with copies of what its tensors are made of."""
    if is_parametrized(from_module):
        names = list(from_module.parametrizations) if tensor_name is None else [tensor_name]
        for name in names:
            if not hasattr(to_module, name):
                setattr(to_module, name, Parameter(getattr(from_module, name).detach().clone()))
            for function in from_module.parametrizations[name]:
                register_parametrization(to_module, name, function, unsafe=True)
            to_module.parametrizations[name].load_state_dict(from_module.parametrizations[name].state_dict(), strict=False)
    return to_module
