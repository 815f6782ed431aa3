"""What one process writes into shared memory, others read; nothing stays behind."""

import gc
import os
from multiprocessing.reduction import ForkingPickler

import pytest

import chainrule as cr
from chainrule.tensors import shared


def test_a_shared_tensor_is_sent_by_name():
    w = cr.nn.Parameter(cr.arange(6.0).reshape(2, 3)).share_memory_()
    assert w.is_shared() and not cr.ones(2).is_shared()
    twin = ForkingPickler.loads(ForkingPickler.dumps(w))
    assert (type(twin), twin.requires_grad, twin.is_shared()) == (cr.nn.Parameter, True, True)
    with cr.no_grad():
        twin[0, 0] = 7
    assert w[0, 0].item() == 7
    assert ForkingPickler.loads(ForkingPickler.dumps(w.detach()[1])).tolist() == [3, 4, 5]


def test_others_are_copied():
    x = cr.zeros(2)
    twin = ForkingPickler.loads(ForkingPickler.dumps(x))
    twin[0] = 1
    assert x.tolist() == [0, 0]


def test_a_module_shares_parameters_and_buffers_and_trains_on():
    model = cr.nn.Sequential(cr.nn.Linear(2, 2), cr.nn.BatchNorm1d(2)).share_memory()
    assert all(t.is_shared() for t in (*model.parameters(), *model.buffers()))
    optimizer = cr.optim.SGD(model.parameters(), lr=0.1)
    model(cr.randn(4, 2)).square().sum().backward()
    optimizer.step()
    assert all(p.is_shared() for p in model.parameters())


def test_the_file_goes_with_the_tensor():
    w = cr.zeros(3).share_memory_()
    path = shared.memory.owner(w.array).base.path
    assert os.path.exists(path)
    del w
    gc.collect()
    assert not os.path.exists(path)


def test_a_view_stays_with_its_base():
    with pytest.raises(RuntimeError, match="a view cannot be moved to shared memory"):
        cr.zeros(3)[1:].share_memory_()


def train(model):
    optimizer = cr.optim.SGD(model.parameters(), lr=0.1)
    model(cr.ones(1, 2)).sum().backward()
    optimizer.step()


@pytest.mark.slow
def test_a_child_trains_its_parents_model():
    cr.multiprocessing  # noqa: B018  (registers how tensors are sent)
    model = cr.nn.Linear(2, 1).share_memory()
    before = model.weight.tolist()
    child = cr.multiprocessing.get_context("spawn").Process(target=train, args=(model,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert model.weight.tolist()[0] == pytest.approx([w - 0.1 for w in before[0]])
