"""Training on several devices. There is one here, the CPU, so a module wrapped in these runs as it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..base.absent import no_cuda, refusing
from ..base.errors import message
from .module import Module

__path__: list[str] = []  # `import torch.nn.parallel.distributed` asks for a package


class DataParallel(Module):
    """A module that would share its batches among GPUs; without any, it runs the module it was given, ``module``.

    >>> nn.DataParallel(nn.Linear(2, 3))(torch.zeros(4, 2)).shape
    torch.Size([4, 3])
    """

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


def data_parallel(module: Module, inputs: Any, *args: Any, module_kwargs: dict[str, Any] | None = None, **how: Any) -> Any:
    """Run a module on inputs, as `DataParallel` would."""
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*inputs, **(module_kwargs or {}))


def parallel_apply(
    modules: Sequence[Module],
    inputs: Sequence[Any],
    kwargs_tup: Sequence[dict[str, Any]] | None = None,
    devices: Sequence[Any] | None = None,
) -> list[Any]:
    """Each module on its inputs, one after the other."""
    named = [{}] * len(modules) if kwargs_tup is None else kwargs_tup
    return [
        module(*(given if isinstance(given, (list, tuple)) else (given,)), **more)
        for module, given, more in zip(modules, inputs, named)
    ]


refuse = partial(refusing, error=no_cuda, doc="There are no GPUs to share among: an error that says so.")
scatter, gather, replicate = refuse("scatter"), refuse("gather"), refuse("replicate")


class DistributedDataParallel(Module):
    """A module trained by several processes; there is no communication between processes here."""

    def __init__(self, module: Module, *args: Any, **kwargs: Any) -> None:
        raise ValueError(
            message(
                "Default process group has not been initialized, please make sure to call init_process_group.",
                "chainrule trains in one process",
                "the module itself",
            )
        )
