"""Training steps as programs write them: compiled, they do what they do otherwise, and which compile whole is known.

Each builder gives a step and the tensors it changes.
"""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels
from chainrule.nn import functional as F

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
BUILDERS = {}


def builder(function):
    BUILDERS[function.__name__] = function
    return function


def train(model, loss_of, make=None, after=None):
    """A step of an optimizer on ``loss_of()``; ``after`` is called between the backward pass and the update."""
    parts = [model] if isinstance(model, nn.Module) else list(model)
    params = [p for m in parts for p in (m.parameters() if isinstance(m, nn.Module) else [m])]
    state = [b for m in parts if isinstance(m, nn.Module) for b in m.buffers()]
    optimizer = (make or (lambda p: torch.optim.SGD(p, lr=0.05)))(params)

    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        if after:
            after(params)
        optimizer.step()
        return loss

    return step, params + state


def mlp(*extra):
    return nn.Sequential(nn.Linear(5, 8), *extra, nn.Tanh(), nn.Linear(8, 3))


def data(out=3):
    return torch.randn(6, 5), torch.randn(6, out)


@builder
def logistic_regression():
    model, (x, _) = nn.Linear(5, 1), data()
    y = (torch.rand(6, 1) > 0.5).float()
    return train(model, lambda: F.binary_cross_entropy_with_logits(model(x), y))


@builder
def probabilities():
    model, (x, _) = nn.Sequential(nn.Linear(5, 1), nn.Sigmoid()), data()
    y = (torch.rand(6, 1) > 0.5).float()
    return train(model, lambda: F.binary_cross_entropy(model(x), y))


@builder
def softmax_regression():
    model, (x, _) = nn.Linear(5, 4), data()
    y = torch.randint(0, 4, (6,))
    return train(model, lambda: F.cross_entropy(model(x), y, label_smoothing=0.1))


@builder
def weighted_classes():
    model, (x, _) = nn.Linear(5, 4), data()
    y, w = torch.randint(0, 4, (6,)), torch.tensor([1.0, 2.0, 0.5, 1.0])
    return train(model, lambda: F.nll_loss(F.log_softmax(model(x), 1), y, w))


@builder
def dropout():
    model, (x, y) = mlp(nn.Dropout(0.5)), data()
    return train(model, lambda: F.mse_loss(model(x), y))


@builder
def batch_norm():
    model, (x, y) = mlp(nn.BatchNorm1d(8)), data()
    return train(model, lambda: F.mse_loss(model(x), y))


@builder
def batch_norm_in_eval():
    model, (x, y) = mlp(nn.BatchNorm1d(8)).eval(), data()
    return train(model, lambda: F.mse_loss(model(x), y))


@builder
def layer_norm():
    model, (x, y) = mlp(nn.LayerNorm(8), nn.GELU()), data()
    return train(model, lambda: F.smooth_l1_loss(model(x), y))


@builder
def rms_norm():
    model, (x, y) = mlp(nn.RMSNorm(8), nn.GELU("tanh")), data()
    return train(model, lambda: F.huber_loss(model(x), y))


@builder
def group_norm():
    model, (x, y) = mlp(nn.GroupNorm(2, 8), nn.SiLU()), data()
    return train(model, lambda: F.l1_loss(model(x), y))


@builder
def autoencoder():
    code, back = nn.Linear(5, 2), nn.Linear(2, 5)
    x, _ = data()
    return train([code, back], lambda: F.mse_loss(back(F.relu(code(x))), x))


@builder
def variational_autoencoder():
    code, back = nn.Linear(5, 4), nn.Linear(2, 5)
    x, _ = data()

    def loss():
        mean, spread = code(x).chunk(2, dim=1)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * spread)
        distance = -0.5 * (1 + spread - mean.pow(2) - spread.exp()).sum()
        return F.mse_loss(back(z), x, reduction="sum") + distance

    return train([code, back], loss, lambda p: torch.optim.Adam(p, lr=0.01))


@builder
def matrix_factorisation():
    users, items = nn.Embedding(5, 3), nn.Embedding(7, 3)
    u, i, r = torch.randint(0, 5, (6,)), torch.randint(0, 7, (6,)), torch.randn(6)
    return train([users, items], lambda: F.mse_loss((users(u) * items(i)).sum(1), r))


