"""`Module`: a function with parameters, made of modules.

Assigning a `Parameter`, a `Buffer` or a `Module` to an attribute registers it; everything else a module can do
(``parameters()``, ``state_dict()``, ``to()``, ``train()``, ``apply()``, printing) walks these three tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..base import dtypes
from ..base.errors import did_you_mean, message
from ..tensors.tensor import Tensor
from .conversion import Conversion
from .hooks import Hookable
from .missing import MissingAttribute
from .parameter import Buffer, Parameter
from .stateful import Stateful

Self = TypeVar("Self", bound="Module")

TABLES = ("_parameters", "_buffers", "_modules")
KINDS = {"_parameters": "parameters", "_buffers": "buffer", "_modules": "module"}  # as messages call their entries


class Module(Hookable, Conversion, Stateful):
    """The base of all layers and models.

    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = nn.Parameter(torch.tensor(2.0))
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> Line()(torch.tensor(3.0))
    tensor(6., grad_fn=<MulBackward0>)
    """

    training: bool
    call_super_init = dump_patches = False
    _compiled_call_impl = None  # of a module that is compiled in place: what does it
    T_destination = dict
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if (args or kwargs) and not self.call_super_init:
            extra = next(iter(kwargs), None)
            got = (
                f"got an unexpected keyword argument '{extra}'"
                if extra
                else (f"takes 1 positional argument but {len(args) + 1} were given")
            )
            raise TypeError(f"{type(self).__name__}.__init__() {got}")
        put = super().__setattr__
        put("training", True)
        for table in TABLES:
            put(table, {})
        put("_non_persistent_buffers_set", set())
        put("_hooks", None)
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(
            message(
                f'Module [{type(self).__name__}] is missing the required "forward" function',
                instead=f"def forward(self, x): … in class {type(self).__name__}",
            )
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        if self._hooks is None:
            return self.forward(*inputs, **named)
        return self._hooks.call(self, inputs, named)

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Let ``forward`` be compiled, in place: ``torch.compile`` makes another module around this one instead.

        >>> model = nn.Linear(3, 2)
        >>> model.compile()
        >>> model.forward
        <step forward, not compiled yet>
        """
        from importlib import import_module

        import_module(f"{__name__.partition('.')[0]}.compiler.modules").compile_in_place(self, *args, **kwargs)

    # ------------------------------------------------------------------ registering

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        if isinstance(value, Parameter):
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module) and name not in tables.get("_parameters", ()):
            self._forget(name, "_modules")
            self.register_module(name, value)
        elif isinstance(value, Buffer):
            self._forget(name, "_buffers")
            self.register_buffer(name, value, value.persistent)
        elif "_parameters" not in tables:
            super().__setattr__(name, value)
        elif name in tables["_parameters"]:
            if value is not None:
                raise TypeError(
                    message(
                        f"cannot assign '{full_name(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)",
                        "optimizers look for parameters; anything else in its place would never be trained",
                        f"self.{name} = nn.Parameter(value), or with torch.no_grad(): self.{name}.copy_(value)"
                        if isinstance(value, Tensor)
                        else f"another name than '{name}', or del self.{name} first",
                    )
                )
            tables["_parameters"][name] = None
        elif name in tables["_modules"]:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{full_name(value)}' as child module '{name}' (torch.nn.Module or None expected)"
                )
            tables["_modules"][name] = None
        elif name in tables["_buffers"]:
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(
                    f"cannot assign '{full_name(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None expected)"
                )
            tables["_buffers"][name] = value
        else:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        tables = self.__dict__
        if "_parameters" in tables:
            if name in (found := tables["_modules"]) or name in (found := tables["_parameters"]):
                return found[name]
            if name in (found := tables["_buffers"]):
                return found[name]
        raise MissingAttribute(name=name, obj=self)

    def __delattr__(self, name: str) -> None:
        for table in TABLES:
            if name in self.__dict__[table]:
                del self.__dict__[table][name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(n for t in TABLES for n in self.__dict__.get(t, ()))})

    def _forget(self, name: str, table: str) -> None:
        """Make room for a registration in ``table`` under a name that may be something else; its place there is kept."""
        if "_parameters" not in self.__dict__:
            raise AttributeError(
                message(
                    f"cannot assign {KINDS[table]} before Module.__init__() call",
                    f"'{name}' was assigned before the tables that register it exist",
                    "super().__init__() as the first line of __init__",
                )
            )
        self.__dict__.pop(name, None)
        for other in TABLES:
            if other != table:
                self.__dict__[other].pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def _check_name(self, name: str, table: str, kind: str) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under a name."""
        self._check_name(name, "_parameters", "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{full_name(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the module's state but is not trained."""
        self._check_name(name, "_buffers", "buffer")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{full_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a child module under a name."""
        self._check_name(name, "_modules", "module")
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{full_name(module)} is not a Module subclass")
        self._modules[name] = module

    add_module = register_module

    # ------------------------------------------------------------------ walking

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all modules in it, with their dotted names, each once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        seen: set[Module] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        for _, child in self.named_children():
            yield child

    def _named_members(self, table: str, prefix: str, recurse: bool, once: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=once) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, member in module.__dict__[table].items():
                if member is None or id(member) in seen:
                    continue
                if once:
                    seen.add(id(member))
                yield (f"{path}.{name}" if path else name), member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters of this module and of all in it, with their dotted names, each once."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def get_submodule(self, target: str) -> Module:
        """The module under a dotted name."""
        module: Any = self
        for part in target.split(".") if target else ():
            if not hasattr(module, part):
                raise AttributeError(
                    f"{type(module).__name__} has no attribute `{part}`" + did_you_mean(part, module._modules)
                )
            module = getattr(module, part)
            if not isinstance(module, Module):
                raise AttributeError(f"`{part}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Replace the module under a dotted name; ``strict`` refuses to add one that was not there."""
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and name not in parent._modules:
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`" + did_you_mean(name, parent._modules))
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter under a dotted name."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(
                f"{module._get_name()} has no attribute `{name}`" + did_you_mean(name, module._parameters)
            )
        found = getattr(module, name)
        if not isinstance(found, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer under a dotted name."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        found = getattr(module, name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return found

    def apply(self: Self, fn: Callable[[Module], None]) -> Self:
        """Call ``fn`` on every module inside, then on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # ------------------------------------------------------------------ switching

    def train(self: Self, mode: bool = True) -> Self:
        """Switch dropout, batch norm and the like to training behaviour (or off, with False)."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: Self) -> Self:
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Freeze or unfreeze all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients (or set them to zero)."""
        for parameter in self.parameters():
            if parameter._grad is not None:
                if set_to_none:
                    parameter._grad = None
                else:
                    parameter._grad.detach_().zero_()

    # ------------------------------------------------------------------ copies

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if "_compiled_call_impl" in state:  # `compile` is for this object, not for its copies
            del state["_compiled_call_impl"], state["forward"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # ------------------------------------------------------------------ text

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands between the parentheses when this module is printed."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = [f"({name}): {indented(repr(child), 2)}" for name, child in self._modules.items()]
        lines = (extra.split("\n") if extra else []) + children
        if not lines:
            return f"{self._get_name()}()"
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({lines[0]})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def indented(text: str, by: int) -> str:
    """All lines but the first moved to the right."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * by + line for line in rest)])


def full_name(value: Any) -> str:
    """PyTorch's name for the type of a value, in its messages."""
    if isinstance(value, Tensor):
        return "torch.FloatTensor" if value.dtype is dtypes.float32 else f"torch.{type(value).__name__}"
    return (
        type(value).__name__
        if type(value).__module__ == "builtins"
        else f"{type(value).__module__}.{type(value).__name__}"
    )
