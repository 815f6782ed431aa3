"""What datasets of images have in common: a folder, transforms, and how they present themselves."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ...data.dataset import Dataset

Change = Callable[[Any], Any] | None


class StandardTransform:
    """A transform for the image and one for the target."""

    def __init__(self, transform: Change = None, target_transform: Change = None) -> None:
        self.transform, self.target_transform = transform, target_transform

    def __call__(self, input: Any, target: Any) -> tuple[Any, Any]:
        if self.transform is not None:
            input = self.transform(input)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return input, target

    def __repr__(self) -> str:
        named = {"Transform: ": self.transform, "Target transform: ": self.target_transform}
        lines = [line for head, t in named.items() if t is not None for line in hanging(head, t)]
        return "\n".join([type(self).__name__, *lines])


def hanging(head: str, thing: Any) -> list[str]:
    """The lines of a repr, the first behind its heading and the others below that.

    >>> hanging("a: ", "x")
    ["a: 'x'"]
    """
    first, *others = repr(thing).splitlines()
    return [head + first, *(" " * len(head) + line for line in others)]


class VisionDataset(Dataset[Any]):
    """Images and what belongs to them: subclasses define ``__getitem__`` and ``__len__``.

    ``transform`` changes each image and ``target_transform`` each target; ``transforms``, instead of the two, takes both.
    """

    _repr_indent = 4

    def __init__(
        self, root: Any = None, transforms: Callable[..., Any] | None = None, transform: Change = None,
        target_transform: Change = None,
    ) -> None:  # fmt: skip
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        separate = transform is not None or target_transform is not None
        if transforms is not None and separate:
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.transform, self.target_transform = transform, target_transform
        self.transforms = StandardTransform(transform, target_transform) if separate else transforms

    def changed(self, image: Any, target: Any) -> tuple[Any, Any]:
        """The image and its target, as the transforms make them."""
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError("Subclasses of VisionDataset should implement __getitem__.")

    def __len__(self) -> int:
        raise NotImplementedError("Subclasses of VisionDataset should implement __len__.")

    def __repr__(self) -> str:
        body = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            body.append(f"Root location: {self.root}")
        body += self.extra_repr().splitlines()
        if getattr(self, "transforms", None) is not None:
            body.append(repr(self.transforms))
        return "\n".join([f"Dataset {type(self).__name__}", *(" " * self._repr_indent + line for line in body)])

    def extra_repr(self) -> str:
        """Further lines of the repr."""
        return ""


def split_line(train: bool) -> str:
    """Which part of the data it is, as the repr says it."""
    return f"Split: {'Train' if train else 'Test'}"