@builder
def recurrent_by_hand():
    inner, outer, x, y = nn.Linear(8, 5), nn.Linear(5, 1), torch.randn(4, 6, 3), torch.randn(4, 1)

    def loss():
        h = torch.zeros(4, 5)
        for t in range(6):
            h = torch.tanh(inner(torch.cat([x[:, t], h], dim=1)))
        return F.mse_loss(outer(h), y)

    return train([inner, outer], loss)


@builder
def recurrent_with_two_matrices():
    a, b, outer = nn.Linear(3, 5), nn.Linear(5, 5, bias=False), nn.Linear(5, 1)
    x, y = torch.randn(4, 6, 3), torch.randn(4, 1)

    def loss():
        h = torch.zeros(4, 5)
        for t in range(6):
            h = torch.tanh(a(x[:, t]) + b(h))
        return F.mse_loss(outer(h), y)

    return train([a, b, outer], loss)


class Block(nn.Module):
    """A block of a transformer."""

    def __init__(self, d, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))
        self.norm, self.second = nn.LayerNorm(d), nn.LayerNorm(d)
        self.wide, self.narrow = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x):
        n, length, d = x.shape
        z = self.norm(x)
        q, k, v = (f(z).view(n, length, self.heads, d // self.heads).transpose(1, 2) for f in (self.query, self.key, self.value))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.out(y.transpose(1, 2).reshape(n, length, d))
        return x + self.narrow(F.gelu(self.wide(self.second(x))))


@builder
def transformer_encoder():
    block, x, y = Block(8, 2, False), torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    return train(block, lambda: F.mse_loss(block(x), y))


@builder
def language_model():
    words, places, block, head = nn.Embedding(11, 8), nn.Parameter(torch.randn(5, 8)), Block(8, 2, True), nn.Linear(8, 11)
    x, y = torch.randint(0, 11, (2, 5)), torch.randint(0, 11, (2, 5))

    def loss():
        h = block(words(x) + places)
        return F.cross_entropy(head(h).view(-1, 11), y.view(-1))

    return train([words, places, block, head], loss)


@builder
def attention_by_hand():
    model, x, y = nn.Linear(6, 18), torch.randn(2, 5, 6), torch.randn(2, 5, 6)
    hidden = torch.tril(torch.ones(5, 5)) == 0

    def loss():
        q, k, v = model(x).split(6, dim=2)
        scores = (q @ k.transpose(1, 2) / 6**0.5).masked_fill(hidden, float("-inf"))
        return F.mse_loss(F.softmax(scores, dim=-1) @ v, y)

    return train(model, loss)


@builder
def library_transformer():
    model = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    x, y = torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    return train(model, lambda: F.mse_loss(model(x), y))


@builder
def convolution():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
    x, y = torch.randn(2, 1, 6, 6), torch.randint(0, 3, (2,))
    return train(model, lambda: F.cross_entropy(model(x), y))


@builder
def library_lstm():
    model, head, x, y = nn.LSTM(3, 4), nn.Linear(4, 1), torch.randn(5, 2, 3), torch.randn(2, 1)
    return train([model, head], lambda: F.mse_loss(head(model(x)[0][-1]), y))


@builder
def two_losses():
    model, (x, y) = mlp(), data()
    return train(model, lambda: 0.7 * F.mse_loss(model(x), y) + 0.3 * F.l1_loss(model(x), y))


@builder
def clipped_norm():
    model, (x, y) = mlp(), data()
    return train(model, lambda: F.mse_loss(model(x), y), after=lambda p: nn.utils.clip_grad_norm_(p, 0.5))


@builder
def clipped_values():
    model, (x, y) = mlp(), data()
    return train(model, lambda: F.mse_loss(model(x), y), after=lambda p: nn.utils.clip_grad_value_(p, 0.01))


@builder
def accumulated():
    model, (x, y) = mlp(), data()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def step():
        optimizer.zero_grad()
        for i in range(2):
            loss = F.mse_loss(model(x[3 * i : 3 * i + 3]), y[3 * i : 3 * i + 3]) / 2
            loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


@builder
def averaged_weights():
    model, (x, y) = mlp(), data()
    means = [p.detach().clone() for p in model.parameters()]

    def keep(params):
        with torch.no_grad():
            for m, p in zip(means, params):
                m.mul_(0.9).add_(p, alpha=0.1)

    step, changed = train(model, lambda: F.mse_loss(model(x), y), after=keep)
    return step, changed + means


@builder
def penalties():
    model, (x, y) = mlp(), data()

    def loss():
        size = sum(p.abs().sum() for p in model.parameters())
        square = sum(p.pow(2).sum() for p in model.parameters())
        return F.mse_loss(model(x), y) + 1e-3 * size + 1e-2 * square + 1e-2 * model[0].weight.norm()

    return train(model, loss)


@builder
def accuracy_too():
    model, (x, _) = mlp(), data()
    y = torch.randint(0, 3, (6,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

    def step():
        optimizer.zero_grad()
        scores = model(x)
        loss = F.cross_entropy(scores, y)
        loss.backward()
        optimizer.step()
        return loss, (scores.argmax(1) == y).float().mean()

    return step, list(model.parameters())


@builder
def in_place():
    w, x = torch.randn(5, 3, requires_grad=True), torch.randn(6, 5)

    def step():
        h = x @ w
        h.relu_().add_(1.0)
        loss = h.pow(2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad = None
        return loss

    return step, [w]


@builder
def slices_written():
    w, x = torch.randn(5, 3, requires_grad=True), torch.randn(6, 5)

    def step():
        h = x @ w
        h[:, 0] = 0.0
        loss = h.pow(2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad = None
        return loss

    return step, [w]


@builder
def mixture():
    means, logs = nn.Parameter(torch.randn(4, 2)), nn.Parameter(torch.zeros(4))
    x = torch.randn(9, 2)

    def loss():
        distance = ((x[:, None] - means) ** 2).sum(-1)
        return -torch.logsumexp(F.log_softmax(logs, 0) - 0.5 * distance, 1).mean()

    return train([means, logs], loss)


@builder
def bilinear_and_einsum():
    model, (x, y) = nn.Bilinear(5, 5, 3), data()
    w = nn.Parameter(torch.randn(3, 3))
    return train([model, w], lambda: F.mse_loss(torch.einsum("ni,ij->nj", model(x, x), w), y))


@builder
def double_precision():
    model, (x, y) = mlp().double(), data()
    x, y = x.double(), y.double()
    return train(model, lambda: F.mse_loss(model(x), y))


def optimized(name, **settings):
    def build():
        model, (x, y) = mlp(), data()
        return train(model, lambda: F.mse_loss(model(x), y), lambda p: getattr(torch.optim, name)(p, **settings))

    return build


for name, settings in {
    "Adadelta": {}, "Adagrad": {"lr": 0.1}, "Adamax": {}, "NAdam": {}, "RAdam": {}, "RMSprop": {"centered": True}, "Rprop": {},
    "ASGD": {}, "Adam": {"maximize": True},
}.items():  # fmt: skip
    BUILDERS[name] = optimized(name, **settings)

IN_PARTS: set[str] = set()
AS_EVER = {"slices_written"}


def made(name):
    torch.manual_seed(0)
    return BUILDERS[name]()


def ran(step, changed, count):
    torch.manual_seed(1)
    found = []
    for _ in range(count):
        result = step()
        found.append([r.item() for r in (result if isinstance(result, tuple) else (result,))])
    return found, [t.detach().numpy().copy() for t in changed]


def compiled_alike(made):
    """The compiled step of (step, what it changes), once it has done in 20 calls what the plain one does."""
    expected, ends = ran(*made(), 20)
    function, changed = made()
    step = torch.compile(function)
    found, mine = ran(step, changed, 20)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-5)
    for a, b in zip(mine, ends):
        np.testing.assert_allclose(a, b, rtol=5e-3, atol=1e-4)
    return step


@pytest.mark.parametrize("name", BUILDERS)
def test_compiled_is_eager(name):
    step = compiled_alike(lambda: made(name))
    what = "as ever" if not step.compiled else "whole" if step.latest.machine.whole else "in parts"
    assert what == ("as ever" if name in AS_EVER else "in parts" if name in IN_PARTS else "whole"), step.report()
