"""Samplers: what each gives, the draws of PyTorch after the same seed, and what they refuse."""

import pytest

import chainrule
from chainrule.utils import data as cr

DATA = range(7)


def test_orders():
    assert list(cr.SequentialSampler(DATA)) == list(DATA)
    assert sorted(cr.RandomSampler(DATA)) == list(DATA)
    assert sorted(cr.SubsetRandomSampler([5, 6, 9])) == [5, 6, 9]
    assert set(cr.WeightedRandomSampler([0.0, 1.0, 0.0], 5)) == {1}
    assert sorted(cr.WeightedRandomSampler([0.1, 1.0, 0.3], 3, replacement=False)) == [0, 1, 2]
    many = list(cr.RandomSampler(DATA, num_samples=17))
    assert len(many) == 17 and sorted(many[:7]) == sorted(many[7:14]) == list(DATA)
    assert len(list(cr.RandomSampler(DATA, replacement=True, num_samples=40))) == 40
    assert list(cr.BatchSampler(range(5), 2, False)) == [[0, 1], [2, 3], [4]]
    assert list(cr.BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]


def test_lengths():
    assert len(cr.SequentialSampler(DATA)) == len(cr.RandomSampler(DATA)) == 7
    assert len(cr.RandomSampler(DATA, num_samples=3)) == 3 and len(cr.SubsetRandomSampler([1, 2])) == 2
    assert len(cr.WeightedRandomSampler([1.0], 4)) == 4
    assert (len(cr.BatchSampler(range(5), 2, False)), len(cr.BatchSampler(range(5), 2, True))) == (3, 2)


def test_each_epoch_is_another_order_and_the_seed_repeats_them():
    chainrule.manual_seed(0)
    sampler = cr.RandomSampler(range(100))
    first, second = list(sampler), list(sampler)
    assert first != second
    chainrule.manual_seed(0)
    assert list(sampler) == first and list(sampler) == second


def test_a_generator_of_ones_own_leaves_the_default_stream_alone():
    chainrule.manual_seed(0)
    expected = chainrule.rand(1).item()
    chainrule.manual_seed(0)
    orders = [list(cr.RandomSampler(range(20), generator=chainrule.Generator().manual_seed(1))) for _ in range(2)]
    assert orders[0] == orders[1] and chainrule.rand(1).item() == expected


def draws(lib, data):
    lib.manual_seed(3)
    found = [
        list(data.RandomSampler(DATA)), list(data.RandomSampler(DATA, num_samples=17)),
        list(data.RandomSampler(DATA, replacement=True, num_samples=40)), list(data.SubsetRandomSampler([5, 6, 9])),
        list(data.WeightedRandomSampler([0.1, 0.5, 0.4], 6)), list(data.WeightedRandomSampler([0.1, 0.5, 0.4], 3, replacement=False)),
        list(data.RandomSampler(range(5), generator=lib.Generator().manual_seed(1))),
        [part.indices for part in data.random_split(range(10), [0.3, 0.7])],
        [part.indices for part in data.random_split(range(10), [4, 6], generator=lib.Generator().manual_seed(2))],
    ]  # fmt: skip
    return [*found, lib.rand(3).tolist()]


def test_draws_like_torch():
    torch = pytest.importorskip("torch")
    assert draws(chainrule, cr) == draws(torch, torch.utils.data)


@pytest.mark.parametrize("how", [{}, {"shuffle": False}, {"drop_last": True}, {"seed": 4, "drop_last": True}], ids=str)
def test_shares_of_several_processes_like_torch(how):
    torch = pytest.importorskip("torch")

    def shares(data):
        found = []
        for rank in range(3):
            sampler = data.DistributedSampler(range(10), num_replicas=3, rank=rank, **how)
            found.append((list(sampler), len(sampler)))
            sampler.set_epoch(2)
            found.append(list(sampler))
        return found

    assert shares(cr) == shares(torch.utils.data)


BAD = {
    "nothing to draw from": (lambda d: d.RandomSampler([]), ValueError, "num_samples should be a positive integer value, but got num_samples=0"),
    "replacement": (lambda d: d.RandomSampler([1], replacement=3), TypeError, "replacement should be a boolean value, but got replacement=3"),
    "no samples": (lambda d: d.RandomSampler([1], num_samples=0), ValueError, "num_samples should be a positive integer value, but got num_samples=0"),
    "half a sample": (lambda d: d.RandomSampler([1], num_samples=1.5), ValueError, "num_samples should be a positive integer value, but got num_samples=1.5"),
    "weights: no samples": (lambda d: d.WeightedRandomSampler([1.0], 0), ValueError, "num_samples should be a positive integer value, but got num_samples=0"),
    "weights: replacement": (lambda d: d.WeightedRandomSampler([1.0], 1, replacement=1), ValueError, "replacement should be a boolean value, but got replacement=1"),
    "weights of two axes": (lambda d: d.WeightedRandomSampler([[1.0]], 1), ValueError, "weights should be a 1d sequence but given weights have shape (1, 1)"),
    "batch size": (lambda d: d.BatchSampler([1], 0, False), ValueError, "batch_size should be a positive integer value, but got batch_size=0"),
    "drop_last": (lambda d: d.BatchSampler([1], 2, 1), ValueError, "drop_last should be a boolean value, but got drop_last=1"),
    "no processes": (lambda d: d.DistributedSampler([1, 2, 3]), ValueError, "Default process group has not been initialized"),
    "rank": (lambda d: d.DistributedSampler([1, 2, 3], 2, 2), ValueError, "Invalid rank 2, rank should be in the interval [0, 1]"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(cr)
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(torch.utils.data)
    assert str(raised.value).startswith(words), "the words that are asserted here are PyTorch's"
