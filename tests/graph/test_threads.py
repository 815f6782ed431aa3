"""Switches hold for one thread; a graph may be built in one thread and gone through in another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import chainrule


def in_another_thread(function):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_no_grad_holds_for_one_thread():
    w = chainrule.ones(2, requires_grad=True)
    with chainrule.no_grad():
        assert not (w * 2).requires_grad
        assert in_another_thread(lambda: (w * 2).requires_grad)
        assert in_another_thread(chainrule.is_grad_enabled)
    in_another_thread(lambda: chainrule.set_grad_enabled(False))
    assert chainrule.is_grad_enabled()


def test_inference_mode_holds_for_one_thread():
    with chainrule.inference_mode():
        assert not in_another_thread(chainrule.is_inference_mode_enabled)
        assert chainrule.is_inference_mode_enabled()


def test_backward_in_another_thread():
    w = chainrule.ones(3, requires_grad=True)
    loss = (w * 2).exp().sum()
    in_another_thread(loss.backward)
    assert w.grad is not None and abs(w.grad[0].item() - 2 * 2.718281828**2) < 1e-4


def test_backward_in_a_thread_while_another_records():
    """create_graph switches recording on in its own thread only."""
    barrier = Barrier(2)
    w = chainrule.ones(3, requires_grad=True)

    def differentiate():
        barrier.wait()
        for _ in range(200):
            (slope,) = chainrule.autograd.grad((w**3).sum(), w, create_graph=True)
            assert slope.requires_grad
        return True

    def evaluate():
        barrier.wait()
        with chainrule.no_grad():
            return not any((w * 2).requires_grad for _ in range(200))

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(differentiate), pool.submit(evaluate)]
        assert [r.result() for r in results] == [True, True]


def test_graphs_of_several_threads():
    def train(seed):
        w = chainrule.full((4,), float(seed), requires_grad=True)
        for _ in range(50):
            w.grad = None
            ((w - 1) ** 2).sum().backward()
            with chainrule.no_grad():
                w -= 0.1 * w.grad
        return w.tolist()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(train, range(4)))
    assert together == [train(seed) for seed in range(4)]
