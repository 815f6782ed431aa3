"""Transforms of colours and sharpness."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

from ...base.errors import message
from ...nn.module import Module
from ...tensors.random import rand, randperm
from . import functional as F
from .arguments import uniform
from .functional.cutting import two_sizes

CHANGES = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
}


class ColorJitter(Module):
    """Brightness, contrast, saturation and hue changed by random factors, in a random order.

    Each setting is a pair (least, most), or a number b for the factors max(0, 1 − b) … 1 + b; for the hue −b … b.
    """

    def __init__(self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, hue: Any = 0) -> None:
        super().__init__()
        self.brightness = factors(brightness, "brightness")
        self.contrast = factors(contrast, "contrast")
        self.saturation = factors(saturation, "saturation")
        self.hue = factors(hue, "hue", center=0, bound=(-0.5, 0.5), cut=False)

    @staticmethod
    def get_params(brightness: Any, contrast: Any, saturation: Any, hue: Any) -> Any:
        """Draw (the order, the four factors, None for what stays)."""
        order = randperm(4)
        return order, *(None if r is None else uniform(*r) for r in (brightness, contrast, saturation, hue))

    def forward(self, img: Any) -> Any:
        order, *drawn = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        changes = list(CHANGES.values())
        for i in order.tolist():
            if drawn[i] is not None:
                img = changes[i](img, drawn[i])
        return img

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)}" for name in CHANGES)
        return f"{type(self).__name__}({shown})"


def factors(value: Any, name: str, center: float = 1, bound: Any = (0, float("inf")), cut: bool = True) -> Any:
    """(least, most) of a factor; None if it would always be the one that changes nothing."""
    if isinstance(value, Number):
        if value < 0:  # type: ignore[operator]
            raise ValueError(message(f"If {name} is a single number, it must be non negative.", f"it is {value}"))
        around = [center - float(value), center + float(value)]  # type: ignore[arg-type]
        if cut:
            around[0] = max(around[0], 0.0)
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        around = [float(value[0]), float(value[1])]
    else:
        raise TypeError(
            message(
                f"{name} should be a single number or a list/tuple with length 2.", f"it is {value!r}", f"{name}=0.2"
            )
        )
    if not bound[0] <= around[0] <= around[1] <= bound[1]:
        raise ValueError(f"{name} values should be between {bound}, but got {around}.")
    return None if around == [center, center] else tuple(around)


class Grayscale(Module):
    """The image in grey, with one channel or three equal ones."""

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, num_output_channels=self.num_output_channels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"


class RandomGrayscale(Module):
    """With the probability ``p`` the image in grey, with as many channels as it has."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, img: Any) -> Any:
        channels = F.get_dimensions(img)[0]
        return F.rgb_to_grayscale(img, num_output_channels=channels) if rand(1) < self.p else img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class GaussianBlur(Module):
    """The image out of focus: a Gaussian bell of this size in pixels, its σ drawn from (least, most) or given."""

    def __init__(self, kernel_size: Any, sigma: Any = (0.1, 2.0)) -> None:
        super().__init__()
        self.kernel_size = two_sizes(kernel_size, "Kernel size should be a tuple/list of two integers")
        for k in self.kernel_size:
            if k <= 0 or k % 2 == 0:
                raise ValueError(
                    message(
                        "Kernel size value should be an odd and positive number.",
                        f"it is {k}; an even number of pixels has no middle",
                        f"kernel_size={max(3, abs(k) + 1 - abs(k) % 2)}",
                    )
                )
        if isinstance(sigma, Number):
            if sigma <= 0:  # type: ignore[operator]
                raise ValueError(message("If sigma is a single number, it must be positive.", f"it is {sigma}"))
            sigma = (sigma, sigma)
        elif not (isinstance(sigma, Sequence) and len(sigma) == 2):
            raise ValueError(
                message("sigma should be a single number or a list/tuple with length 2.", f"it is {sigma!r}")
            )
        elif not 0.0 < sigma[0] <= sigma[1]:
            raise ValueError(
                message("sigma values should be positive and of the form (min, max).", f"they are {sigma!r}")
            )
        self.sigma = sigma

    @staticmethod
    def get_params(sigma_min: float, sigma_max: float) -> float:
        """Draw σ."""
        return uniform(sigma_min, sigma_max)

    def forward(self, img: Any) -> Any:
        sigma = self.get_params(*self.sigma)
        return F.gaussian_blur(img, list(self.kernel_size), [sigma, sigma])

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, sigma={self.sigma})"


class ByChance(Module):
    """A function of images with a probability; ``settings`` are the names of what else it takes."""

    settings: tuple[str, ...] = ()

    def __init__(self, *values: Any, p: float = 0.5) -> None:
        super().__init__()
        self.p = p
        for name, value in zip(self.settings, values):
            setattr(self, name, value)

    def change(self, img: Any) -> Any:
        raise NotImplementedError

    def forward(self, img: Any) -> Any:
        return self.change(img) if rand(1).item() < self.p else img

    def __repr__(self) -> str:
        shown = "".join(f"{name}={getattr(self, name)}," for name in self.settings)
        return f"{type(self).__name__}({shown}p={self.p})"


class RandomInvert(ByChance):
    """With the probability ``p`` the negative."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p=p)

    def change(self, img: Any) -> Any:
        return F.invert(img)


class RandomPosterize(ByChance):
    """With the probability ``p`` only the first ``bits`` bits of each byte."""

    settings = ("bits",)

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(bits, p=p)

    def change(self, img: Any) -> Any:
        return F.posterize(img, self.bits)


class RandomSolarize(ByChance):
    """With the probability ``p`` the negative of what is at least as bright as ``threshold``."""

    settings = ("threshold",)

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(threshold, p=p)

    def change(self, img: Any) -> Any:
        return F.solarize(img, self.threshold)


class RandomAdjustSharpness(ByChance):
    """With the probability ``p`` sharper (factor above 1) or smoother (below 1)."""

    settings = ("sharpness_factor",)

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(sharpness_factor, p=p)

    def change(self, img: Any) -> Any:
        return F.adjust_sharpness(img, self.sharpness_factor)


class RandomAutocontrast(ByChance):
    """With the probability ``p`` each channel stretched from black to white."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p=p)

    def change(self, img: Any) -> Any:
        return F.autocontrast(img)


class RandomEqualize(ByChance):
    """With the probability ``p`` all grey values of each channel made about equally frequent."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p=p)

    def change(self, img: Any) -> Any:
        return F.equalize(img)
