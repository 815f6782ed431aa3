"""What every learning-rate schedule has: a count of steps, and a rate for each group of parameters."""

from __future__ import annotations

import warnings
from typing import Any

from ..base.errors import message
from .optimizer import Optimizer


class LRScheduler:
    """The base of schedulers: counts steps, and sets each group's rate to what `get_lr` says."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with last_epoch >= 0"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._stepped = watch_steps(optimizer)
        self.start()

    def start(self) -> None:
        """Take the first step: the rate that training begins with."""
        self._step_count = 0
        self._initial = True
        self.step()
        self._initial = False

    def get_lr(self) -> list[Any]:
        """The rate of each group at ``last_epoch``."""
        raise NotImplementedError

    def get_last_lr(self) -> list[Any]:
        """The rates that were set last."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Advance one step and set the new rates."""
        if self._step_count == 1 and not self._stepped.called:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call "
                "them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result "
                "in PyTorch skipping the first value of the learning rate schedule.",
                UserWarning,
                stacklevel=2,
            )
        if epoch is not None:
            warnings.warn(
                "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. "
                "Please use `scheduler.step()` to step the scheduler.",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self._update(epoch)

    def _update(self, epoch: int | None = None) -> None:
        """Set the rates of the next epoch, or those of the given one (by the closed form, where there is one)."""
        if epoch is None:
            self.last_epoch += 1
            rates = self.get_lr()
        else:
            self.last_epoch = epoch
            closed = getattr(self, "_get_closed_form_lr", None)
            rates = closed() if closed else self.get_lr()
        for group, rate in zip(self.optimizer.param_groups, rates):
            group["lr"] = rate
        self._last_lr = self._rates()

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer."""
        return {k: v for k, v in self.__dict__.items() if k not in ("optimizer", "_stepped", "_initial")}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.__dict__.update(state_dict)

    def _rates(self) -> list[Any]:
        return [group["lr"] for group in self.optimizer.param_groups]


class Watch:
    """Whether an optimizer has stepped since its scheduler was made."""

    called = False

    def __call__(self, *_: Any) -> None:
        self.called = True


def watch_steps(optimizer: Optimizer) -> Watch:
    watch = Watch()
    optimizer.register_step_post_hook(watch)
    return watch


def per_group(optimizer: Optimizer, value: Any, name: str) -> list[Any]:
    """One value for each group: the same for all, or a list of as many."""
    n = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * n
    if len(value) != n:
        if name == "lr_lambda":
            raise ValueError(f"Expected {n} lr_lambdas, but got {len(value)}")
        raise ValueError(
            message(
                f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, param_groups has {n}.",
                instead=f"one number for all groups, or a list of {n}",
            )
        )
    return list(value)
