"""``torch.utils.data``: the names of `chainrule.data` where PyTorch has them."""

from __future__ import annotations

from typing import Any

from ...data import BatchSampler as BatchSampler
from ...data import ChainDataset as ChainDataset
from ...data import ConcatDataset as ConcatDataset
from ...data import DataLoader as DataLoader
from ...data import Dataset as Dataset
from ...data import DistributedSampler as DistributedSampler
from ...data import IterableDataset as IterableDataset
from ...data import RandomSampler as RandomSampler
from ...data import Sampler as Sampler
from ...data import SequentialSampler as SequentialSampler
from ...data import StackDataset as StackDataset
from ...data import Subset as Subset
from ...data import SubsetRandomSampler as SubsetRandomSampler
from ...data import TensorDataset as TensorDataset
from ...data import WeightedRandomSampler as WeightedRandomSampler
from ...data import default_collate as default_collate
from ...data import default_convert as default_convert
from ...data import get_worker_info as get_worker_info
from ...data import random_split as random_split


def __getattr__(name: str) -> Any:
    """``torch.utils.data.dataset`` and its like: PyTorch's files, whose names are all in `chainrule.data`."""
    from importlib import import_module

    if name in ("dataloader", "dataset", "distributed", "sampler"):
        return import_module("chainrule.data")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
