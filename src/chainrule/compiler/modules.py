"""`OptimizedModule`: what ``compile`` makes of a module, and what ``module.compile()`` does in place."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ..nn.module import Module
from .step import Step

OWN = ("_orig_mod", "_hooks", "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set")


class OptimizedModule(Module):
    """A module around another one, ``_orig_mod``, whose calls are compiled: forward passes, and their backward passes.

    Parameters are the other one's, under names that begin with ``_orig_mod.``, as are those in ``state_dict()``. Any other
    attribute is looked up, and set, there. ``forward`` is the `Step`, so ``compiled.forward.report()`` always says what
    became of it; ``compiled.report()`` does where the module has nothing of this name itself.

    >>> model = torch.compile(nn.Linear(3, 2))
    >>> model
    OptimizedModule(
      (_orig_mod): Linear(in_features=3, out_features=2, bias=True)
    )
    >>> model.in_features, list(model.state_dict())
    (3, ['_orig_mod.weight', '_orig_mod.bias'])
    """

    def __init__(self, module: Module, fullgraph: bool = False, on: bool = True) -> None:
        super().__init__()
        del self.__dict__["training"]  # the other one's
        self.__dict__["_options"] = fullgraph, on
        self._modules["_orig_mod"] = module

    @cached_property
    def forward(self) -> Step:  # type: ignore[override]
        """What the module computes; a copy learns for itself."""
        fullgraph, on = self._options
        step = Step(self._orig_mod, fullgraph)
        step.on = step.on and on
        return step

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "forward"}

    # ------------------------------------------------------------------ attributes are the module's

    @property
    def training(self) -> bool:  # type: ignore[override]
        return self._orig_mod.training

    @training.setter
    def training(self, mode: bool) -> None:
        if "_modules" in self.__dict__ and "_orig_mod" in self._modules:
            self._orig_mod.training = mode
        else:
            self.__dict__["training"] = mode

    def __getattr__(self, name: str) -> Any:
        if name == "_orig_mod" or "_orig_mod" not in self.__dict__.get("_modules", ()):
            return super().__getattr__(name)
        module = self._modules["_orig_mod"]
        if name in ("report", "show", "difference") and not hasattr(module, name):
            return getattr(self.forward, name)
        return getattr(module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in OWN or "_orig_mod" not in self.__dict__.get("_modules", ()):
            super().__setattr__(name, value)
        elif name == "training":
            self._orig_mod.training = value
        else:
            setattr(self._orig_mod, name, value)
        if name == "_orig_mod":
            self.__dict__.pop("forward", None)

    def __delattr__(self, name: str) -> None:
        delattr(self._orig_mod, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self._orig_mod)})

    # ------------------------------------------------------------------ where the module is a container

    def __len__(self) -> int:
        return len(self._orig_mod)  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        return bool(self._orig_mod)

    def __iter__(self) -> Any:
        return iter(self._orig_mod)  # type: ignore[call-overload]

    def __getitem__(self, key: Any) -> Any:
        return self._orig_mod[key]  # type: ignore[index]


def compile_in_place(module: Module, *args: Any, **options: Any) -> None:
    """Let a module's own ``forward`` be compiled, with the options of ``compile``; copies of it are not."""
    from . import compile as compiled

    if isinstance(module, OptimizedModule) or isinstance(module.forward, Step):
        return
    step = compiled(module.forward, *args, **options)
    if isinstance(step, Step):
        module.__dict__["forward"] = module.__dict__["_compiled_call_impl"] = step
