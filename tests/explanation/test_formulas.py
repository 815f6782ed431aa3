"""The formulas told are no decoration: evaluated with the values told, they give the numbers told."""

import operator

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.graph.expr import Apply, Number, Symbol
from chainrule.nn import functional as F

INFIX = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "@": operator.matmul,
         "<=": operator.le, "==": operator.eq, "<": operator.lt, ">=": operator.ge, "&": np.logical_and, ">": operator.gt, "**": operator.pow, "neg": operator.neg}  # fmt: skip


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def cross_entropy(x, t):
    return -np.log(softmax(x)[np.arange(len(t)), t]).mean()


def along(name, x):
    """Σ₀ and its like: along the axes that the subscript names, or all."""
    word = name.rstrip("₀₁₂")
    axes = tuple("₀₁₂".index(c) for c in name[len(word) :]) or None
    if word == "softmax":
        return softmax(x, -1 if axes is None else axes[0])
    if word == "log_softmax":
        return np.log(softmax(x, axes[0]))
    if word == "stretch":
        return x if x.ndim == 2 else np.expand_dims(x, axes)  # sums keep their axes here
    return (np.sum if word == "Σ" else np.mean)(x, axes, keepdims=axes is not None)


class Evaluation:
    """An expression in numbers."""

    def __init__(self, told, shape):
        board, self.shape = told.board, shape
        quantities = [*board.quantities.values(), *board.constants]
        self.values = {q.name: np.asarray(q.value) for q in quantities}
        self.values |= {f"∂{told.loss.name}/∂{q.name}": q.gradient for q in quantities if q.gradient is not None}

    def of(self, e):
        if isinstance(e, Number):
            return e.value
        if isinstance(e, Symbol):
            if e.name == "𝟏":
                return np.ones(e.shape)
            if e.name.endswith("[0]"):
                return self.values[e.name[:-3]][0]
            top, _, below = e.name.partition("/")
            return float(top) / float(below) if top.isdigit() and below.isdigit() else self.values[e.name]
        assert isinstance(e, Apply)
        args = [self.of(a) for a in e.arguments]
        if isinstance(e.head, str):
            return args[0].T if e.head == "T" else abs(args[0]) if e.head == "abs" else INFIX[e.head](*args)
        name = getattr(e.head, "symbol", "") or type(e.head).__name__
        if name[0] == "Σ" or name.startswith(("mean", "stretch", "softmax", "log_softmax")):
            return along(name, args[0])
        if name == "onehot":
            return np.eye(int(args[0].max()) + 1)[args[0]]
        known = {"cross_entropy": cross_entropy, "⊗": np.outer}
        if name not in known and not hasattr(e.head, "compute"):
            raise KeyError(f"∂ {name}: shown by its name only")
        return known[name](*args) if name in known else e.head.compute(*map(np.asarray, args))


def neuron(each):
    x, y = torch.tensor(1.5), torch.tensor(2.0)
    w, b = torch.tensor(0.7, requires_grad=True), torch.tensor(-0.3, requires_grad=True)
    y_hat = torch.sigmoid(w * x + b)
    return torch.explain(-(y * torch.log(y_hat) + (1 - y) * torch.log(1 - y_hat)), each=each)


def curve(each):
    a, b = torch.tensor(1.2, requires_grad=True), torch.tensor(0.4, requires_grad=True)
    u = torch.exp(-a * b) + torch.sqrt(a)
    v = a / b - abs(b) * 3
    return torch.explain(torch.sin(u) * v**3 + torch.maximum(u, v), each=each)


def regression(each):
    X, Y = torch.tensor([1.0, 2, 3, 4]), torch.tensor([2.0, 4, 6, 9])
    w = torch.tensor(0.5, requires_grad=True)
    y_pred = torch.tanh(w * X)
    return torch.explain(((y_pred - Y) ** 2).mean(), each=each)


def classifier(each):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))
    x, t = torch.randn(5, 3), torch.tensor([0, 1, 2, 1, 1])
    return torch.explain(F.cross_entropy(model(x), t), each=each)


def regressor(each):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    x, y = torch.randn(5, 3), torch.randn(5, 2)
    return torch.explain(nn.MSELoss()(model(x), y), each=each)


def products(each):
    torch.manual_seed(0)
    a, b = (torch.randn(3, 3, requires_grad=True) for _ in range(2))
    return torch.explain((torch.relu(a @ b) * a.T).sum() * (b.mT @ a).mean(), each=each)


def vectors(each):
    torch.manual_seed(0)
    a, b, c = torch.randn(3, 3, requires_grad=True), torch.randn(3, 3), torch.randn(3, requires_grad=True)
    return torch.explain((a @ c).dot(c @ b) + (b @ c).sum() * c.softmax(0)[0], wrt=[a], each=each)


SCORES = {
    "bce": lambda u, t: F.binary_cross_entropy_with_logits(u * 2, t),
    "bce of probabilities": lambda u, t: F.binary_cross_entropy(torch.sigmoid(u), t),
    "l1": lambda u, t: F.l1_loss(u * 2, t),
    "huber": lambda u, t: F.huber_loss(u * 2, t),
    "kl": lambda u, t: F.kl_div(F.log_softmax(u, 1), t, reduction="batchmean"),
    "softmax": lambda u, t: (F.softmax(u, 1) * t).sum(),
    "log-softmax": lambda u, t: (F.log_softmax(u, 0) * t).mean(),
    "mean of an axis": lambda u, t: (u.mean(0) ** 2).sum(),
    "sum of an axis": lambda u, t: (u.sum(1) ** 2).mean(),
    "centred": lambda u, t: ((u - u.mean(0)) ** 2).sum(),
    "stretched": lambda u, t: ((t + u[0]) ** 2).mean(),
    "shares": lambda u, t: (u / u.sum(1, keepdim=True)).pow(2).sum(),
    "clamped": lambda u, t: u.clamp(-0.5, 0.5).pow(3).sum(),
    "chosen": lambda u, t: torch.where(u > 0, u * 2, u.exp()).sum(),
}


def score(name):
    def program(each):
        torch.manual_seed(0)
        u, t = torch.randn(4, 3, requires_grad=True), torch.rand(4, 3)
        return torch.explain(SCORES[name](u, t), each=each)

    program.__name__ = name
    return program


@pytest.mark.parametrize("each", [False, True], ids=["short formulas written in", "each operation"])
@pytest.mark.parametrize(
    "program", [neuron, curve, regression, classifier, regressor, products, vectors, *map(score, SCORES)]
)
def test_formulas_give_the_numbers(program, each):
    told = program(each)
    checked = 0

    def same(expression, shape, expected):
        try:
            found = np.asarray(Evaluation(told, shape).of(expression))
        except KeyError as unread:  # a factor ∂a/∂b that stands for itself
            assert "∂" in str(unread)
            return 0
        found = found.reshape(expected.shape) if found.size == expected.size else np.broadcast_to(found, expected.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        return 1

    for step in told.steps:
        checked += same(step.expression, step.shape, step.value)
        for d in step.locals:
            if d.listed or len(told.board.users(d.by)) == 1:
                checked += same(d.expression, d.by.shape, d.value if d.listed else d.by.gradient)
    for name, parameter in zip(told.names, told.parameters, strict=True):
        for way in told.paths[name]:
            checked += same(way.expression, parameter.shape, way.share)
    assert checked >= 2
