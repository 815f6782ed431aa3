"""Changes drawn from a list: AutoAugment (Cubuk et al. 2018, arXiv 1805.09501), RandAugment (Cubuk et al. 2019, arXiv
1909.13719) and TrivialAugment (Müller & Hutter 2021, arXiv 2103.10158), for PIL images and tensors of bytes.

A strength is drawn or set as one of equally spaced bins between the weakest and the strongest; where both directions make
sense, a coin decides the sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from ...base.errors import message
from ...nn.module import Module
from ...tensors.filled import arange, linspace
from ...tensors.random import rand, randint
from . import functional as F
from .arguments import fill_for
from .modes import InterpolationMode, interpolation_mode
from .policies import POLICIES

NEAREST = InterpolationMode.NEAREST
SIGNED = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness")


def moved(
    shear: tuple[float, float] = (0.0, 0.0), shift: tuple[int, int] = (0, 0), center: Any = None
) -> Callable[..., Any]:
    return lambda img, mode, fill: F.affine(img, 0.0, list(shift), 1.0, list(shear), mode, fill, center)


def slant(strength: float) -> float:
    """The angle of a shear by so many pixels for each."""
    return math.degrees(math.atan(strength))


# name -> strength -> (image, mode, fill) -> image
CHANGES: dict[str, Callable[[float], Callable[..., Any]]] = {
    "Identity": lambda s: lambda img, mode, fill: img,
    "ShearX": lambda s: moved(shear=(slant(s), 0.0), center=[0, 0]),
    "ShearY": lambda s: moved(shear=(0.0, slant(s)), center=[0, 0]),
    "TranslateX": lambda s: moved(shift=(int(s), 0)),
    "TranslateY": lambda s: moved(shift=(0, int(s))),
    "Rotate": lambda s: lambda img, mode, fill: F.rotate(img, s, mode, fill=fill),
    "Brightness": lambda s: lambda img, mode, fill: F.adjust_brightness(img, 1.0 + s),
    "Color": lambda s: lambda img, mode, fill: F.adjust_saturation(img, 1.0 + s),
    "Contrast": lambda s: lambda img, mode, fill: F.adjust_contrast(img, 1.0 + s),
    "Sharpness": lambda s: lambda img, mode, fill: F.adjust_sharpness(img, 1.0 + s),
    "Posterize": lambda s: lambda img, mode, fill: F.posterize(img, int(s)),
    "Solarize": lambda s: lambda img, mode, fill: F.solarize(img, s),
    "AutoContrast": lambda s: lambda img, mode, fill: F.autocontrast(img),
    "Equalize": lambda s: lambda img, mode, fill: F.equalize(img),
    "Invert": lambda s: lambda img, mode, fill: F.invert(img),
}
OF_AUTO = "Invert"  # the others draw from all but this


def strengths(bins: int, strongest: dict[str, float], fewest_bits: int) -> dict[str, list[float]]:
    """The bins of each change; one that has no strength has one bin."""
    found = {name: linspace(0.0, strongest[name], bins).tolist() if name in strongest else [0.0] for name in CHANGES}
    found["Posterize"] = (8 - (arange(bins) / ((bins - 1) / (8 - fewest_bits))).round()).tolist()
    found["Solarize"] = linspace(255.0, 0.0, bins).tolist()
    return found


def by_size(bins: int, height: int, width: int) -> dict[str, list[float]]:
    """The bins for images of this size; the papers' were 331 pixels wide and high, and shifted by 150 at most."""
    strongest = {"TranslateX": 150.0 / 331.0 * width, "TranslateY": 150.0 / 331.0 * height, "Rotate": 30.0}
    strongest |= dict.fromkeys(("ShearX", "ShearY"), 0.3)
    strongest |= dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), 0.9)
    return strengths(bins, strongest, fewest_bits=4)


