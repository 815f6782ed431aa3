"""Colours of images: brightness, contrast, saturation, hue, grey values, and the adjustments of photographs.

Blending two images with the factor r is  y = r · a + (1 − r) · b,  cut off at black and white: r = 1 leaves a as it is,
r = 0 gives b, and r > 1 moves away from b.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....base.errors import message
from ....graph.value import wrap
from ....tensors.filled import zeros_like
from ....tensors.joining import stack
from ....tensors.logic import where
from ....tensors.tensor import Tensor
from ...pillow import image, is_pil, pillow
from .convert import convert_image_dtype
from .kinds import largest, need_channels, two_ways


def blend(a: Tensor, b: Tensor, factor: float) -> Tensor:
    """r · a + (1 − r) · b, between black and white."""
    r = float(factor)
    return (r * a + (1.0 - r) * b).clamp(0, largest(a.dtype)).to(a.dtype)


def not_negative(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(
            message(f"{name} ({factor}) is not non-negative.", "0 takes it all away, 1 leaves it as it is")
        )


def enhanced(kind: str, img: Any, factor: float) -> Any:
    return getattr(pillow("ImageEnhance", "colours of pictures"), kind)(img).enhance(factor)


# ---------------------------------------------------------------------- grey values


def luminance(img: Tensor) -> Tensor:
    """0.2989 R + 0.587 G + 0.114 B, one channel: how bright people see it."""
    r, g, b = img.unbind(-3)
    return (0.2989 * r + 0.587 * g + 0.114 * b).to(img.dtype).unsqueeze(-3)


def grey_picture(img: Any, num_output_channels: int = 1) -> Any:
    if num_output_channels == 1:
        return img.convert("L")
    if num_output_channels == 3:
        return image().merge("RGB", [img.convert("L")] * 3)
    raise ValueError("num_output_channels should be either 1 or 3")


@two_ways(grey_picture)
def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """y = 0.2989 R + 0.587 G + 0.114 B, as one channel or as three equal ones

    >>> rgb_to_grayscale(torch.ones(3, 1, 1))
    tensor([[[0.9999]]])
    """
    if img.ndim < 3:
        raise TypeError(f"Input image tensor should have at least 3 dimensions, but found {img.ndim}")
    channels = need_channels(img, 1, 3)
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    grey = luminance(img) if channels == 3 else img.clone()
    return grey.expand(*img.shape[:-3], num_output_channels, *img.shape[-2:]) if num_output_channels == 3 else grey


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """A PIL image without its colours."""
    if not is_pil(img):
        raise TypeError(message("Input should be PIL Image", f"it is {type(img)}", "rgb_to_grayscale(img)"))
    return grey_picture(img, num_output_channels)


# ---------------------------------------------------------------------- what ColorJitter changes


@two_ways(lambda img, brightness_factor: enhanced("Brightness", img, brightness_factor))
def adjust_brightness(img: Any, brightness_factor: float) -> Any:
    """Blended with black: 0 is black, 1 the image, 2 twice as bright."""
    not_negative("brightness_factor", brightness_factor)
    need_channels(img, 1, 3)
    return blend(img, zeros_like(img), brightness_factor)


@two_ways(lambda img, contrast_factor: enhanced("Contrast", img, contrast_factor))
def adjust_contrast(img: Any, contrast_factor: float) -> Any:
    """Blended with the image's mean grey value: 0 is all grey, 1 the image."""
    not_negative("contrast_factor", contrast_factor)
    channels = need_channels(img, 3, 1)
    grey = luminance(img) if channels == 3 else img
    mean = (grey if img.dtype.is_floating_point else grey.float()).mean((-3, -2, -1), keepdim=True)
    return blend(img, mean, contrast_factor)


@two_ways(lambda img, saturation_factor: enhanced("Color", img, saturation_factor))
def adjust_saturation(img: Any, saturation_factor: float) -> Any:
    """Blended with the image in grey: 0 is grey, 1 the image."""
    not_negative("saturation_factor", saturation_factor)
    if need_channels(img, 1, 3) == 1:
        return img
    return blend(img, luminance(img), saturation_factor)


def turn_hue_of_picture(img: Any, hue_factor: float) -> Any:
    if img.mode in ("L", "1", "I", "F"):
        return img
    hue, saturation, value = img.convert("HSV").split()
    turned = np.array(hue, np.uint8) + np.int32(hue_factor * 255).astype(np.uint8)  # the circle has 256 steps
    hue = image().fromarray(turned.astype(np.uint8))
    return image().merge("HSV", (hue, saturation, value)).convert(img.mode)


@two_ways(turn_hue_of_picture)
def hue_turned(img: Any, hue_factor: float) -> Any:
    if need_channels(img, 1, 3) == 1:
        return img
    rgb = img if img.dtype.is_floating_point else convert_image_dtype(img)
    hue, saturation, value = to_hsv(rgb)
    return convert_image_dtype(from_hsv((hue + hue_factor) % 1.0, saturation, value), img.dtype)


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """Colours moved along the circle red, yellow, green, cyan, blue, magenta: by half of it at most, −0.5 … 0.5."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return hue_turned(img, hue_factor)


def to_hsv(img: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue (place on the circle, 0 … 1), saturation and value.

    V = max(R, G, B), S = (V − min) / V, and the hue is the sixth of the circle that the largest channel names, plus the
    difference of the other two in units of V − min.
    """
    r, g, b = img.unbind(-3)
    most, least = img.amax(-3), img.amin(-3)
    grey = most == least
    span = most - least
    one = zeros_like(most) + 1
    saturation = span / where(grey, one, most)
    unit = where(grey, one, span)
    from_r, from_g, from_b = (most - r) / unit, (most - g) / unit, (most - b) / unit
    red = (most == r) * (from_b - from_g)
    green = ((most == g) & (most != r)) * (2.0 + from_r - from_b)
    blue = ((most != g) & (most != r)) * (4.0 + from_g - from_r)
    hue = ((red + green + blue) / 6.0 + 1.0).fmod(1.0)
    return hue, saturation, most


