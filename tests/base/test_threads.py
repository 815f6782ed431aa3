"""Sharing a loop between threads."""

import threading

import numpy as np
import pytest

from chainrule.base import threads
from chainrule.base.threads import parallel


@pytest.fixture(autouse=True)
def two_cores():
    before = threads.cores()
    threads.use_cores(2)
    yield
    threads.use_cores(before)


def test_ranges_cover_the_count_once_and_in_order():
    assert parallel(lambda start, stop: (start, stop), 7, work=1e12) == [(0, 3), (3, 7)]


def test_little_work_is_not_shared():
    assert parallel(lambda start, stop: (start, stop), 7, work=10) == [(0, 7)]


def test_a_range_is_not_shorter_than_asked():
    assert parallel(lambda start, stop: (start, stop), 7, work=1e12, least=4) == [(0, 7)]


def test_two_threads_take_part():
    meeting = threading.Barrier(2, timeout=10)
    assert len(parallel(lambda start, stop: meeting.wait(), 2, work=1e12)) == 2


def test_a_loop_within_a_loop_runs_in_place():
    found = parallel(lambda *_: parallel(lambda start, stop: threading.get_ident(), 4, work=1e12), 2, work=1e12)
    assert all(len(set(inner)) == 1 for inner in found)


@pytest.mark.parametrize("where", [0, 1])
def test_an_error_in_either_thread_reaches_the_caller(where):
    def task(start, stop):
        if start == where:
            raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        parallel(task, 2, work=1e12)
    assert parallel(lambda start, stop: start, 2, work=1e12) == [0, 1]  # and the next loop is shared again


def test_tasks_see_the_error_state_of_the_caller():
    with np.errstate(divide="ignore"):
        found = parallel(lambda start, stop: np.log(np.zeros(2)), 2, work=1e12)
    assert all(np.isneginf(f).all() for f in found)


def test_blas_gets_its_threads_back():
    if threads.openblas() is None:
        pytest.skip("NumPy is not built on OpenBLAS")
    before = threads.blas_threads(2)

    def task():
        for _ in range(200):
            with threads.one_blas_thread:
                pass

    many = [threading.Thread(target=task) for _ in range(4)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    with threads.one_blas_thread:
        assert threads.blas_threads(1) == 1
    assert threads.blas_threads(before) == 2


def test_no_cores_at_all_is_refused():
    with pytest.raises(ValueError, match="expected a positive number of threads, got 0"):
        threads.use_cores(0)