class Augmenting(Module):
    """What the last two have in common: how one change is drawn and made."""

    def __init__(self, num_magnitude_bins: int, interpolation: Any, fill: Any) -> None:
        super().__init__()
        self.num_magnitude_bins = num_magnitude_bins
        self.interpolation, self.fill = interpolation_mode(interpolation), fill

    def change(self, img: Any, fill: Any, known: dict[str, list[float]], place: int | None = None) -> Any:
        """Draw a change, its strength if no ``place`` among the bins is given, and its sign; and make it."""
        names = [name for name in known if name != OF_AUTO]
        name = names[int(randint(len(names), (1,)).item())]
        bins = known[name]
        strength = 0.0
        if len(bins) > 1:
            strength = bins[int(randint(len(bins), (1,)).item()) if place is None else place]
        if name in SIGNED and randint(2, (1,)):
            strength *= -1.0
        return CHANGES[name](strength)(img, self.interpolation, fill)


class RandAugment(Augmenting):
    """``num_ops`` random changes, each of strength ``magnitude`` out of ``num_magnitude_bins``."""

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: Any = NEAREST,
        fill: Any = None,
    ) -> None:
        super().__init__(num_magnitude_bins, interpolation, fill)
        if not 0 <= magnitude < num_magnitude_bins:
            raise ValueError(
                f"magnitude should be between 0 and num_magnitude_bins - 1 = {num_magnitude_bins - 1}, it is {magnitude}"
            )
        self.num_ops, self.magnitude = num_ops, magnitude

    def forward(self, img: Any) -> Any:
        fill = None if self.fill is None else fill_for(img, self.fill)
        _, height, width = F.get_dimensions(img)
        known = by_size(self.num_magnitude_bins, height, width)
        for _ in range(self.num_ops):
            img = self.change(img, fill, known, self.magnitude)
        return img

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(num_ops={self.num_ops}, magnitude={self.magnitude}, "
            f"num_magnitude_bins={self.num_magnitude_bins}, interpolation={self.interpolation}, fill={self.fill})"
        )


class TrivialAugmentWide(Augmenting):
    """One random change of random strength, up to strong ones."""

    def __init__(self, num_magnitude_bins: int = 31, interpolation: Any = NEAREST, fill: Any = None) -> None:
        super().__init__(num_magnitude_bins, interpolation, fill)

    def forward(self, img: Any) -> Any:
        fill = None if self.fill is None else fill_for(img, self.fill)
        strongest = {"TranslateX": 32.0, "TranslateY": 32.0, "Rotate": 135.0}
        strongest |= dict.fromkeys(("ShearX", "ShearY", "Brightness", "Color", "Contrast", "Sharpness"), 0.99)
        return self.change(img, fill, strengths(self.num_magnitude_bins, strongest, fewest_bits=2))

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(num_magnitude_bins={self.num_magnitude_bins}, interpolation={self.interpolation}, "
            f"fill={self.fill})"
        )


class AutoAugmentPolicy(Enum):
    """For which images the changes were found."""

    IMAGENET = "imagenet"
    CIFAR10 = "cifar10"
    SVHN = "svhn"


class AutoAugment(Module):
    """One of 25 pairs of changes that were found best for a kind of images (`policies`)."""

    def __init__(
        self, policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET, interpolation: Any = NEAREST, fill: Any = None
    ) -> None:
        super().__init__()
        if not isinstance(policy, AutoAugmentPolicy):
            raise ValueError(
                message(f"The provided policy {policy} is not recognized.", instead="AutoAugmentPolicy.CIFAR10")
            )
        self.policy, self.interpolation, self.fill = policy, interpolation_mode(interpolation), fill
        self.policies = POLICIES[policy.value]

    @staticmethod
    def get_params(transform_num: int) -> tuple[int, Any, Any]:
        """Draw (which pair, a number to compare each probability with, the sign of each)."""
        return int(randint(transform_num, (1,)).item()), rand((2,)), randint(2, (2,))

    def forward(self, img: Any) -> Any:
        fill = None if self.fill is None else fill_for(img, self.fill)
        known = by_size(10, *F.get_dimensions(img)[1:])
        place, chances, signs = self.get_params(len(self.policies))
        for (name, p, strength), chance, sign in zip(self.policies[place], chances.tolist(), signs.tolist()):
            if chance <= p:
                s = 0.0 if strength is None else known[name][strength]
                img = CHANGES[name](-s if name in SIGNED and sign == 0 else s)(img, self.interpolation, fill)
        return img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(policy={self.policy}, fill={self.fill})"
