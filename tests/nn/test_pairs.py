"""ReLU and the max pooling behind it as one op, in `Sequential`, where nobody would notice but for the time it takes."""

import copy

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn


def value_and_gradient(model, x):
    x = x.clone().requires_grad_()
    y = model(x)
    y.backward(cr.cos(y.detach() + cr.arange(y.numel()).reshape(y.shape)))
    return y, x.grad


def ops(y):
    found, node = [], y.node
    while node is not None and node.op is not None:
        found.append(type(node.op).__name__)
        node = node.edges[0]
    return found


POOLS = [
    (nn.MaxPool1d(3), (4, 5, 2000)), (nn.MaxPool2d(2), (3, 8, 33, 40)), (nn.MaxPool2d(3, 2, 1), (3, 8, 33, 40)),
    (nn.MaxPool2d((2, 1), ceil_mode=True), (3, 8, 33, 40)), (nn.MaxPool3d(2), (2, 3, 14, 15, 16)), (nn.MaxPool2d(2), (8, 64, 64)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [cr.float32, cr.float64])
@pytest.mark.parametrize(("pool", "shape"), POOLS, ids=str)
def test_it_is_what_the_two_make_one_after_the_other(pool, shape, dtype):
    cr.manual_seed(0)
    x = cr.randn(*shape, dtype=dtype) - 0.5  # in some windows all is below 0
    x.view(-1)[7], x.view(-1)[30] = float("nan"), float("inf")
    joined = nn.Sequential(nn.ReLU(), pool)
    apart = copy.deepcopy(joined)
    apart[0].register_forward_hook(lambda *_: None)
    (y, dx), (theirs, their_dx) = value_and_gradient(joined, x), value_and_gradient(apart, x)
    assert ops(y) == ["RectifiedMaxPool"] and ops(theirs) == ["MaxPool", "Relu"]
    np.testing.assert_array_equal(y.detach().numpy(), theirs.detach().numpy())
    np.testing.assert_array_equal(dx.numpy(), their_dx.numpy())
    assert (y == 0).any() and dx.any()


def test_hooks_indices_and_writing_in_place_keep_them_apart():
    x = cr.randn(4, 8, 32, 32)
    assert ops(nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))(x.clone().requires_grad_())) == ["RectifiedMaxPool"]
    watched = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    seen = []
    watched[1].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    watched(x)
    assert (seen[0] >= 0).all()
    handle = nn.modules.module.register_module_forward_hook(lambda module, inputs, y: seen.append(y))
    nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))(x)
    handle.remove()
    assert len(seen) == 4
    written = x.clone()
    nn.Sequential(nn.ReLU(inplace=True), nn.MaxPool2d(2))(written)
    assert (written >= 0).all()
    replaced = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    replaced[0].forward = lambda input: input
    assert (replaced(x) < 0).any()
    _, places = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2, return_indices=True))(x)
    assert places.shape == (4, 8, 16, 16)
    few = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))(cr.randn(1, 1, 4, 4, requires_grad=True))
    assert ops(few) == ["MaxPool", "Relu"]


def test_modules_put_in_later_count():
    model = nn.Sequential()
    model.append(nn.ReLU())
    model.add_module("pool", nn.MaxPool2d(2))
    x = cr.randn(4, 8, 32, 32, requires_grad=True)
    assert ops(model(x)) == ["RectifiedMaxPool"]
    model.add_module("more", nn.ReLU())
    assert ops(model(x)) == ["Relu", "RectifiedMaxPool"]
    model[1] = nn.Flatten()
    assert model(x).shape == (4, 8 * 32 * 32)


def test_a_compiled_step_of_a_convolutional_network_does_as_the_network(monkeypatch):
    """With images so large that poolings are left to the kernels of `ops`."""

    def trained(compiled, joined):
        cr.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 144, 3))
        optimizer = cr.optim.SGD(model.parameters(), lr=0.1)
        x, y = cr.randn(32, 1, 24, 24), cr.randint(0, 3, (32,))

        def step():
            optimizer.zero_grad()
            h = model[0](x)
            h = model[1:3](h) if joined else nn.functional.max_pool2d(nn.functional.relu(h), 2)
            loss = nn.functional.cross_entropy(model[4](model[3](h)), y)
            loss.backward()
            optimizer.step()
            return loss

        run = cr.compile(step) if compiled else step
        losses = [run().item() for _ in range(8)]
        assert not compiled or run.compiled
        return losses

    expected = trained(False, False)
    for compiled, joined in [(False, True), (True, False), (True, True)]:
        np.testing.assert_allclose(trained(compiled, joined), expected, rtol=1e-4)
