"""A team shares the pieces of a job: each is done once, from whichever thread, after a fork, and after it slept."""

import ctypes
import os
import threading
import time

import numpy as np
import pytest

from chainrule.base import threads
from chainrule.native import Kernel, kernels, multiply
from chainrule.native import team as teams
from chainrule.native.address import FIELDS, address
from chainrule.ops.kernels import product

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")


def body(k, y, piece, thread):
    y[piece] = y[piece] + 1


count = Kernel(body, {"y": "i64*", "piece": "i64", "thread": "i64"}, "count")


def once(pieces=500):
    y = np.zeros(pieces, np.int64)
    count.share(pieces, y)
    return (y == 1).all()


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_every_piece_is_done_once(cores, monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: cores)
    assert all(once() for _ in range(200))
    assert all(once(pieces) for pieces in range(1, 25))


def noted(k, y, at, piece, thread):
    y[at[0]] = piece
    at[0] = at[0] + 1


@pytest.mark.parametrize(("me", "order"), [(0, [0, 1, 2, 3, 4, 5, 6]), (1, [3, 4, 5, 6, 0, 1, 2]), (2, [5, 6, 0, 1, 2, 3, 4])])
def test_a_thread_begins_with_its_own_share(me, order):
    """What a thread does when nobody else comes, in a team of three: of seven pieces, it begins with the same ones each time."""
    kernel = Kernel(noted, {"y": "i64*", "at": "i64*", "piece": "i64", "thread": "i64"}, "noted")
    kernel.load()
    y, at = np.zeros(7, np.int64), np.zeros(1, np.int64)
    memory, job = teams.job(3)
    words = (ctypes.c_int64 * 2)(y.ctypes.data, at.ctypes.data)
    shares = {teams.SHARES + teams.LINE * t: n for t, n in enumerate((3, 2, 2))}
    told = {teams.COUNT: 7, teams.FUNCTION: kernel.piece, teams.ARGUMENTS: ctypes.addressof(words), **shares, teams.OPEN: 1}
    for place, value in told.items():
        ctypes.c_int64.from_address(job + 8 * place).value = value
    teams.code().attend(job, me, 0, None)
    assert y.tolist() == order and at[0] == 7
    assert memory is not None and ctypes.c_int64.from_address(job).value == 0


def test_the_share_of_a_thread_is_what_run_deals():
    """Alone in a team of three, the caller does its own share and then the others', each once."""
    kernel = Kernel(noted, {"y": "i64*", "at": "i64*", "piece": "i64", "thread": "i64"}, "noted")
    kernel.load()
    for pieces in range(8):
        y, at = np.full(8, -1, np.int64), np.zeros(1, np.int64)
        _memory, job = teams.job(3)
        teams.code().run(job, kernel.piece, (ctypes.c_int64 * 2)(y.ctypes.data, at.ctypes.data), pieces)
        assert y.tolist() == [*range(pieces), *[-1] * (8 - pieces)]


@pytest.mark.skipif(not FIELDS, reason="array objects are not as expected")
@pytest.mark.parametrize("arrays", range(8))
def test_machine_code_finds_where_arrays_begin(arrays):
    xs = [np.arange(9.0)[i:] for i in range(3)]
    words = (ctypes.c_int64 * 3)(*[id(x) if arrays >> i & 1 else address(x) for i, x in enumerate(xs)])
    kernel = Kernel(lambda k, piece, thread: None, {"piece": "i64", "thread": "i64"}, "nothing")
    kernel.load()
    teams.team().share(kernel.piece, words, 1, arrays)
    assert list(words) == [x.ctypes.data for x in xs]


def test_threads_that_are_no_longer_wanted_end(monkeypatch):
    for cores in (4, 2, 3):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        assert once()
    for _ in range(1500):  # a thread that gives way to other programs may take seconds over it
        if sum(t.name.startswith("chainrule-") for t in threading.enumerate()) <= 2:
            break
        time.sleep(0.02)
    else:
        pytest.fail("more threads than the last team has")


