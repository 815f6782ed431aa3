"""Transforms between kinds of images and numbers."""

from __future__ import annotations

from typing import Any

from ...base.errors import message
from ...nn.module import Module
from ...tensors.linalg import mm
from ...tensors.tensor import Tensor
from . import functional as F


class ToTensor:
    """A PIL image, or an array (H, W, C), as a tensor (C, H, W): y = x / 255 for bytes.

    >>> ToTensor()(np.zeros((2, 2, 3), dtype=np.uint8)).shape
    torch.Size([3, 2, 2])
    """

    def __call__(self, pic: Any) -> Tensor:
        return F.to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class PILToTensor:
    """A PIL image as a tensor (C, H, W) of its numbers as they are."""

    def __call__(self, pic: Any) -> Tensor:
        return F.pil_to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ToPILImage:
    """A tensor (C, H, W), or an array (H, W, C), as a PIL image of the mode that it looks like, or of ``mode``."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        return F.to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(Module):
    """The same image in another dtype, black and white staying black and white."""

    def __init__(self, dtype: Any) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, image: Any) -> Tensor:
        return F.convert_image_dtype(image, self.dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Normalize(Module):
    """y = (x − mean) / std, for each channel

    >>> Normalize((0.5,), (0.25,))(torch.tensor([[[0.5, 1.0]]]))
    tensor([[[0., 2.]]])
    """

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        super().__init__()
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor: Any) -> Tensor:
        return F.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


class LinearTransformation(Module):
    """y = (x − μ) M, of the image as one row of numbers: whitening, for one.

    ``transformation_matrix``: M (D, D), ``mean_vector``: μ (D), with D = C · H · W.
    """

    def __init__(self, transformation_matrix: Tensor, mean_vector: Tensor) -> None:
        super().__init__()
        rows, columns = transformation_matrix.shape
        if rows != columns:
            raise ValueError(f"transformation_matrix should be square. Got {(rows, columns)} rectangular matrix.")
        if mean_vector.shape[0] != rows:
            raise ValueError(
                f"mean_vector should have the same length {mean_vector.shape[0]} as any one of the dimensions of the "
                f"transformation_matrix [{(rows, columns)}]"
            )
        if transformation_matrix.dtype != mean_vector.dtype:
            raise ValueError(
                f"Input tensors should have the same dtype. Got {transformation_matrix.dtype} and {mean_vector.dtype}"
            )
        self.transformation_matrix, self.mean_vector = transformation_matrix, mean_vector

    def forward(self, tensor: Tensor) -> Tensor:
        size = tensor.shape[-3:]
        numbers = size[0] * size[1] * size[2]
        if numbers != self.transformation_matrix.shape[0]:
            raise ValueError(
                message(
                    "Input tensor and transformation matrix have incompatible shape."
                    f"[{size[-3]} x {size[-2]} x {size[-1]}] != {self.transformation_matrix.shape[0]}",
                    "the matrix has a row for each number of the image",
                )
            )
        flat = tensor.reshape(-1, numbers) - self.mean_vector
        return mm(flat, self.transformation_matrix).reshape(tensor.shape)

    def __repr__(self) -> str:
        matrix, mean = self.transformation_matrix.tolist(), self.mean_vector.tolist()
        return f"{type(self).__name__}(transformation_matrix={matrix}, mean_vector={mean})"