def from_hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """The colours red, green and blue of a hue, a saturation and a value."""
    sixth = (hue * 6.0).floor()
    part = hue * 6.0 - sixth
    sector = sixth.to(hue.dtype).long() % 6
    p = (value * (1.0 - saturation)).clamp(0.0, 1.0)
    q = (value * (1.0 - saturation * part)).clamp(0.0, 1.0)
    t = (value * (1.0 - saturation * (1.0 - part))).clamp(0.0, 1.0)
    table = ((value, q, p, p, t, value), (t, value, value, q, p, p), (p, p, t, value, value, q))
    channels = []
    for of_sector in table:
        made = of_sector[0]
        for number, colour in enumerate(of_sector[1:], 1):
            made = where(sector == number, colour, made)
        channels.append(made)
    return stack(channels, -3)


def gamma_of_picture(img: Any, gamma: float, gain: float = 1) -> Any:
    table = [int((255 + 1 - 1e-3) * gain * (level / 255.0) ** gamma) for level in range(256)] * 3
    return img.convert("RGB").point([min(255, level) for level in table]).convert(img.mode)


@two_ways(gamma_of_picture)
def gamma_of_tensor(img: Any, gamma: float, gain: float = 1) -> Any:
    need_channels(img, 1, 3)
    x = img if img.dtype.is_floating_point else convert_image_dtype(img)
    return convert_image_dtype((gain * x**gamma).clamp(0, 1), img.dtype)


def adjust_gamma(img: Any, gamma: float, gain: float = 1) -> Any:
    """y = gain · x^gamma, of x between 0 and 1: shadows darker for gamma > 1, lighter for gamma < 1."""
    if gamma < 0:
        raise ValueError(message("Gamma should be a non-negative real number", f"it is {gamma}"))
    return gamma_of_tensor(img, gamma, gain)


# ---------------------------------------------------------------------- photographs


def with_ops(name: str) -> Any:
    """Pillow's own function of this name in ``PIL.ImageOps``."""
    return lambda img, *args: getattr(pillow("ImageOps", "colours of pictures"), name)(img, *args)


@two_ways(with_ops("invert"))
def invert(img: Any) -> Any:
    """The negative: y = white − x

    >>> invert(torch.tensor([[[0, 55]]], dtype=torch.uint8))
    tensor([[[255, 200]]], dtype=torch.uint8)
    """
    need_channels(img, 1, 3)
    return largest(img.dtype) - img


def bytes_only(img: Tensor) -> None:
    if str(img.dtype) != "torch.uint8":
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {img.dtype}")


@two_ways(with_ops("posterize"))
def posterized(img: Any, bits: int) -> Any:
    need_channels(img, 1, 3)
    bytes_only(img)
    return img & -int(2 ** (8 - bits))


def posterize(img: Any, bits: int) -> Any:
    """Only the first ``bits`` bits of each byte: few colours, as on a poster."""
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    return posterized(img, bits)


@two_ways(with_ops("solarize"))
def solarize(img: Any, threshold: float) -> Any:
    """The negative, of what is at least as bright as ``threshold``."""
    need_channels(img, 1, 3)
    if threshold > largest(img.dtype):
        raise TypeError(message("Threshold should be less than bound of img.", f"{threshold} > {largest(img.dtype)}"))
    return where(img >= threshold, largest(img.dtype) - img, img)


@two_ways(with_ops("autocontrast"))
def autocontrast(img: Any) -> Any:
    """Each channel stretched so that its darkest pixel is black and its brightest white."""
    need_channels(img, 1, 3)
    white = largest(img.dtype)
    x = img if img.dtype.is_floating_point else img.float()
    least, most = x.amin((-2, -1), keepdim=True), x.amax((-2, -1), keepdim=True)
    span = most - least
    flat = span == 0
    stretch = white / where(flat, zeros_like(span) + 1, span)
    y = (x - where(flat, zeros_like(least), least)) * where(flat, zeros_like(stretch) + 1, stretch)
    return y.clamp(0, white).to(img.dtype)


@two_ways(with_ops("equalize"))
def equalize(img: Any) -> Any:
    """Each channel with its grey values moved so that all are about equally frequent."""
    need_channels(img, 1, 3)
    bytes_only(img)
    planes = img.array.reshape(-1, *img.shape[-2:])
    return wrap(np.stack([equalized(plane) for plane in planes]).reshape(img.shape))


def equalized(plane: np.ndarray) -> np.ndarray:
    """One channel: the new value of a level is the share of the pixels that are darker."""
    counts = np.bincount(plane.reshape(-1), minlength=256)
    step = counts[counts != 0][:-1].sum() // 255
    if step == 0:
        return plane
    table = (np.cumsum(counts) + step // 2) // step
    return np.concatenate(([0], table[:-1])).clip(0, 255).astype(np.uint8)[plane]
