"""Random images, for trying programs without data."""

from __future__ import annotations

from typing import Any

from ...tensors import random
from .. import transforms
from .base import Change, VisionDataset


class FakeData(VisionDataset):
    """``size`` images of noise with random classes; image i is drawn with the seed ``random_offset`` + i, so it stays the same."""

    def __init__(
        self, size: int = 1000, image_size: tuple[int, int, int] = (3, 224, 224), num_classes: int = 10,
        transform: Change = None, target_transform: Change = None, random_offset: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(transform=transform, target_transform=target_transform)
        self.size, self.num_classes, self.image_size, self.random_offset = size, num_classes, image_size, random_offset

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if index >= len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        before = random.get_rng_state()
        random.manual_seed(index + self.random_offset)
        noise = random.randn(*self.image_size)
        target = random.randint(0, self.num_classes, size=(1,))[0]
        random.set_rng_state(before)
        picture, target = self.changed(transforms.ToPILImage()(noise), target)
        return picture, int(target)

    def __len__(self) -> int:
        return self.size
