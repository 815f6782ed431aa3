"""Where a kernel stands, against counting by hand."""

from itertools import product

import numpy as np
import pytest

from chainrule.ops.kernels.lines import Line, adaptive_bounds, counts, first_taps, pooling_lines, taps
from chainrule.ops.kernels.windows import spread, window_view, windows


@pytest.mark.parametrize(("n", "k", "s", "p", "d"), list(product([5, 8], [1, 3, 4], [1, 2, 3], [0, 1], [1, 2])))
def test_places_are_counted(n, k, s, p, d):
    span = d * (k - 1) + 1
    by_hand = [start for start in range(0, n + 2 * p, s) if start + span <= n + 2 * p]
    if not by_hand:
        with pytest.raises(RuntimeError, match="Kernel size can't be greater than actual input size"):
            windows((n,), k, s, p, d)
        return
    win = windows((n,), k, s, p, d)
    assert win.out == (len(by_hand),)
    x = np.arange(n + 2 * p)
    view = window_view(x, win)
    assert view.tolist() == [[start + t * d for start in by_hand] for t in range(k)]
    for (t,) in win.all_taps():
        assert x[win.reads((t,))].tolist() == view[t].tolist()


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("d", [1, 2])
def test_same_padding_keeps_the_size(k, d):
    win = windows((9, 7), k, padding="same", dilation=d)
    assert win.out == (9, 7)
    assert win.after[0] - win.before[0] == d * (k - 1) % 2  # the odd one is behind


def test_padding_may_differ_between_the_sides():
    win = windows((4,), 2, padding=((1, 3),))
    assert (win.before, win.after, win.out) == ((1,), (3,), (7,))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stride": 0}, "non-positive stride is not supported"),
        ({"dilation": 0}, "dilation should be greater than zero"),
        ({"padding": -1}, "negative padding is not supported"),
        ({"padding": "same", "stride": 2}, "padding='same' is not supported for strided convolutions"),
        ({"padding": "half"}, "Invalid padding string: 'half'"),
        ({"stride": (1, 2, 3)}, r"expected stride to be a single integer value or a list of 2 values .* stride=\[1, 2, 3\]"),
        ({"kernel": (9, 1)}, r"Calculated padded input size per channel: \(8 x 8\). Kernel size: \(9 x 1\)"),
    ],
)
def test_impossible_windows_are_refused(changes, words):
    with pytest.raises(RuntimeError, match=words):
        windows((8, 8), **{"kernel": 3, **changes})


def test_one_number_serves_all_axes():
    assert spread(np.int64(2), 3, "stride") == spread([2], 3, "stride") == (2, 2, 2)


@pytest.mark.parametrize(("n", "k", "s", "p", "d"), list(product([4, 7], [1, 2, 3], [1, 2, 4], [0, 1], [1, 2])))
@pytest.mark.parametrize("ceil", [False, True])
def test_taps_read_what_is_there_and_nothing_else(n, k, s, p, d, ceil):
    if p > (d * (k - 1) + 1) // 2 or n + 2 * p < d * (k - 1) + 1:
        return
    (line,) = pooling_lines((n,), (k,), (s,), (p,), (d,), ceil)
    read = {}
    for tap in taps(line):
        entries, places = range(n)[tap.entries], range(line.out)[tap.places]
        assert len(entries) == len(places)
        read.update({(tap.number, i): j for i, j in zip(places, entries, strict=True)})
    by_hand = {(t, i): s * i + d * t - p for t in range(k) for i in range(line.out) if 0 <= s * i + d * t - p < n}
    assert read == by_hand
    first = [min((t for t in range(k) if (t, i) in by_hand), default=None) for i in range(line.out)]
    assert all(f is None or f == g for f, g in zip(first, first_taps(line), strict=True))
    assert line.full == (len(by_hand) == k * line.out)
    if line.apart:
        assert len(set(by_hand.values())) == len(by_hand)
    if line.tiles:
        assert sorted(by_hand.values()) == list(range(n))


def test_an_average_counts_padding_but_not_what_lies_beyond_it():
    line = Line(size=5, kernel=3, stride=2, padding=1, dilation=1, out=4)
    assert counts(line, padding_too=True) == [3, 3, 3, 1]
    assert counts(line, padding_too=False) == [2, 3, 2, 0]


@pytest.mark.parametrize(("n", "m"), [(7, 7), (7, 3), (3, 7), (8, 2), (5, 1)])
def test_adaptive_windows_cover_everything(n, m):
    bounds = adaptive_bounds(n, m)
    assert sorted({j for start, stop in bounds for j in range(start, stop)}) == list(range(n))
    assert bounds == [(int(np.floor(i * n / m)), int(np.ceil((i + 1) * n / m))) for i in range(m)]
