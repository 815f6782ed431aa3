"""Datasets: items, joins, cuts, random splits, and what they refuse."""

import pytest

import chainrule
from chainrule.utils import data as cr


def pair(lib, n=10):
    return lib.utils.data.TensorDataset(lib.arange(2.0 * n).reshape(n, 2), lib.arange(n))


def test_rows_of_tensors():
    data = pair(chainrule)
    x, y = data[3]
    assert x.tolist() == [6.0, 7.0] and y.item() == 3 and len(data) == 10
    assert data[2:4][1].tolist() == [2, 3] and data[[1, -1]][1].tolist() == [1, 9]
    with pytest.raises(IndexError):
        data[10]


def test_joins():
    a, b = pair(chainrule), pair(chainrule, 3)
    both = a + b
    assert isinstance(both, cr.ConcatDataset) and len(both) == 13
    assert [both[i][1].item() for i in (0, 9, 10, -1)] == [0, 9, 0, 2]
    with pytest.raises(ValueError, match="absolute value of index should not exceed dataset length"):
        both[-14]
    stacked = cr.StackDataset(first=a, second=range(10))
    assert stacked[4]["second"] == 4 and stacked[4]["first"][1].item() == 4 and len(stacked) == 10
    assert cr.StackDataset(range(3), "abc")[1] == (1, "b")


class Count(cr.IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))

    def __len__(self):
        return self.n


def test_streams_in_a_row():
    both = Count(2) + Count(3)
    assert list(both) == [0, 1, 0, 1, 2] and len(both) == 5


def test_subsets():
    data = cr.Subset(range(100, 200), [5, 3, 8])
    assert [data[i] for i in range(3)] == [105, 103, 108] and len(data) == 3
    assert cr.Subset(pair(chainrule), [5, 3, 8])[[0, 2]][1].tolist() == [5, 8]


def test_random_splits():
    chainrule.manual_seed(0)
    parts = cr.random_split(range(10), [0.5, 0.25, 0.25])
    assert [len(p) for p in parts] == [6, 2, 2]  # what rounding leaves over goes to the first ones
    assert sorted(i for p in parts for i in p.indices) == list(range(10))
    again = cr.random_split(range(10), [7, 3], generator=chainrule.Generator().manual_seed(1))
    assert again[0].indices == cr.random_split(range(10), [7, 3], generator=chainrule.Generator().manual_seed(1))[0].indices


def test_classes_of_ones_own():
    class Squares(cr.Dataset):
        def __getitem__(self, i):
            return i * i

        def __len__(self):
            return 4

    assert [b.tolist() for b in cr.DataLoader(Squares(), batch_size=3)] == [[0, 1, 4], [9]]
    with pytest.raises(NotImplementedError, match="Subclasses of Dataset should implement __getitem__."):
        cr.Dataset()[0]
    with pytest.raises((NotImplementedError, TypeError)):
        iter(cr.IterableDataset())


BAD = {
    "sizes": (lambda t: t.utils.data.TensorDataset(t.ones(3), t.ones(2)), AssertionError, "Size mismatch between tensors"),
    "stacked sizes": (lambda t: t.utils.data.StackDataset(range(3), range(2)), ValueError, "Size mismatch between datasets"),
    "both kinds": (lambda t: t.utils.data.StackDataset(range(3), a=range(3)), ValueError, "Supported either ``tuple``- (via ``args``)"),
    "nothing stacked": (lambda t: t.utils.data.StackDataset(), ValueError, "At least one dataset should be passed"),
    "nothing joined": (lambda t: t.utils.data.ConcatDataset([]), AssertionError, "datasets should not be an empty iterable"),
    "lengths": (lambda t: t.utils.data.random_split(range(10), [3, 3]), ValueError, "Sum of input lengths does not equal the length of the input dataset!"),
    "a share above 1": (lambda t: t.utils.data.random_split(range(10), [1.2, -0.2]), ValueError, "Fraction at index 0 is not between 0 and 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(chainrule)
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_like_torch(name):
    torch = pytest.importorskip("torch")
    call, error, words = BAD[name]
    with pytest.raises(error) as raised:
        call(torch)
    assert str(raised.value).startswith(words), "the words that are asserted here are PyTorch's"


def test_the_errors_say_why():
    with pytest.raises(AssertionError, match=r"why: their first axes must be equal, the shapes are \[3\], \[2\]"):
        cr.TensorDataset(chainrule.ones(3), chainrule.ones(2))
    with pytest.raises(ValueError, match=r"why: 3 \+ 3 = 6, the dataset has 10 items\n  instead: shares that add up to 1"):
        cr.random_split(range(10), [3, 3])
