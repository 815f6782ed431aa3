"""Checkpoints: the same gradients, less kept, the same random numbers, and PyTorch's words where it cannot be."""

import warnings
import weakref

import pytest

import chainrule as cr
from chainrule.utils.checkpoint import checkpoint, checkpoint_sequential

BOTH = pytest.mark.parametrize("use_reentrant", [True, False], ids=["reentrant", "hooks"])


def x(t=cr):
    return t.tensor([1.0, 2.0, 3.0], requires_grad=True)


def net(t=cr):
    t.manual_seed(0)
    nn = t.nn
    return nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Tanh(), nn.Dropout(0.3), nn.Linear(4, 4), nn.GELU(), nn.Linear(4, 1))


@BOTH
def test_gradients_are_those_of_the_function(use_reentrant):
    plain, again = net(), net()
    a, b = x(), x()
    cr.manual_seed(1)
    plain(a.reshape(1, 3)).sum().backward()
    cr.manual_seed(1)
    y = checkpoint(again, b.reshape(1, 3), use_reentrant=use_reentrant)
    cr.rand(3)  # what is drawn between changes nothing
    y.sum().backward()
    assert a.grad.tolist() == b.grad.tolist()
    for p, q in zip(plain.parameters(), again.parameters()):
        assert p.grad.tolist() == q.grad.tolist()


@BOTH
def test_like_torch(use_reentrant):
    torch = pytest.importorskip("torch")

    def found(t):
        calls, a = [], x(t)

        def function(a, b):
            calls.append(t.is_grad_enabled())
            return (a * b).sin(), "kept as it is", b * 2

        b = x(t)
        y, word, z = t.utils.checkpoint.checkpoint(function, a, b, use_reentrant=use_reentrant)
        (y.sum() + z.sum()).backward()
        return calls, word, [round(v, 5) for v in (a.grad + b.grad).tolist()], type(y.grad_fn).__name__

    assert found(cr) == found(torch)


@BOTH
def test_random_numbers_afterwards(use_reentrant):
    w = cr.ones(5, requires_grad=True)
    cr.manual_seed(0)
    y = checkpoint(lambda w: cr.nn.functional.dropout(w, 0.5), w, use_reentrant=use_reentrant)
    expected = cr.get_rng_state().tolist()
    y.sum().backward()
    assert cr.get_rng_state().tolist() == expected
    assert w.grad.tolist() == y.tolist()  # the second mask was the first


def test_the_inside_is_not_kept():
    seen = []

    def function(a):
        inside = a * 2
        seen.append(weakref.ref(inside.array))
        return (inside * inside).sum()

    y = checkpoint(function, x(), use_reentrant=False)
    assert seen[0]() is None
    y.backward()
    assert len(seen) == 2


def test_in_other_ways_than_backward():
    a = x()
    y = checkpoint(lambda a, k: (a**k).sum(), a, k=3, use_reentrant=False)
    (slope,) = cr.autograd.grad(y, a, create_graph=True)
    assert slope.tolist() == [3, 12, 27]
    assert cr.autograd.grad(slope.sum(), a)[0].tolist() == [6, 12, 18]
    with pytest.raises(RuntimeError, match="When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad()"):
        cr.autograd.grad(checkpoint(lambda a: a * 2, a, use_reentrant=True).sum(), a)
    with pytest.raises(RuntimeError, match="is incompatible with .grad()"):
        checkpoint(lambda a: a * 2, a, use_reentrant=True).sum().backward(inputs=[a])


@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad")  # the inner one runs in the outer's no_grad
@BOTH
def test_nested(use_reentrant):
    def inner(a):
        return a.sin() * a

    def outer(a):
        return checkpoint(inner, a.exp(), use_reentrant=use_reentrant).sum()

    a, b = x(), x()
    outer(a).backward()
    checkpoint(outer, b, use_reentrant=use_reentrant).backward()
    assert b.grad.tolist() == a.grad.tolist()


@BOTH
def test_twice_through_the_same(use_reentrant):
    a, calls = x(), []
    y = checkpoint(lambda a: (calls.append(1), a.exp())[1], a, use_reentrant=use_reentrant).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert a.grad.tolist() == pytest.approx((2 * a.exp()).tolist()) and len(calls) == 3


