"""Learning rates that rise and fall within a run, with momentum going the other way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .optimizer import Optimizer
from .schedule import LRScheduler, per_group


class CyclicLR(LRScheduler):
    """lr swings between ``base_lr`` and ``max_lr`` (Smith, 2017, arXiv:1506.01186), and momentum against it"""

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        lows = per_group(optimizer, base_lr, "base_lr")
        if last_epoch == -1:
            for low, group in zip(lows, optimizer.param_groups):
                group["lr"] = low
        self.max_lrs = per_group(optimizer, max_lr, "max_lr")
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size, self.step_ratio = float(step_size_up + down), step_size_up / float(step_size_up + down)
        self.mode, self.gamma, self.scale_mode = mode, gamma, scale_mode
        self.scale_fn = (
            scale_fn
            or {
                "triangular": lambda x: 1.0,
                "triangular2": lambda x: 1 / 2.0 ** (x - 1),
                "exp_range": lambda x: gamma**x,
            }[mode]
        )
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
                raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
            self.use_beta1 = "betas" in optimizer.defaults
            self.base_momentums = per_group(optimizer, base_momentum, "base_momentum")
            self.max_momentums = per_group(optimizer, max_momentum, "max_momentum")
            for m, group in zip(self.max_momentums, optimizer.param_groups):
                set_momentum(group, m, self.use_beta1)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lows

    def get_lr(self) -> list[Any]:
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = height * self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for low, high, group in zip(self.base_momentums, self.max_momentums, self.optimizer.param_groups):
                set_momentum(group, high - (high - low) * scale, self.use_beta1)
        return [low + (high - low) * scale for low, high in zip(self.base_lrs, self.max_lrs)]

    def state_dict(self) -> dict[str, Any]:
        return {k: v for k, v in super().state_dict().items() if k != "scale_fn"}


def set_momentum(group: dict[str, Any], value: float, as_beta: bool) -> None:
    if as_beta:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


class OneCycleLR(LRScheduler):
    """lr rises from max/div_factor to max, then falls to initial/final_div_factor (Smith & Topin, 2018, arXiv:1708.07120)"""

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is not None:
            if total_steps <= 0 or not isinstance(total_steps, int):
                raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        elif epochs is not None and steps_per_epoch is not None:
            if epochs <= 0 or steps_per_epoch <= 0:
                raise ValueError(
                    f"Expected positive integers epochs and steps_per_epoch, but got {epochs} and {steps_per_epoch}"
                )
            total_steps = epochs * steps_per_epoch
        else:
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps, self._anneal = total_steps, anneal_strategy
        up = pct_start * total_steps - 1
        ends = [up, 2 * up, total_steps - 2, total_steps - 1] if three_phase else [up, total_steps - 1]
        rates = ["initial_lr", "max_lr", "initial_lr", "min_lr"] if three_phase else ["initial_lr", "max_lr", "min_lr"]
        momenta = (
            ["max_momentum", "base_momentum", "max_momentum", "max_momentum"]
            if three_phase
            else ["max_momentum", "base_momentum", "max_momentum"]
        )
        if three_phase:
            ends = [up, 2 * up, total_steps - 1]
        self._phases = [(end, rates[i], rates[i + 1], momenta[i], momenta[i + 1]) for i, end in enumerate(ends)]
        for high, group in zip(per_group(optimizer, max_lr, "max_lr"), optimizer.param_groups):
            if last_epoch == -1:
                group["initial_lr"] = high / div_factor
                group["max_lr"], group["min_lr"] = high, high / div_factor / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
                raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
            self.use_beta1 = "betas" in optimizer.defaults
            lows, highs = per_group(optimizer, base_momentum, "base_momentum"), per_group(optimizer, max_momentum, "max_momentum")
            for low, high, group in zip(lows, highs, optimizer.param_groups):
                if last_epoch == -1:
                    set_momentum(group, high, self.use_beta1)
                    group["max_momentum"], group["base_momentum"] = high, low
        super().__init__(optimizer, last_epoch)

    def between(self, start: float, end: float, share: float) -> float:
        if self._anneal == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def get_lr(self) -> list[Any]:
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"Tried to step {t} times. The specified number of total steps is {self.total_steps}")
        found = []
        for group in self.optimizer.param_groups:
            start = 0.0
            for i, (end, low, high, m_low, m_high) in enumerate(self._phases):
                if t <= end or i == len(self._phases) - 1:
                    share = (t - start) / (end - start)
                    found.append(self.between(group[low], group[high], share))
                    if self.cycle_momentum:
                        set_momentum(group, self.between(group[m_low], group[m_high], share), self.use_beta1)
                    break
                start = end
        return found
