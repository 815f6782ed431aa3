"""Networks by name, with weights as they are drawn: there are no trained ones here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from warnings import warn

from ...base.errors import message
from ...nn import init
from ...nn.conv import ConvBase
from ...nn.linear import Linear
from ...nn.module import Module

NETWORKS: dict[str, Callable[..., Module]] = {}


def untrained(name: str, make: Callable[..., Module], doc: str) -> Callable[..., Any]:
    """The function of this name that makes the network; what it is given goes to ``make``."""

    def build(*, weights: Any = None, progress: bool = True, **options: Any) -> Module:
        if "pretrained" in options:
            warn(
                "The parameter 'pretrained' is deprecated since 0.13 and may be removed in the future, please use 'weights' "
                "instead.",
                stacklevel=2,
            )
            weights = options.pop("pretrained") or weights
        if weights is not None:
            raise ValueError(
                message(
                    f"There are no trained weights for {name}",
                    f"weights is {weights!r}, and chainrule brings none and fetches none",
                    f"model = {name}(); model.load_state_dict(torch.load(PATH)), with a file of torchvision's",
                )
            )
        return make(**options)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = doc
    NETWORKS[name] = build
    return build


def draw_again(model: Module, linear: bool = False) -> None:
    """Draw the weights of convolutions from N(0, 2 / fan_out) (He et al. 2015), with ``linear`` also those of linear
    layers from N(0, 0.01²); biases are 0, and normalizations change nothing."""
    for module in model.modules():
        bias = getattr(module, "bias", None)
        if isinstance(module, ConvBase):
            init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, Linear):
            if not linear:
                continue
            init.normal_(module.weight, 0, 0.01)
        elif getattr(module, "weight", None) is not None:
            init.ones_(module.weight)  # type: ignore[arg-type]
        if bias is not None:
            init.zeros_(bias)  # type: ignore[arg-type]