def test_the_second_computation_stops_when_it_has_all():
    ends, a = [], x()

    def function(a):
        y = a.sin()
        ends.append(1)
        return y

    checkpoint(function, a, use_reentrant=False).sum().backward()
    assert len(ends) == 1
    with cr.utils.checkpoint.set_checkpoint_early_stop(False):
        y = checkpoint(function, a, use_reentrant=False)
    y.sum().backward()
    assert len(ends) == 3


def changing(first, then):
    calls = []

    def function(a):
        calls.append(1)
        return first(a) if len(calls) == 1 else then(a)

    return function


def test_what_is_not_the_same_again():
    error = cr.utils.checkpoint.CheckpointError
    fewer = changing(lambda a: a.sin().exp(), lambda a: a.sin())
    with pytest.raises(error, match="A different number of tensors was saved during the original forward and recomputation"):
        checkpoint(fewer, x(), use_reentrant=False).sum().backward()
    shorter = changing(lambda a: a.sin().exp(), lambda a: a[:2].sin().exp())
    with pytest.raises(error, match=r"tensor at position 0:\nsaved metadata: {'shape': torch.Size\(\[3\]\)") as said:
        checkpoint(shorter, x(), use_reentrant=False).sum().backward()
    assert "recomputed metadata: {'shape': torch.Size([2])" in str(said.value)
    fewer = changing(lambda a: a.sin().exp(), lambda a: a.sin())
    with pytest.raises(error, match=r"(?s)kept during forward:\n.*lambda a: a.sin\(\).exp\(\)"):
        checkpoint(fewer, x(), use_reentrant=False, debug=True).sum().backward()
    harmless = changing(lambda a: a.sin(), lambda a: a.sin().to(cr.float32))
    checkpoint(harmless, x(), use_reentrant=False, determinism_check="none").sum().backward()


def test_contexts_around_the_two_computations():
    log = []

    class Noted:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            log.append(self.name)

        def __exit__(self, *exc):
            pass

    y = checkpoint(lambda a: a.exp(), x(), use_reentrant=False, context_fn=lambda: (Noted("first"), Noted("second")))
    assert log == ["first"]
    y.sum().backward()
    assert log == ["first", "second"]


def test_refusals():
    torch = pytest.importorskip("torch")

    def said(t, attempt):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                attempt(t, t.utils.checkpoint)
            except Exception as error:
                return type(error).__name__, str(error).splitlines()[0]
            return "warned", [str(w.message)[:75] for w in warned]

    for attempt in (
        lambda t, c: c.checkpoint(t.sin, x(t)),
        lambda t, c: c.checkpoint(t.sin, x(t), use_reentrant=True, k=1),
        lambda t, c: c.checkpoint(t.sin, x(t), use_reentrant=True, debug=True),
        lambda t, c: c.checkpoint(t.sin, x(t).detach(), use_reentrant=True),
        lambda t, c: c.checkpoint(t.sin, x(t), use_reentrant=False, determinism_check="some"),
        lambda t, c: c.checkpoint_sequential([t.sin, t.cos], 2, x(t)),
    ):
        assert said(cr, attempt) == said(torch, attempt)
    with pytest.raises(RuntimeError, match="Only tuple of tensors is supported. Got Unsupported input type: list"):
        cr.utils.checkpoint.detach_variable([x()])


@BOTH
@pytest.mark.parametrize("segments", [1, 2, 3, 7])
def test_in_a_row(segments, use_reentrant):
    plain, again, a = net().eval(), net().eval(), x()
    plain(a.reshape(1, 3)).sum().backward()
    checkpoint_sequential(again, segments, a.reshape(1, 3), use_reentrant=use_reentrant).sum().backward()
    for p, q in zip(plain.parameters(), again.parameters()):
        assert cr.allclose(p.grad, q.grad)
    with pytest.raises(ValueError, match="7 functions cannot be cut into 8 segments"):
        checkpoint_sequential(again, 8, a, use_reentrant=use_reentrant)


def test_without_recording_nothing_is_prepared():
    with cr.no_grad():
        assert checkpoint(lambda a: a * 2, x(), use_reentrant=False).tolist() == [2, 4, 6]
        assert checkpoint(lambda a: a * 2, x(), use_reentrant=True).tolist() == [2, 4, 6]
