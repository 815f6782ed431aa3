"""Images out of files and into files, as tensors (C, H, W) of bytes."""

from __future__ import annotations

import io
import os
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import message
from ..formats.atomic import write_atomically
from ..graph.value import wrap
from ..tensors.tensor import Tensor
from .pillow import image, pillow
from .transforms.functional import pil_to_tensor, to_pil_image


class ImageReadMode(Enum):
    """As which colours an image is read."""

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4


PILLOW = {
    ImageReadMode.GRAY: "L",
    ImageReadMode.GRAY_ALPHA: "LA",
    ImageReadMode.RGB: "RGB",
    ImageReadMode.RGB_ALPHA: "RGBA",
}
AS_THEY_ARE = ("L", "LA", "RGB", "RGBA", "I;16")


def mode_of(given: Any) -> ImageReadMode:
    if isinstance(given, str):
        if given.upper() not in ImageReadMode.__members__:
            raise ValueError(message(f"Unknown mode: {given}.", "there are " + ", ".join(ImageReadMode.__members__)))
        return ImageReadMode[given.upper()]
    return given


def read_file(path: str | Path) -> Tensor:
    """The bytes of a file, in uint8."""
    try:
        return wrap(np.fromfile(os.fspath(path), np.uint8))
    except FileNotFoundError as error:
        raise RuntimeError(f"[Errno 2] No such file or directory: '{path}'") from error


def write_file(filename: str, data: Tensor) -> None:
    """Write bytes to a file."""
    write_atomically(filename, data.array.tobytes())


def decode_image(input: Any, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False) -> Tensor:
    """The image in these bytes, or in the file of this name: JPEG, PNG, GIF, WebP and whatever else Pillow reads."""
    data = read_file(input) if isinstance(input, (str, Path)) else input
    if not isinstance(data, Tensor) or data.ndim != 1 or str(data.dtype) != "torch.uint8":
        shown = f"shape {list(data.shape)} and {data.dtype}" if isinstance(data, Tensor) else str(type(data))
        raise RuntimeError(
            message("Expected a non empty 1-dimensional uint8 tensor", f"got {shown}", "torchvision.io.read_file(path)")
        )
    if data.numel() == 0:
        raise RuntimeError(message("Expected a non empty 1-dimensional tensor", "there are no bytes to read"))
    library = image("images from files")
    try:
        picture = library.open(io.BytesIO(data.array.tobytes()))
        picture.load()
    except (library.UnidentifiedImageError, OSError, SyntaxError) as error:
        name = f"{input}: " if isinstance(input, (str, Path)) else ""
        raise RuntimeError(
            message(
                f"{name}Unsupported image file, or a damaged one",
                f"Pillow says: {str(error).partition(' <')[0]}",
            )
        ) from error
    if apply_exif_orientation:
        picture = pillow("ImageOps", "images from files").exif_transpose(picture)
    wanted = PILLOW.get(mode_of(mode))
    if wanted is None and picture.mode not in AS_THEY_ARE:
        wanted = "RGBA" if "transparency" in picture.info else "L" if picture.mode == "1" else "RGB"
    made = pil_to_tensor(picture if wanted in (None, picture.mode) else picture.convert(wanted))
    return made.to(wrap(np.zeros(1, np.uint16)).dtype) if picture.mode == "I;16" and wanted is None else made


def read_image(path: Any, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False) -> Tensor:
    """The image in a file: (C, H, W) in uint8, with the channels that the file has or that ``mode`` says."""
    return decode_image(str(path), mode, apply_exif_orientation)


def decode_jpeg(
    input: Any, mode: Any = ImageReadMode.UNCHANGED, device: Any = "cpu", apply_exif_orientation: bool = False
) -> Any:
    """The image in the bytes of a JPEG file; of several, for a list."""
    if isinstance(input, list):
        return [decode_image(each, mode, apply_exif_orientation) for each in input]
    return decode_image(input, mode, apply_exif_orientation)


def decode_png(input: Tensor, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False) -> Tensor:
    """The image in the bytes of a PNG file."""
    return decode_image(input, mode, apply_exif_orientation)


def encoded(img: Any, format: str, **options: Any) -> Tensor:
    """The bytes of an image's file."""
    if not isinstance(img, Tensor) or str(img.dtype) != "torch.uint8" or img.ndim != 3 or img.shape[0] not in (1, 3):
        shown = f"shape {list(img.shape)} and {img.dtype}" if isinstance(img, Tensor) else str(type(img))
        raise RuntimeError(
            message("Input tensor dtype should be uint8, its shape (C, H, W) with 1 or 3 channels", f"got {shown}",
                    "(255 * img).to(torch.uint8)")
        )  # fmt: skip
    file = io.BytesIO()
    to_pil_image(img).save(file, format=format, **options)
    return wrap(np.frombuffer(file.getvalue(), np.uint8).copy())


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """An image as the bytes of a PNG file; ``compression_level``: 0 (quick) … 9 (small)."""
    if not 0 <= compression_level <= 9:
        raise RuntimeError(f"Compression level should be between 0 and 9, got {compression_level}")
    return encoded(input, "PNG", compress_level=compression_level)


def encode_jpeg(input: Any, quality: int = 75) -> Any:
    """An image as the bytes of a JPEG file; ``quality``: 1 (small) … 100 (good)."""
    if not 1 <= quality <= 100:
        raise ValueError(f"Image quality should be a positive number between 1 and 100, got {quality}")
    if isinstance(input, list):
        return [encode_jpeg(each, quality) for each in input]
    return encoded(input, "JPEG", quality=quality)


def write_png(input: Tensor, filename: str, compression_level: int = 6) -> None:
    """Write an image to a PNG file."""
    write_file(filename, encode_png(input, compression_level))


def write_jpeg(input: Tensor, filename: str, quality: int = 75) -> None:
    """Write an image to a JPEG file."""
    write_file(filename, encode_jpeg(input, quality))
