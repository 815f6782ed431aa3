"""Between PIL images, arrays and tensors, and between the dtypes of images."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ....base import dtypes
from ....base.errors import message
from ....graph.value import wrap
from ....tensors.creation import as_tensor, from_numpy
from ....tensors.dtype_info import get_default_dtype
from ....tensors.tensor import Tensor
from ...pillow import image, is_pil
from .kinds import is_tensor, largest


def planes(pic: Any) -> np.ndarray:
    """A PIL image as an array (channels, height, width) of its own memory."""
    if not is_pil(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    pixels = np.array(pic)
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return np.ascontiguousarray(pixels.reshape(pic.size[1], pic.size[0], -1).transpose(2, 0, 1))


def pil_to_tensor(pic: Any) -> Tensor:
    """A PIL image as a tensor (channels, height, width) of its numbers as they are."""
    return wrap(planes(pic))


def to_tensor(pic: Any) -> Tensor:
    """A PIL image, or an array (height, width, channels), as a tensor (channels, height, width); bytes become y = x / 255.

    >>> to_tensor(np.array([[[0], [255]]], dtype=np.uint8))
    tensor([[[0., 1.]]])
    """
    if is_pil(pic):
        pixels = planes(pic)
        if pic.mode in AS_NUMBERS:
            pixels = pixels.astype(AS_NUMBERS[pic.mode])
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(
                message(
                    f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.",
                    f"an image has the axes (height, width, channels); the shape is {list(pic.shape)}",
                )
            )
        pixels = np.require(pic.reshape(*pic.shape[:2], -1).transpose(2, 0, 1), requirements=["C", "W"])
    else:
        instead = (
            "torch.as_tensor(pic), and no ToTensor for what is a tensor already" if isinstance(pic, Tensor) else ""
        )
        raise TypeError(message(f"pic should be PIL Image or ndarray. Got {type(pic)}", instead=instead))
    if pixels.dtype == np.uint8:
        return wrap(pixels.astype(get_default_dtype().numpy)) / 255
    return from_numpy(pixels)


AS_NUMBERS = {"1": np.float32, "I;16": np.int16}  # black and white are 0 and 1, as bytes / 255 are


# For each number of channels the modes that may be asked for, first the one that is taken otherwise.
MODES = {2: ["LA"], 3: ["RGB", "YCbCr", "HSV"], 4: ["RGBA", "CMYK", "RGBX"]}
GREY = {"uint8": "L", "int16": "I;16", "uint16": "I;16", "int32": "I", "float32": "F"}


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor (channels, height, width), or an array (height, width, channels), as a PIL image; floats mean 0 … 1.

    ``mode``: Pillow's, if it is not to be what the channels and the dtype say.
    """
    if not isinstance(pic, (Tensor, np.ndarray)):
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    tensor = isinstance(pic, Tensor)
    if pic.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
    array: np.ndarray = pic.detach().array if isinstance(pic, Tensor) else pic
    if array.ndim == 2:
        array = array[None] if tensor else array[:, :, None]
    channels = array.shape[0 if tensor else -1]
    if channels > 4:
        raise ValueError(
            message(
                f"pic should not have > 4 channels. Got {channels} channels.",
                f"the shape {list(pic.shape)} is read as " + ("(C, H, W)" if tensor else "(H, W, C)"),
            )
        )
    if array.dtype.kind == "f" and mode != "F":
        array = (array * array.dtype.type(255)).astype(np.int64).astype(np.uint8)
    return picture(np.ascontiguousarray(array.transpose(1, 2, 0) if tensor else array), mode)


