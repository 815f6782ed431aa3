"""Workers: the same items, random numbers and order as from PyTorch's processes, whose answers are written down here."""

import random

import numpy as np
import pytest

import chainrule
from chainrule.utils import data as cr


class Draws(cr.Dataset):
    """Items that draw from every random stream, as augmentations do."""

    def __len__(self):
        return 6

    def __getitem__(self, i):
        me = cr.get_worker_info()
        return chainrule.rand(1).item(), random.random(), np.random.rand(), me.id, me.num_workers


def seeded(seed=0):
    chainrule.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)


def rows(loader):
    return [[float(column[0]) for column in batch] for batch in loader]


# By PyTorch 2.13.0, with this dataset in its worker processes: first items of batches of two, in two epochs.
FIRST = [
    [0.7821398973464966, 0.21315340548154382, 0.8371640508861415, 0, 2],
    [0.6938178539276123, 0.7733861492043289, 0.6702704958690073, 1, 2],
    [0.9887869358062744, 0.9257209527984, 0.37328033548445017, 0, 2],
]
SECOND = [
    [0.6428066492080688, 0.7574515582501131, 0.192591922941856, 0, 2],
    [0.06311964988708496, 0.9175555110756497, 0.15126422529642158, 1, 2],
    [0.28675633668899536, 0.33404703797820345, 0.3970406237710231, 0, 2],
]


def test_workers_draw_what_pytorch_s_processes_draw():
    seeded()
    loader = cr.DataLoader(Draws(), batch_size=2, num_workers=2)
    assert [rows(loader), rows(loader)] == [FIRST, SECOND]


def test_the_streams_of_the_process_stay_where_they_are():
    seeded()
    list(cr.DataLoader(Draws(), num_workers=3))
    assert (random.random(), np.random.rand()) == (0.8444218515250481, 0.5488135039273248)
    assert cr.get_worker_info() is None


def test_persistent_workers_go_on_where_they_were():
    seeded()
    loader = cr.DataLoader(Draws(), batch_size=2, num_workers=2, persistent_workers=True)
    assert rows(loader) == FIRST
    state = chainrule.get_rng_state()
    assert rows(loader) not in (FIRST, SECOND) and chainrule.get_rng_state().equal(state)


def test_each_worker_is_prepared_within_itself():
    told = []
    seeded()
    list(cr.DataLoader(Draws(), num_workers=2, worker_init_fn=lambda i: told.append((i, cr.get_worker_info().id))))
    assert told == [(0, 0), (1, 1)]
    tensors = cr.TensorDataset(chainrule.arange(4.0))
    list(cr.DataLoader(tensors, num_workers=2, worker_init_fn=told.append))
    assert told[2:] == [0, 1]


class Parts(cr.IterableDataset):
    def __init__(self, *lengths):
        self.lengths = lengths

    def __iter__(self):
        me = cr.get_worker_info()
        return ((me.id, i) for i in range(self.lengths[me.id]))


@pytest.mark.parametrize(
    ("drop_last", "batches"),
    [
        (False, [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 2), (0, 3)], [(1, 2)], [(0, 4)]]),
        (True, [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 2), (0, 3)]]),
    ],
)
def test_streams_take_turns_until_each_ends(drop_last, batches):
    loader = cr.DataLoader(Parts(5, 3), batch_size=2, num_workers=2, drop_last=drop_last, collate_fn=list)
    assert list(loader) == batches


def test_an_error_in_a_worker_leaves_the_process_as_it_was():
    class Broken(cr.Dataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            raise ValueError(f"item {i} is broken")

    seeded()
    with pytest.raises(ValueError, match="item 0 is broken"):
        list(cr.DataLoader(Broken(), num_workers=1))
    assert cr.get_worker_info() is None and random.random() == 0.8444218515250481
