"""Images in folders, one folder for each class."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ...base.errors import message
from ..pillow import image
from .base import Change, VisionDataset

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename: str, extensions: Any) -> bool:
    """Does the name end in one of these, in small or capital letters?

    >>> has_file_allowed_extension("cat.JPG", (".jpg", ".png"))
    True
    """
    return filename.lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename: str) -> bool:
    """Does the name end as names of images do?"""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: Any) -> tuple[list[str], dict[str, int]]:
    """The folders in a folder, by name, and the number of each."""
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(
            message(f"Couldn't find any class folder in {directory}.", "each class is a folder with its images in it")
        )
    return classes, {name: i for i, name in enumerate(classes)}


def make_dataset(
    directory: Any, class_to_idx: dict[str, int] | None = None, extensions: Any = None,
    is_valid_file: Callable[[str], bool] | None = None, allow_empty: bool = False,
) -> list[tuple[str, int]]:  # fmt: skip
    """(path, class) for each file that is wanted, class by class and in the order of the names."""
    directory = os.path.expanduser(directory)
    if class_to_idx is None:
        class_to_idx = find_classes(directory)[1]
    elif not class_to_idx:
        raise ValueError("'class_to_index' must have at least one entry to collect any samples.")
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same time")
    wanted = is_valid_file or (lambda path: has_file_allowed_extension(path, extensions))
    samples: list[tuple[str, int]] = []
    empty = []
    for name in sorted(class_to_idx):
        before = len(samples)
        for folder, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True)):
            paths = [os.path.join(folder, file) for file in sorted(files)]
            samples += [(path, class_to_idx[name]) for path in paths if wanted(path)]
        if len(samples) == before:
            empty.append(name)
    if empty and not allow_empty:
        known = "" if extensions is None else extensions if isinstance(extensions, str) else ", ".join(extensions)
        what = f"Found no valid file for the classes {', '.join(empty)}." + (
            f" Supported extensions are: {known}" if known else ""
        )
        raise FileNotFoundError(
            message(what, f"their folders in {directory} hold none", "allow_empty=True, if that is meant")
        )
    return samples


def pil_loader(path: Any) -> Any:
    """The image in a file, in RGB."""
    with open(path, "rb") as file:
        return image("images from files").open(file).convert("RGB")


def default_loader(path: Any) -> Any:
    """`pil_loader`"""
    return pil_loader(path)


class DatasetFolder(VisionDataset):
    """Files in folders ``root/class/…``: item i is (what ``loader`` makes of the file, number of the class).

    ``extensions``: how the names of the wanted files end; or ``is_valid_file(path)`` says which are wanted.
    """

    def __init__(
        self, root: Any, loader: Callable[[str], Any], extensions: tuple[str, ...] | None = None, transform: Change = None,
        target_transform: Change = None, is_valid_file: Callable[[str], bool] | None = None, allow_empty: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = self.make_dataset(self.root, self.class_to_idx, extensions, is_valid_file, allow_empty)
        self.loader, self.extensions = loader, extensions
        self.targets = [target for _, target in self.samples]

    @staticmethod
    def make_dataset(
        directory: Any, class_to_idx: dict[str, int], extensions: Any = None,
        is_valid_file: Callable[[str], bool] | None = None, allow_empty: bool = False,
    ) -> list[tuple[str, int]]:  # fmt: skip
        """Which files, and the class of each: `make_dataset`, for subclasses to change."""
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory: Any) -> tuple[list[str], dict[str, int]]:
        """Which classes there are: `find_classes`, for subclasses to change."""
        return find_classes(directory)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, target = self.samples[index]
        return self.changed(self.loader(path), target)

    def __len__(self) -> int:
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """Images in folders ``root/class/….png``: item i is (PIL image in RGB, number of the class)."""

    def __init__(
        self, root: Any, transform: Change = None, target_transform: Change = None,
        loader: Callable[[str], Any] = default_loader, is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:  # fmt: skip
        extensions = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, extensions, transform, target_transform, is_valid_file, allow_empty)
        self.imgs = self.samples