def test_after_it_slept():
    for _ in range(3):
        assert once()
        time.sleep(0.05)


def test_from_many_threads_at_once():
    found = []
    workers = [threading.Thread(target=lambda: found.append(all(once() for _ in range(100)))) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [True] * 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*fork")  # other libraries that are loaded have threads too
def test_after_a_fork():
    assert once()
    child = os.fork()
    if child == 0:
        os._exit(0 if once() and teams.team().size >= 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 500, 700), (700, 500, 3), (64, 64, 64), (129, 257, 65), (1000, 40, 100)])
def test_products(sizes, kind):
    m, k, n = sizes
    rng = np.random.default_rng(m)
    for a in (rng.standard_normal((m, k)), rng.standard_normal((k, m)).T, rng.standard_normal((m, 2 * k))[:, :k]):
        for b in (rng.standard_normal((k, n)), rng.standard_normal((n, k)).T, rng.standard_normal((k, 2 * n))[:, ::2]):
            a, b = a.astype(kind, order="K"), b.astype(kind, order="K")
            found = multiply.product(a, b)
            for result in (product.dot(a, b), *([] if found is None else [found])):
                np.testing.assert_allclose(result, a @ b, rtol=1e-4 if kind == "float32" else 1e-12, atol=1e-3 * (kind == "float32") + 1e-12)


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 8, 9, 13, 14, 15, 27, 28, 31, 64])
def test_small_products_of_a_transposed_matrix(rows):
    """Whole tiles of rows and what is left of them; what lies beyond the matrix is not read (it is NaN)."""
    rng = np.random.default_rng(rows)
    whole = np.full((5, 40, rows + 20), np.nan, np.float32)
    whole[..., :rows] = rng.standard_normal((5, 40, rows))
    a, b = whole[..., :rows].mT, rng.standard_normal((5, 40, 33)).astype(np.float32)
    np.testing.assert_allclose(multiply.product(a, b), a @ b, rtol=1e-4, atol=1e-4)


def test_products_of_many_matrices():
    rng = np.random.default_rng(0)
    whole = rng.standard_normal((6, 64, 3, 4, 32)).astype(np.float32)
    q, k, v = (whole[:, :, i].transpose(0, 2, 1, 3) for i in range(3))
    for a, b in ((q, k.mT), (q @ k.mT, v), ((q @ k.mT).mT, v)):
        for result in (multiply.product(a, b), product.matmul(a, b)):
            np.testing.assert_allclose(result, a @ b, rtol=1e-4, atol=1e-4)
    large = rng.standard_normal((2, 3, 70, 90)).astype(np.float32)
    np.testing.assert_allclose(product.matmul(large, large.mT), large @ large.mT, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_products_into_an_array_of_the_callers(kind):
    """Rows or columns in order, among other entries that stay as they are; what has neither is refused."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((6, 64, 32)).astype(kind), rng.standard_normal((6, 32, 48)).astype(kind)
    whole = np.full((64, 6, 100), 7, kind)
    there = np.s_[:, :, 20:68]
    columns = np.full((6, 48, 64), 7, kind).mT
    for out in (whole[there].transpose(1, 0, 2), columns):
        found = multiply.product(a, b, out=out)
        assert np.shares_memory(found, out) and found.strides == out.strides
        np.testing.assert_allclose(out, a @ b, rtol=1e-4, atol=1e-4)
    whole[there] = 7
    assert (whole == 7).all()
    assert multiply.product(a, b, out=np.empty((6, 64, 96), kind)[..., ::2]) is None


def test_what_has_strides_both_ways_is_left_to_numpy():
    a = np.zeros((64, 128), np.float32)[:, ::2]
    assert multiply.order(a.shape, a.strides, 4) is None and multiply.product(a, a) is None
    assert multiply.product(np.zeros((4, 4), np.int64), np.zeros((4, 4), np.int64)) is None
