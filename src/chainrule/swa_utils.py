"""``torch.optim.swa_utils``: a model whose weights are the average of those that training passes through.

Stochastic weight averaging (Izmailov et al., 2018, arXiv:1803.05407): w̄ ← w̄ + (w − w̄)/(n + 1), under a constant rate;
and exponential averages: w̄ ← decay · w̄ + (1 − decay) · w.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from .base.errors import message
from .nn.module import Module
from .nn.norm import BatchNorm
from .optim.optimizer import Optimizer
from .optim.schedule import LRScheduler, per_group
from .tensors.creation import tensor
from .tensors.grad_mode import no_grad

Average = Callable[[Any, Any, Any], Any]
Averages = Callable[[list[Any], list[Any], Any], None]


def get_swa_avg_fn() -> Average:
    """The rule w̄ + (w − w̄)/(n + 1), for one parameter."""
    return lambda averaged, current, n: averaged + (current - averaged) / (n + 1)


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The rule decay · w̄ + (1 − decay) · w, for one parameter."""
    check_decay(decay)
    return lambda averaged, current, n: decay * averaged + (1 - decay) * current


def get_swa_multi_avg_fn() -> Averages:
    """The rule w̄ + (w − w̄)/(n + 1), for a list of parameters, in place."""
    return each(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay: float = 0.999) -> Averages:
    """The rule decay · w̄ + (1 − decay) · w, for a list of parameters, in place."""
    return each(get_ema_avg_fn(decay))


def check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def each(rule: Average) -> Averages:
    """A rule for one parameter as a rule for a list."""

    def update(averaged: list[Any], current: list[Any], n: Any) -> None:
        with no_grad():
            for mean, w in zip(averaged, current):
                mean.copy_(rule(mean, w.to(mean.dtype), n) if mean.is_floating_point() else w)

    return update


class AveragedModel(Module):
    """A copy of a model, ``module``, that `update_parameters` makes the average of the models it is shown.

    ``avg_fn(averaged, current, n)`` gives another rule, `get_ema_avg_fn` for example; ``use_buffers`` averages the
    buffers too, which are copied otherwise.

    >>> model = nn.Linear(1, 1, bias=False); mean = torch.optim.swa_utils.AveragedModel(model)
    >>> for w in (1.0, 2.0, 6.0):
    ...     _ = nn.init.constant_(model.weight, w); mean.update_parameters(model)
    >>> mean.module.weight.item(), mean.n_averaged
    (3.0, tensor(3))
    """

    n_averaged: Any

    def __init__(
        self, model: Module, device: Any = None, avg_fn: Average | None = None, multi_avg_fn: Averages | None = None,
        use_buffers: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module.to(device)
        self.register_buffer("n_averaged", tensor(0))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the model's present weights into the average."""
        averaged, current = self.tensors(self.module), self.tensors(model)
        with no_grad():
            if int(self.n_averaged) == 0:
                for mean, w in zip(averaged, current):
                    mean.copy_(w)
            else:
                update = self.multi_avg_fn or each(self.avg_fn or get_swa_avg_fn())
                update(averaged, current, self.n_averaged)
            if not self.use_buffers:
                for mean, buffer in zip(self.module.buffers(), model.buffers()):
                    mean.copy_(buffer)
            self.n_averaged += 1

    def tensors(self, model: Module) -> list[Any]:
        """What is averaged, without its history."""
        found = chain(model.parameters(), model.buffers()) if self.use_buffers else model.parameters()
        return [t.detach() for t in found]


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Measure the running means and variances of all batch norms anew, by one pass over the batches of a loader.

    (Averaged weights give other activations than those that the statistics were taken of.) Of a batch that is a list or
    tuple, the first part is the input.
    """
    norms = {m: m.momentum for m in model.modules() if isinstance(m, BatchNorm)}
    if not norms:
        return
    was_training = model.training
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
    with no_grad():
        for batch in loader:
            x = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(x if device is None else x.to(device))
    for norm, momentum in norms.items():
        norm.momentum = momentum
    model.train(was_training)


SHAPES = {"cos": lambda t: (1 - math.cos(math.pi * t)) / 2, "linear": lambda t: t}


class SWALR(LRScheduler):
    """lr = (1 − α) · initial + α · swa_lr, α going from 0 to 1 in ``anneal_epochs`` epochs, along a cosine or a line."""

    def __init__(
        self, optimizer: Optimizer, swa_lr: float, anneal_epochs: int = 10, anneal_strategy: str = "cos", last_epoch: int = -1
    ) -> None:
        if anneal_strategy not in SHAPES:
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(
                message(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}", "it counts whole epochs")
            )
        for group, rate in zip(optimizer.param_groups, per_group(optimizer, swa_lr, "swa_lr")):
            group["swa_lr"] = rate
        self.anneal_epochs, self._anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def share(self, epoch: int) -> float:
        """α after so many epochs."""
        t = epoch if self.anneal_epochs == 0 else epoch / self.anneal_epochs
        return SHAPES[self._anneal_strategy](max(0.0, min(1.0, t)))

    def get_lr(self) -> list[Any]:
        now, before = self.share(self.last_epoch), self.share(self.last_epoch - 1)
        rates = []
        for group in self.optimizer.param_groups:
            swa, rate = group["swa_lr"], group["lr"]
            initial = swa if before == 1 else (rate - before * swa) / (1 - before)
            rates.append(now * swa + (1 - now) * initial)
        return rates
