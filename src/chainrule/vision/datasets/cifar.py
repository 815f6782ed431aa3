"""CIFAR-10 and CIFAR-100: 60,000 small photographs in 10 or 100 classes (Krizhevsky 2009)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...base.errors import message
from ..pillow import image
from .base import Change, VisionDataset, split_line
from .pickled import read_pickled
from .utils import check_integrity, download_and_extract_archive


class CIFAR10(VisionDataset):
    """50,000 photographs of 32 × 32 in colour to learn from (``train=True``), 10,000 to test with, in ten classes.

    ``root``: the folder that holds ``cifar-10-batches-py``; ``download=True`` fetches and unpacks it if it is not there.
    Item i is (PIL image, class), as the transforms make them; ``data`` is an array (N, 32, 32, 3), ``targets`` a list.
    """

    base_folder = "cifar-10-batches-py"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    filename = "cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list = [
        ["data_batch_1", "c99cafc152244af753f735de768cd75f"],
        ["data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"],
        ["data_batch_3", "54ebc095f3ab1f0389bbae665268c751"],
        ["data_batch_4", "634d18415352ddfa80567beed471001a"],
        ["data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"],
    ]
    test_list = [["test_batch", "40351d587109b95175f43aff81a1287e"]]
    meta = {"filename": "batches.meta", "key": "label_names", "md5": "5ff9c542aee3614f3951f8cda6e48888"}

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
        if unfit := self.unfit():
            raise RuntimeError(
                message("Dataset not found or corrupted. You can use download=True to download it", "; ".join(unfit))
            )
        self.data, self.targets = self.load()
        names = read_pickled(self.folder / self.meta["filename"])[self.meta["key"]]
        self.classes = [name.decode() if isinstance(name, bytes) else name for name in names]
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return Path(self.root, self.base_folder)

    def unfit(self) -> list[str]:
        """What is wrong with the files; nothing if all are there and whole."""
        files = [*self.train_list, *self.test_list, [self.meta["filename"], self.meta["md5"]]]
        missing = [name for name, _ in files if not (self.folder / name).is_file()]
        if missing:
            return [f"{self.folder} is without {', '.join(missing)}"]
        wrong = [name for name, md5 in files if not check_integrity(self.folder / name, md5)]
        return [f"{self.folder / name} has not the checksum of the published file" for name in wrong]

    def download(self) -> None:
        """Fetch and unpack the files, unless they are there."""
        if self.unfit():
            download_and_extract_archive(self.url, self.root, filename=self.filename, md5=self.tgz_md5)

    def load(self) -> tuple[np.ndarray, list[int]]:
        """Photographs (N, 32, 32, 3), and classes."""
        parts, targets = [], []
        for name, _ in self.train_list if self.train else self.test_list:
            entry = read_pickled(self.folder / name)
            parts.append(entry["data"])
            targets += entry["labels"] if "labels" in entry else entry["fine_labels"]
        planes = np.vstack(parts).reshape(-1, 3, 32, 32)
        return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), targets

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.changed(image().fromarray(self.data[index]), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return split_line(self.train)


class CIFAR100(CIFAR10):
    """The same number of photographs in a hundred classes."""

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    filename = "cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list = [["train", "16019d7e3df5f24257cddd939b257f8d"]]
    test_list = [["test", "f0ef6b0ae62326f3e7ffdfab6717acfc"]]
    meta = {"filename": "meta", "key": "fine_label_names", "md5": "7973b15100ade9c7d40fb424638fde48"}
