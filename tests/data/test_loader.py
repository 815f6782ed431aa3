"""DataLoader and collation: the batches of PyTorch after the same seed; the short way for tensors gives what the long way does."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import chainrule
from chainrule.data import loader
from chainrule.utils import data as cr

Point = namedtuple("Point", "x y")


def pair(lib, n=10):
    return lib.utils.data.TensorDataset(lib.arange(2.0 * n).reshape(n, 2), lib.arange(n))


def test_batches():
    found = [(x.tolist(), y.tolist()) for x, y in cr.DataLoader(pair(chainrule, 3), batch_size=2)]
    assert found == [([[0.0, 1.0], [2.0, 3.0]], [0, 1]), ([[4.0, 5.0]], [2])]


def test_lengths():
    data = pair(chainrule)
    assert [len(cr.DataLoader(data, batch_size=b, drop_last=d)) for b, d in ((3, False), (3, True), (5, False), (20, True))] == [4, 3, 2, 0]
    assert len(cr.DataLoader(data, batch_size=None)) == 10


def programs(lib):
    """Loaders of every make, twice through each, as text."""
    data, d = pair(lib), lib.utils.data
    lib.manual_seed(3)
    found = []
    for how in [
        {"batch_size": 3, "shuffle": True}, {"batch_size": 4, "shuffle": True, "drop_last": True}, {}, {"batch_size": None},
        {"batch_size": 3, "shuffle": True, "generator": lib.Generator().manual_seed(9)}, {"batch_sampler": [[0, 3], [1]]},
        {"sampler": [5, 2, 7], "batch_size": 2}, {"batch_size": 2, "sampler": d.WeightedRandomSampler([0.1] * 10, 5)},
        {"batch_size": 4, "collate_fn": lambda batch: [y.item() for _, y in batch]}, {"batch_size": None, "shuffle": True},
    ]:  # fmt: skip
        made = d.DataLoader(data, **how)
        found += [str(list(made)), str(list(made))]
    a, b = d.random_split(data, [7, 3])
    found.append(str(list(d.DataLoader(a, batch_size=3, shuffle=True))))
    found.append(str(list(d.DataLoader(d.Subset(b, [2, 0]), batch_size=2))))
    found.append(str(list(d.DataLoader(data + data, batch_size=6, shuffle=True))))
    found.append(str(list(d.DataLoader([(i, float(i), "s", {"k": i}) for i in range(5)], batch_size=2, shuffle=True))))
    found.append(str(list(d.DataLoader(np.arange(4.0), batch_size=3))))
    iterator = iter(d.DataLoader(data, shuffle=True, batch_size=5))
    lib.manual_seed(0)
    found += [str(next(iterator)), str(lib.rand(1))]
    return found


def test_batches_like_torch():
    torch = pytest.importorskip("torch")
    for i, (ours, theirs) in enumerate(zip(programs(chainrule), programs(torch), strict=True)):
        assert ours == theirs, i


class OneByOne(cr.Dataset):
    """A dataset that the loader can only ask for single items."""

    def __init__(self, data):
        self.data = data

    def __getitem__(self, i):
        return self.data[i]

    def __len__(self):
        return len(self.data)


@pytest.mark.parametrize("how", [{"shuffle": True}, {"drop_last": True}, {"sampler": [3, 3, -1]}, {"batch_sampler": [[1], [2, 0]]}], ids=str)
@pytest.mark.parametrize("cut", [False, True])
def test_the_short_way_gives_what_the_long_way_gives(how, cut):
    data = pair(chainrule)
    data = cr.Subset(data, [4, 2, 9, 0, 7]) if cut else data
    assert loader.in_memory(data) is not None and loader.in_memory(OneByOne(data)) is None
    how = {"batch_size": 3, **how} if "batch_sampler" not in how else how
    found = []
    for each in (data, OneByOne(data)):
        chainrule.manual_seed(1)
        found.append([[t.tolist() for t in batch] for batch in cr.DataLoader(each, **how)])
        assert all(type(batch) is list for batch in cr.DataLoader(each, **how))
    assert found[0] == found[1]


def test_when_the_long_way_is_taken():
    x = chainrule.ones(3, 2, requires_grad=True)
    assert loader.in_memory(cr.TensorDataset(x)) is None  # the batches must lead back to x
    (batch,) = next(iter(cr.DataLoader(cr.TensorDataset(x), batch_size=3)))
    batch.sum().backward()
    assert x.grad.tolist() == [[1.0, 1.0]] * 3

    class Doubled(cr.TensorDataset):
        def __getitem__(self, i):
            return tuple(2 * t for t in super().__getitem__(i))

    assert loader.in_memory(Doubled(chainrule.ones(2))) is None
    assert next(iter(cr.DataLoader(Doubled(chainrule.ones(2)), batch_size=2)))[0].tolist() == [2.0, 2.0]


def test_batches_are_copies():
    data = pair(chainrule)
    for x, _ in cr.DataLoader(data, batch_size=10):
        x.zero_()
    assert data[1][0].tolist() == [2.0, 3.0]


def test_items_fetched_together():
    class Fetches(cr.Dataset):
        def __getitems__(self, places):
            return [i * 10 for i in places]

        def __len__(self):
            return 3

    assert [b.tolist() for b in cr.DataLoader(Fetches(), batch_size=2)] == [[0, 10], [20]]


class Stream(cr.IterableDataset):
    def __iter__(self):
        return iter(range(7))


class Counted(Stream):
    def __len__(self):
        return 7


def test_streams():
    assert [b.tolist() for b in cr.DataLoader(Stream(), batch_size=3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [b.tolist() for b in cr.DataLoader(Stream(), batch_size=3, drop_last=True)] == [[0, 1, 2], [3, 4, 5]]
    assert list(cr.DataLoader(Stream(), batch_size=None)) == list(range(7))
    assert (len(cr.DataLoader(Counted(), batch_size=3)), len(cr.DataLoader(Counted(), batch_size=3, drop_last=True))) == (3, 2)
    with pytest.raises(TypeError):
        len(cr.DataLoader(Stream()))


def test_workers_deliver_what_this_process_would():
    found = []
    for workers in (0, 2):
        chainrule.manual_seed(0)
        made = cr.DataLoader(pair(chainrule), batch_size=4, shuffle=True, num_workers=workers)
        found.append([y.tolist() for _, y in made])
    assert found[0] == found[1] and cr.get_worker_info() is None


COLLATED = {
    "ints": lambda t: [1, 2], "floats": lambda t: [1.5, 2.5], "bools": lambda t: [True, False], "texts": lambda t: ["a", "b"],
    "bytes": lambda t: [b"a"], "arrays": lambda t: [np.ones(2), np.zeros(2)], "single arrays": lambda t: [np.ones(2, np.float32)] * 2,
    "numpy numbers": lambda t: [np.int64(3), np.int64(4)], "numpy floats": lambda t: [np.float32(3), np.float32(4)],
    "0-dim arrays": lambda t: [np.array(3.0), np.array(4.0)], "dicts": lambda t: [{"a": 1, "b": t.ones(2)}, {"a": 2, "b": t.zeros(2)}],
    "ordered dicts": lambda t: [OrderedDict(a=1), OrderedDict(a=2)], "default dicts": lambda t: [defaultdict(int, a=1)] * 2,
    "named tuples": lambda t: [Point(1, 2.0), Point(3, 4.0)], "tuples": lambda t: [(1, "x"), (2, "y")], "lists": lambda t: [[1, 2], [3, 4]],
    "nested": lambda t: [{"a": [1, (2, 3.0)]}] * 2, "mixed numbers": lambda t: [1, 2.5], "halves": lambda t: [t.ones(2, dtype=t.float16)] * 2,
    "with gradients": lambda t: [t.ones(2, requires_grad=True)] * 2,
}  # fmt: skip


@pytest.mark.parametrize("name", COLLATED)
def test_collation_like_torch(name):
    torch = pytest.importorskip("torch")
    ours, theirs = (lib.utils.data.default_collate(COLLATED[name](lib)) for lib in (chainrule, torch))
    assert repr(ours) == repr(theirs)


def test_collation():
    x, (y, z) = cr.default_collate([(1.0, (2, "a")), (3.0, (4, "b"))])
    assert x.tolist() == [1.0, 3.0] and x.dtype is chainrule.float64 and y.dtype is chainrule.int64 and z == ("a", "b")
    assert cr.default_convert((np.ones(2), "text", {"k": np.float32(3)}))[0].dtype is chainrule.float64


BAD_BATCHES = {
    "sizes": (lambda t: [t.ones(2), t.ones(3)], RuntimeError, "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1"),
    "uneven lists": (lambda t: [[1, 2], [3]], RuntimeError, "each element in list of batch should be of equal size"),
    "None": (lambda t: [None, None], TypeError, "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'NoneType'>"),
    "texts in arrays": (lambda t: [np.array("a")], TypeError, "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found"),
    "sets": (lambda t: [{1}, {2}], TypeError, "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'set'>"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BATCHES)
def test_batches_that_cannot_be_collated(name):
    make, error, words = BAD_BATCHES[name]
    with pytest.raises(error) as raised:
        cr.default_collate(make(chainrule))
    assert str(raised.value).startswith(words)
    torch = pytest.importorskip("torch")
    with pytest.raises(error) as raised:
        torch.utils.data.default_collate(make(torch))
    assert str(raised.value).startswith(words), "the words that are asserted here are PyTorch's"


BAD = {
    "batch size": (lambda d, data: d.DataLoader(data, batch_size=0), "batch_size should be a positive integer value, but got batch_size=0"),
    "a fraction": (lambda d, data: d.DataLoader(data, batch_size=2.5), "batch_size should be a positive integer value, but got batch_size=2.5"),
    "shuffle and sampler": (lambda d, data: d.DataLoader(data, shuffle=True, sampler=[0]), "sampler option is mutually exclusive with shuffle"),
    "batch sampler": (lambda d, data: d.DataLoader(data, batch_sampler=[[0]], batch_size=2), "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"),
    "no batches to drop": (lambda d, data: d.DataLoader(data, batch_size=None, drop_last=True), "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"),
    "an empty dataset": (lambda d, data: d.DataLoader([], shuffle=True), "num_samples should be a positive integer value, but got num_samples=0"),
    "workers": (lambda d, data: d.DataLoader(data, num_workers=-1), "num_workers option should be non-negative"),
    "prefetch": (lambda d, data: d.DataLoader(data, prefetch_factor=2), "prefetch_factor option could only be specified in multiprocessing"),
    "persistent": (lambda d, data: d.DataLoader(data, persistent_workers=True), "persistent_workers option needs num_workers > 0"),
    "timeout": (lambda d, data: d.DataLoader(data, timeout=-1), "timeout option should be non-negative"),
    "changed afterwards": (lambda d, data: setattr(d.DataLoader(data), "batch_size", 3), "batch_size attribute should not be set after DataLoader is initialized"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, words = BAD[name]
    with pytest.raises(ValueError) as raised:
        call(cr, pair(chainrule))
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, words = BAD[name]
    with pytest.raises(ValueError) as raised:
        call(torch.utils.data, pair(torch))
    assert str(raised.value).startswith(words), "the words that are asserted here are PyTorch's"


def test_streams_have_no_order_to_change():
    with pytest.raises(ValueError, match="DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True"):
        cr.DataLoader(Stream(), shuffle=True)
    with pytest.raises(ValueError, match="expected unspecified sampler option, but got sampler=\\[0\\]"):
        cr.DataLoader(Stream(), sampler=[0])


def test_the_errors_say_what_to_write_instead():
    with pytest.raises(ValueError, match="why: the dataset is empty\n  instead: check the path or filter that made it"):
        cr.DataLoader([], shuffle=True)
    with pytest.raises(RuntimeError, match="instead: pad them in a collate_fn: torch.nn.utils.rnn.pad_sequence"):
        next(iter(cr.DataLoader([chainrule.ones(2), chainrule.ones(3)], batch_size=2)))