def picture(array: np.ndarray, mode: str | None) -> Any:
    """An array (height, width, channels) as a PIL image."""
    channels, shown = array.shape[2], mode
    if channels == 1:
        own = GREY.get(array.dtype.name)
        if mode is not None and mode != own:
            raise ValueError(f"Incorrect mode ({mode}) supplied for input type {array.dtype}. Should be {own}")
        shown, array = own, array[:, :, 0]
    else:
        permitted = MODES[channels]
        if mode is not None and mode not in permitted:
            raise ValueError(f"Only modes {permitted} are supported for {channels}D inputs")
        shown = (mode or permitted[0]) if array.dtype == np.uint8 else None
    if shown is None:
        raise TypeError(
            message(
                f"Input type {array.dtype} is not supported",
                "a picture's numbers are bytes (uint8), or floats between 0 and 1 in a tensor",
                "pic.astype(np.uint8)",
            )
        )
    return image().frombytes(shown, (array.shape[1], array.shape[0]), array.tobytes())


def convert_image_dtype(image: Any, dtype: Any = dtypes.float32) -> Tensor:
    """The same image in another dtype: y = x · white of the new / white of the old, white being 1 for floats, 255 for uint8.

    >>> convert_image_dtype(torch.tensor([0, 51, 255], dtype=torch.uint8))
    tensor([0.0000, 0.2000, 1.0000])
    """
    if not isinstance(image, Tensor):
        raise TypeError(f"Input img should be Tensor Image. Got {type(image)}")
    before = image.dtype
    if before is dtype:
        return image
    white, new = largest(before), largest(dtype)
    if before.is_floating_point:
        if dtype.is_floating_point:
            return image.to(dtype)
        if dtype in (dtypes.int32, dtypes.int64) and (before is dtypes.float32 or dtype is dtypes.int64):
            raise RuntimeError(
                message(
                    f"The cast from {before} to {dtype} cannot be performed safely.",
                    f"{before} cannot tell the numbers near {new} apart",
                    f"transforms.ConvertImageDtype(torch.uint8), then .to({dtype})",
                )
            )
        return image.mul(new + 1.0 - 1e-3).to(dtype)  # so that each whole number stands for an equally long stretch
    if dtype.is_floating_point:
        return image.to(dtype) / white
    if white > new:
        return image.div((white + 1) // (new + 1), rounding_mode="floor").to(dtype)
    return image.to(dtype) * ((new + 1) // (white + 1))


def normalize(tensor: Any, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    """y = (x − mean) / std, for each channel

    Shapes: x and y (…, C, H, W); mean and std (C).

    >>> normalize(torch.tensor([[[0.5, 1.0]]]), [0.5], [0.25])
    tensor([[[0., 2.]]])
    """
    if not isinstance(tensor, Tensor):
        instead = "transforms.ToTensor() before transforms.Normalize"
        raise TypeError(
            message(f"img should be Tensor Image. Got {type(tensor)}", "only numbers can be normalized", instead)
        )
    is_tensor(tensor)
    if not tensor.dtype.is_floating_point:
        raise TypeError(
            message(
                f"Input tensor should be a float tensor. Got {tensor.dtype}.",
                "whole numbers have no fractions to hold the result",
                "transforms.ConvertImageDtype(torch.float32) before it",
            )
        )
    if tensor.ndim < 3:
        raise ValueError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {tensor.size()}"
        )
    plain = all(isinstance(v, (list, tuple)) and all(type(x) is float for x in v) for v in (mean, std))
    m, s = the_usual(tuple(mean), tuple(std), tensor.dtype) if plain else per_channel(mean, std, tensor.dtype)
    return tensor.sub_(m).div_(s) if inplace else (tensor - m) / s


def per_channel(mean: Any, std: Any, dtype: Any) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation with the shape (C, 1, 1)."""
    m, s = (as_tensor(value, dtype=dtype) for value in (mean, std))
    if (s == 0).any():
        raise ValueError(
            message(
                f"std evaluated to zero after conversion to {dtype}, leading to division by zero.",
                f"std is {std}",
                "the standard deviation of each channel; 1 where a channel is constant",
            )
        )
    m, s = (value.reshape(-1, 1, 1) if value.ndim == 1 else value for value in (m, s))
    return m, s


the_usual = lru_cache(maxsize=64)(per_channel)  # a program has the same few numbers for every image
