"""Recurrent layers step after step: compiled whole, with the results and gradients of the kernels over whole sequences."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")

LAYERS = {
    "tanh": lambda: nn.RNN(3, 4),
    "relu": lambda: nn.RNN(3, 4, nonlinearity="relu"),
    "lstm": lambda: nn.LSTM(3, 4),
    "gru": lambda: nn.GRU(3, 4),
    "without biases": lambda: nn.GRU(3, 4, bias=False),
    "both ways": lambda: nn.LSTM(3, 4, bidirectional=True),
    "two layers, batch first": lambda: nn.RNN(3, 4, 2, batch_first=True),
}
USES = {
    "all steps": lambda y, last: (y * torch.arange(float(y.numel())).reshape(y.shape).sin()).sum(),
    "the last state": lambda y, last: sum((h * torch.arange(float(h.numel())).reshape(h.shape).cos()).sum() for h in last),
    "both": lambda y, last: y.pow(2).sum() + sum(h.sin().sum() for h in last),
}


@pytest.mark.parametrize(("name", "use"), [*[(name, "both") for name in LAYERS], ("lstm", "all steps"), ("lstm", "the last state")])
def test_is_what_the_kernels_compute(name, use):
    torch.manual_seed(0)
    layer, loss_of = LAYERS[name](), USES[use]
    batch = layer(torch.zeros(5, 5, 3))[1]
    parts = batch if isinstance(batch, tuple) else (batch,)
    shape = (2, 5, 3) if layer.batch_first else (5, 2, 3)
    x = torch.randn(shape, requires_grad=True)
    states = [torch.randn(h.shape[0], 2, 4, requires_grad=True) for h in parts]
    leaves = [x, *states, *layer.parameters()]
    found = [torch.zeros_like(leaf).detach() for leaf in leaves]

    def step():
        y, last = layer(x, tuple(states) if len(states) > 1 else states[0])
        loss = loss_of(y, last if isinstance(last, tuple) else (last,))
        for mine, d in zip(found, torch.autograd.grad(loss, leaves)):
            mine.copy_(d)
        return loss.detach()

    compiled = torch.compile(step)
    for _ in range(3):
        compiled()
    with torch.no_grad():
        x.copy_(torch.randn(shape))
    mine = [compiled().numpy(), *[d.numpy().copy() for d in found]]
    theirs = [step().numpy(), *[d.numpy() for d in found]]
    assert compiled.latest.machine.whole, compiled.report()
    for a, b in zip(mine, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(60, 2, 3), (20, 200, 3)])
def test_long_and_large_sequences_are_left_to_the_kernels(shape):
    layer, x = nn.LSTM(3, 40), torch.randn(shape)
    compiled = torch.compile(lambda: layer(x)[0].detach())
    for _ in range(3):
        compiled()
    assert compiled.compiled and not compiled.latest.machine.whole
