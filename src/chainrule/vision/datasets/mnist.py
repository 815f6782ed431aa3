"""MNIST and its relatives: small grey pictures in ten classes, from the files their makers publish.

An IDX file (http://yann.lecun.com/exdb/mnist) is: two zero bytes, the kind of number, the count of axes, the size of each
axis as a 4-byte number, and the numbers; all with the highest byte first.
"""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from pathlib import Path
from typing import Any
from warnings import warn

import numpy as np

from ...base.errors import message
from ...graph.value import wrap
from ...tensors.tensor import Tensor
from ..pillow import image
from .base import Change, VisionDataset, split_line
from .utils import extract_archive, fetch_from_any

IDX = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}  # code of the kind -> NumPy's letters


def read_idx(path: Any) -> np.ndarray:
    """The array in an IDX file, which may be compressed by gzip."""
    name = os.fspath(path)
    try:
        with (gzip.open if name.endswith(".gz") else open)(name, "rb") as file:
            content = file.read()
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise damaged(name, str(error)) from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in IDX:
        raise damaged(
            name, f"an IDX file begins with two zeros and a known kind of number, this one with {content[:4]!r}"
        )
    dtype, axes = np.dtype(IDX[content[2]]), content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise damaged(name, f"its {len(content)} bytes end before the sizes of its {axes} axes")
    shape = struct.unpack(f">{axes}I", content[4:start])
    needed = start + dtype.itemsize * int(np.prod(shape, dtype=object))
    if len(content) != needed:
        raise damaged(
            name, f"an array of {' × '.join(map(str, shape))} needs {needed:,} bytes, the file has {len(content):,}"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def damaged(name: str, why: str) -> RuntimeError:
    return RuntimeError(message(f"{name} is damaged", why, "delete it, and download=True fetches it again"))


class MNIST(VisionDataset):
    """70,000 handwritten digits, 28 × 28 in grey: 60,000 to learn from (``train=True``) and 10,000 to test with.

    ``root``: the folder that holds ``MNIST/raw/train-images-idx3-ubyte`` (or ….gz) and the other three files;
    ``download=True`` fetches what is missing there. Item i is (PIL image, digit), as the transforms make them.
    """

    mirrors = ["https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    classes = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven",
               "8 - eight", "9 - nine"]  # fmt: skip

    def __init__(
        self,
        root: Any,
        train: bool = True,
        transform: Change = None,
        target_transform: Change = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        missing = [name for name, _ in self.resources if self.found(name) is None]
        if missing:
            raise RuntimeError(
                message(
                    "Dataset not found. You can use download=True to download it",
                    f"{self.raw_folder} is without {', '.join(name.removesuffix('.gz') for name in missing)}",
                )
            )
        self.data, self.targets = self.load()

    @property
    def raw_folder(self) -> str:
        """Where the files are."""
        return os.path.join(self.root, type(self).__name__, "raw")

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: i for i, name in enumerate(self.classes)}

    def found(self, resource: str) -> Path | None:
        """The file, unpacked or compressed; None if there is neither."""
        packed = Path(self.raw_folder, resource)
        return next((path for path in (packed.with_suffix(""), packed) if path.is_file()), None)

    def download(self) -> None:
        """Fetch the files that are missing, and unpack them."""
        for name, md5 in self.resources:
            packed = Path(self.raw_folder, name)
            if not packed.with_suffix("").is_file():
                fetch_from_any([mirror + name for mirror in self.mirrors], packed, md5)
                extract_archive(packed)

    def load(self) -> tuple[Tensor, Tensor]:
        """Pictures (N, 28, 28) in uint8, and classes (N) in int64."""
        files = [self.found(name) for name, _ in (self.resources[:2] if self.train else self.resources[2:])]
        pictures, labels = (read_idx(path) for path in files)
        if pictures.ndim != 3 or labels.ndim != 1 or len(pictures) != len(labels):
            raise damaged(
                f"{self.raw_folder}",
                f"pictures of shape {pictures.shape} do not belong to labels of shape {labels.shape}",
            )
        return wrap(pictures), wrap(labels.astype(np.int64))

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.changed(image().fromarray(self.data.array[index]), int(self.targets.array[index]))

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return split_line(self.train)

    def renamed(self, old: str, new: str) -> Tensor:
        warn(f"{old} has been renamed {new}", stacklevel=3)
        return getattr(self, new)

    @property
    def train_data(self) -> Tensor:
        """The former name of ``data``."""
        return self.renamed("train_data", "data")

    @property
    def test_data(self) -> Tensor:
        """The former name of ``data``."""
        return self.renamed("test_data", "data")

    @property
    def train_labels(self) -> Tensor:
        """The former name of ``targets``."""
        return self.renamed("train_labels", "targets")

    @property
    def test_labels(self) -> Tensor:
        """The former name of ``targets``."""
        return self.renamed("test_labels", "targets")


class FashionMNIST(MNIST):
    """70,000 pieces of clothing in MNIST's format (Xiao et al. 2017)."""

    mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


class KMNIST(MNIST):
    """70,000 handwritten Japanese characters in MNIST's format (Clanuwat et al. 2018)."""

    mirrors = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
        ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
        ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
        ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"),
    ]
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
