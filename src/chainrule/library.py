"""``torch.library``: functions of one's own with a backward of one's own, by name.

In PyTorch such a function becomes an operator that the compiler leaves whole. Here it is called as it is; what is
registered for other devices or for compiling is kept and not needed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .base.absent import refusing
from .base.errors import message
from .tensors.function import Function

F = Callable[..., Any]


class CustomOpDef:
    """A function with the name ``namespace::name`` and, once `register_autograd` has given it, a backward."""

    def __init__(self, name: str, fn: F) -> None:
        self._qualname, self._name = name, name.rpartition("::")[2]
        self.fn, self.__name__, self.__doc__ = fn, fn.__name__, fn.__doc__
        self.differentiable: type[Function] | None = None

    def __call__(self, *args: Any, **named: Any) -> Any:
        if self.differentiable is None:
            return self.fn(*args, **named)
        return self.differentiable.apply(*args, *named.values())

    def register_autograd(self, backward: F, /, *, setup_context: F | None = None) -> None:
        """Give the gradients: ``backward(ctx, *grads)``, with what ``setup_context(ctx, inputs, output)`` kept."""
        fn = self.fn

        class Operator(Function):
            @staticmethod
            def forward(*args: Any) -> Any:
                return fn(*args)

            @staticmethod
            def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
                if setup is not None:
                    setup(ctx, inputs, output)

            @staticmethod
            def backward(ctx: Any, *grads: Any) -> Any:
                return backward_of(ctx, *grads)

        setup, backward_of = setup_context, backward
        self.differentiable = Operator

    def register_kernel(self, device_types: Any, fn: F | None = None, /) -> F:
        """The function for the CPU, in place of the first; those for other devices are not needed."""
        if fn is None:
            return partial(self.register_kernel, device_types)
        if device_types is None or "cpu" in device_types:
            self.fn = fn
        return fn

    def register_fake(self, fn: F, /) -> F:
        """What shape the result has, for the compiler: not needed here."""
        return fn

    def register_vmap(self, func: F | None = None) -> F:
        """How the function acts on batches: `torch.vmap` finds it out by itself."""
        return self.register_vmap if func is None else func

    def __repr__(self) -> str:
        return f"<CustomOpDef({self._qualname})>"


REGISTERED: dict[str, CustomOpDef] = {}


def custom_op(name: str, fn: F | None = None, /, *, mutates_args: Any, device_types: Any = None, schema: str | None = None,
              tags: Any = None) -> Any:  # fmt: skip
    """A decorator that makes a function a `CustomOpDef`.

    >>> @torch.library.custom_op("examples::twice", mutates_args=())
    ... def twice(x: torch.Tensor) -> torch.Tensor:
    ...     return 2 * x
    >>> twice.register_autograd(lambda ctx, g: 2 * g)
    >>> x = torch.ones(2, requires_grad=True); twice(x).sum().backward(); x.grad
    tensor([2., 2.])
    """
    if name.count("::") != 1:
        raise ValueError(
            message(
                f"custom_op(name, ...): expected the name to be of the form namespace::name, got {name!r}",
                "the namespace keeps apart what different libraries define",
                f'custom_op("mylib::{name.rpartition("::")[2] or "f"}", …)',
            )
        )
    if fn is None:
        return lambda fn: custom_op(name, fn, mutates_args=mutates_args)
    REGISTERED[name] = CustomOpDef(name, fn)
    return REGISTERED[name]


def named(op: Any) -> CustomOpDef:
    """An operator given as itself or by its name."""
    found = REGISTERED.get(op) if isinstance(op, str) else op
    if not isinstance(found, CustomOpDef):
        raise RuntimeError(
            message(f"there is no operator {op!r}", f"registered are: {', '.join(REGISTERED) or 'none'}", "custom_op(name, …)")
        )
    return found


def register_autograd(op: Any, backward: F, /, *, setup_context: F | None = None, lib: Any = None) -> None:
    """`CustomOpDef.register_autograd` by name."""
    named(op).register_autograd(backward, setup_context=setup_context)


def register_kernel(op: Any, device_types: Any, func: F | None = None, /, *, lib: Any = None) -> Any:
    """`CustomOpDef.register_kernel` by name."""
    return named(op).register_kernel(device_types, func)


def register_fake(op: Any, func: F | None = None, /, *, lib: Any = None, _stacklevel: int = 1) -> Any:
    """`CustomOpDef.register_fake` by name."""
    return (lambda fn: fn) if func is None else func


def register_vmap(op: Any, func: F | None = None, /, *, lib: Any = None) -> Any:
    """`CustomOpDef.register_vmap` by name."""
    return (lambda fn: fn) if func is None else func


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "this function of torch.library is not available",
            "it is about PyTorch's dispatcher, which is not here",
            'torch.library.custom_op("namespace::name", mutates_args=()), and torch.autograd.gradcheck for its gradients',
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what to do instead.")
opcheck, define, impl, triton_op = refuse("opcheck"), refuse("define"), refuse("impl"), refuse("triton_op")
Library, get_ctx, infer_schema = refuse("Library"), refuse("get_ctx"), refuse("infer_schema")
