"""`GradScaler`: keep small gradients from vanishing in half precision, by scaling the loss.

With the scale s, the gradients of s · L are divided by s before the update. A step whose gradients are not finite is
left out and s shrinks; after ``growth_interval`` good steps s grows:

    s ← s · backoff_factor     after an overflow
    s ← s · growth_factor      after growth_interval steps without one

Mixed Precision Training, Micikevicius et al., ICLR 2018.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import Value, wrap

READY, UNSCALED, STEPPED = "ready", "unscaled", "stepped"


class GradScaler:
    """``scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update()``

    For a GPU (``device="cuda"``, the default) it switches itself off, as there is none; then it passes everything on.

    >>> scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    >>> scaler.scale(torch.tensor(0.5))
    tensor(4.)
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if growth_factor <= 1.0:
            raise AssertionError(f"The growth factor must be > 1.0, not {growth_factor}")
        if backoff_factor >= 1.0:
            raise AssertionError(f"The backoff factor must be < 1.0, not {backoff_factor}")
        self.device = device
        if enabled and device != "cpu":
            warnings.warn(
                f"torch.{device}.amp.GradScaler is enabled, but {device.upper()} is not available.  Disabling.",
                UserWarning,
                stacklevel=2,
            )
        self.enabled = enabled and device == "cpu"
        self.init_scale, self.used = init_scale, False
        self.factor = init_scale
        self.growth_factor, self.backoff_factor, self.growth_interval = growth_factor, backoff_factor, growth_interval
        self.good_steps = 0
        self.stage: dict[int, str] = defaultdict(lambda: READY)
        self.overflow: dict[int, bool] = {}

    def scale(self, outputs: Any) -> Any:
        """s · outputs: a tensor, or a nest of lists and tuples of tensors."""
        if not self.enabled:
            return outputs
        self.used = True
        if isinstance(outputs, Value):
            return outputs * wrap(np.asarray(self.factor, outputs.array.dtype))  # type: ignore[operator]
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self.scale(output) for output in outputs)
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of an optimizer's parameters by s now, for instance to clip them."""
        if not self.enabled:
            return
        self.check_used("unscale_")
        stage = self.stage[id(optimizer)]
        if stage == UNSCALED:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        if stage == STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        gradients = [p._grad for group in optimizer.param_groups for p in group["params"] if p._grad is not None]
        self.overflow[id(optimizer)] = not all(bool(np.isfinite(g.array).all()) for g in gradients)
        for g in gradients:
            g.mul_(1.0 / self.factor)
        self.stage[id(optimizer)] = UNSCALED

    def step(self, optimizer: Any, *args: Any, **named: Any) -> Any:
        """``optimizer.step()`` with unscaled gradients; left out if one of them is not finite."""
        if not self.enabled:
            return optimizer.step(*args, **named)
        if "closure" in named:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        self.check_used("step")
        if self.stage[id(optimizer)] == STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if self.stage[id(optimizer)] == READY:
            self.unscale_(optimizer)
        self.stage[id(optimizer)] = STEPPED
        return None if self.overflow[id(optimizer)] else optimizer.step(*args, **named)

    def update(self, new_scale: Any = None) -> None:
        """Adapt s, at the end of a step; or set it."""
        if not self.enabled:
            return
        self.check_used("update")
        if new_scale is not None:
            self.factor = float(new_scale)
        elif not self.overflow:
            raise AssertionError(
                message("No inf checks were recorded prior to update.", "no step() came before it", "scaler.step(optimizer)")
            )
        elif any(self.overflow.values()):
            self.factor, self.good_steps = self.factor * self.backoff_factor, 0
        else:
            self.good_steps += 1
            if self.good_steps == self.growth_interval:
                self.factor, self.good_steps = self.factor * self.growth_factor, 0
        self.stage.clear()
        self.overflow.clear()

    def check_used(self, name: str) -> None:
        if not self.used:
            raise AssertionError(
                message(
                    f"Attempted {name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or "
                    "outputs) earlier in the iteration.",
                    instead="scaler.scale(loss).backward()",
                )
            )

    def get_scale(self) -> float:
        """s; 1 if switched off."""
        return self.factor if self.enabled else 1.0

    def is_enabled(self) -> bool:
        return self.enabled

    def get_growth_factor(self) -> float:
        return self.growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        self.growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        return self.backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        self.backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        return self.growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        self.growth_interval = new_interval

    def state_dict(self) -> dict[str, Any]:
        """The scale and its settings; empty if switched off."""
        if not self.enabled:
            return {}
        return {
            "scale": self.factor,
            "growth_factor": self.growth_factor,
            "backoff_factor": self.backoff_factor,
            "growth_interval": self.growth_interval,
            "_growth_tracker": self.good_steps,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state made by `state_dict`."""
        if not self.enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        self.factor = float(state_dict["scale"])
        self.growth_factor, self.backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self.growth_interval, self.good_steps = state_dict["growth_interval"], state_dict["_growth_tracker"]
