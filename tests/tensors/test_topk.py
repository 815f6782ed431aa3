"""`topk`: of equal entries PyTorch's, in PyTorch's order; and the best of lines too long to be gone through one by one."""

import numpy as np
import pytest

import chainrule
from chainrule.ops.kernels import selection

SIZES = [1, 2, 3, 5, 17, 20, 64, 129, 700]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", ["float32", "int64", "uint8", "with NaN", "bfloat16"])
def test_ties_like_pytorch(n, kind):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(n)
    for different in (1, 3):
        x = rng.integers(0, different + 1, (2, n)).astype("float32" if kind in ("with NaN", "bfloat16") else kind)
        if kind == "with NaN":
            x[rng.random((2, n)) < 0.1] = np.nan
        ours, theirs = (
            t.tensor(x, dtype=t.bfloat16) if kind == "bfloat16" else t.tensor(x) for t in (chainrule, torch)
        )
        for k in sorted({0, 1, 2, n // 64, n // 2, n}):
            for largest in (True, False):
                for ordered in (True, False):
                    if k <= n:
                        a, b = (t.topk(k, largest=largest, sorted=ordered) for t in (ours, theirs))
                        assert a.indices.tolist() == b.indices.tolist()
                        np.testing.assert_array_equal(a.values.float().numpy(), b.values.float().numpy())


def test_along_another_axis():
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).integers(0, 3, (4, 6, 5))
    for dim in (0, 1, -2):
        a, b = (t.tensor(x).topk(3, dim) for t in (chainrule, torch))
        assert a.indices.tolist() == b.indices.tolist() and a.values.tolist() == b.values.tolist()


@pytest.mark.parametrize("k", [1, 2, 7, 64, 200])
def test_the_heap_that_takes_over_where_partitions_get_unequal(k):
    key = np.random.default_rng(k).integers(0, 50, 200).tolist()
    q = list(range(200))
    selection.partial_sort(q, 0, k, 200, key)
    assert [key[i] for i in q[:k]] == sorted(key)[:k] and sorted(q) == list(range(200))


def test_a_line_made_to_defeat_the_median_of_three():
    """McIlroy's adversary, 1999: it answers comparisons so that each partition takes off as little as can be."""
    torch = pytest.importorskip("torch")
    line = killer(2000)
    ours, theirs = (t.tensor(line).topk(750).indices.tolist() for t in (chainrule, torch))
    assert ours == theirs == selection.first_places(line, 750, True, True)


def killer(n):
    """A line on which the median of the second, the middle and the last entry is always among the largest but one."""
    values, fixed, candidate = [None] * n, 0, 0

    class Adversary(list):
        def __getitem__(self, i):
            return Entry(i)

    class Entry:
        def __init__(self, i):
            self.i = i

        def __lt__(self, other):
            nonlocal fixed, candidate
            if values[self.i] is None and values[other.i] is None:
                freeze = self.i if self.i == candidate else other.i
                values[freeze] = fixed
                fixed += 1
            for i in (self.i, other.i):
                if values[i] is None:
                    candidate = i
            a, b = (n if values[i] is None else values[i] for i in (self.i, other.i))
            return a < b

    q = list(range(n))
    selection.nth_element(q, n // 3, Adversary(range(n)))
    return -np.array([n if v is None else v for v in values])


def test_very_long_lines_are_not_gone_through(monkeypatch):
    monkeypatch.setattr(selection, "first_places", None)
    found = chainrule.zeros(selection.MOST + 1).topk(3)
    assert found.values.tolist() == [0, 0, 0] and len(set(found.indices.tolist())) == 3


def test_without_ties_nothing_is_gone_through(monkeypatch):
    monkeypatch.setattr(selection, "first_places", None)
    x = chainrule.tensor(np.random.default_rng(0).permutation(3000))
    assert x.topk(3).values.tolist() == [2999, 2998, 2997] and x.topk(2, largest=False).values.tolist() == [0, 1]
