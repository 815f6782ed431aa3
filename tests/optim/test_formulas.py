"""Each optimizer's first steps, worked out from its paper's formula: θ₀ = 1, gradients 2, −1 (and 3 where a third tells more)."""

from math import sqrt

import pytest

import chainrule

LR = 0.1


def steps(name, gradients, dtype="float64", **how):
    w = chainrule.tensor([1.0], dtype=getattr(chainrule, dtype), requires_grad=True)
    optimizer = getattr(chainrule.optim, name)([w], lr=LR, **how)
    found = []
    for g in gradients:
        w.grad = chainrule.tensor([float(g)], dtype=w.dtype)
        optimizer.step()
        found.append(w.item())
    return found


def expect(found, *expected, rel=1e-12):
    assert found == pytest.approx(expected, rel=rel, abs=1e-15)


def test_sgd():
    expect(steps("SGD", [2, -1]), 1 - 0.2, 0.8 + 0.1)
    expect(steps("SGD", [2, -1], weight_decay=0.5), 1 - LR * 2.5, 0.75 - LR * (-1 + 0.375))
    expect(steps("SGD", [2, -1], maximize=True), 1.2, 1.1)


def test_sgd_with_momentum():
    """b₁ = g₁ (no dampening yet), b₂ = μ b₁ + (1 − d) g₂"""
    expect(steps("SGD", [2, -1], momentum=0.9), 0.8, 0.8 - LR * (0.9 * 2 - 1))
    expect(steps("SGD", [2, -1], momentum=0.9, dampening=0.5), 0.8, 0.8 - LR * (1.8 - 0.5))
    expect(steps("SGD", [2, -1], momentum=0.9, nesterov=True), 1 - LR * (2 + 1.8), 0.62 - LR * (-1 + 0.9 * 0.8))


def adam(gradients, decay=0.0, decoupled=False, amsgrad=False, eps=1e-8, b1=0.9, b2=0.999):
    x, m, v, top, found = 1.0, 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        if decoupled:
            x -= LR * decay * x
        else:
            g = g + decay * x
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        top = max(top, v)
        x -= LR * (m / (1 - b1**t)) / (sqrt((top if amsgrad else v) / (1 - b2**t)) + eps)
        found.append(x)
    return found


def test_adam():
    expect(steps("Adam", [2, -1, 3]), *adam([2, -1, 3]))
    expect(steps("Adam", [2, -1], weight_decay=0.5), *adam([2, -1], 0.5))
    expect(steps("Adam", [2, -1, 0.1], amsgrad=True), *adam([2, -1, 0.1], amsgrad=True))
    expect(steps("Adam", [2, -1], eps=0.1, betas=(0.5, 0.6)), *adam([2, -1], eps=0.1, b1=0.5, b2=0.6))


def test_adamw():
    expect(steps("AdamW", [2, -1, 3]), *adam([2, -1, 3], 0.01, decoupled=True))
    expect(steps("AdamW", [2, -1], weight_decay=0.5), *adam([2, -1], 0.5, decoupled=True))


def test_rmsprop():
    v1 = 0.01 * 4
    v2 = 0.99 * v1 + 0.01
    first = 1 - LR * 2 / (sqrt(v1) + 1e-8)
    expect(steps("RMSprop", [2, -1]), first, first + LR / (sqrt(v2) + 1e-8))
    m1 = 0.01 * 2
    expect(steps("RMSprop", [2], centered=True), 1 - LR * 2 / (sqrt(v1 - m1 * m1) + 1e-8))
    b1 = 2 / (sqrt(v1) + 1e-8)
    b2 = 0.5 * b1 - 1 / (sqrt(v2) + 1e-8)
    expect(steps("RMSprop", [2, -1], momentum=0.5), 1 - LR * b1, 1 - LR * b1 - LR * b2)


def test_adagrad():
    expect(steps("Adagrad", [2, -1], eps=0), 0.9, 0.9 + LR / sqrt(5))
    expect(steps("Adagrad", [2, -1], lr_decay=0.5, eps=0), 0.9, 0.9 + LR / 1.5 / sqrt(5))
    expect(steps("Adagrad", [2], initial_accumulator_value=5, eps=1), 1 - LR * 2 / (3 + 1))


def test_adadelta():
    eps, v1 = 1e-6, 0.1 * 4
    d1 = sqrt(eps) / sqrt(v1 + eps) * 2
    u1, v2 = 0.1 * d1 * d1, 0.9 * v1 + 0.1
    d2 = sqrt(u1 + eps) / sqrt(v2 + eps) * -1
    expect(steps("Adadelta", [2, -1]), 1 - LR * d1, 1 - LR * d1 - LR * d2)


def test_adamax():
    m1, u1 = 0.1 * 2, 2 + 1e-8
    m2, u2 = 0.9 * m1 - 0.1, max(0.999 * u1, 1 + 1e-8)
    first = 1 - LR / 0.1 * m1 / u1
    expect(steps("Adamax", [2, -1]), first, first - LR / (1 - 0.81) * m2 / u2)


def test_nadam():
    mu = [0.9 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in (1, 2, 3)]
    m1, v1 = 0.1 * 2, 0.001 * 4
    d1 = sqrt(v1 / 0.001) + 1e-8
    first = 1 - LR * ((1 - mu[0]) / (1 - mu[0]) * 2 / d1 + mu[1] / (1 - mu[0] * mu[1]) * m1 / d1)
    m2, v2 = 0.9 * m1 - 0.1, 0.999 * v1 + 0.001
    d2, p2 = sqrt(v2 / (1 - 0.999**2)) + 1e-8, mu[0] * mu[1]
    second = first - LR * ((1 - mu[1]) / (1 - p2) * -1 / d2 + mu[2] / (1 - p2 * mu[2]) * m2 / d2)
    expect(steps("NAdam", [2, -1]), first, second, rel=1e-7)  # Πμ is kept in single precision


def test_radam():
    """With β₂ = 0.999 the variance is not tractable before step 6: until then it is momentum, corrected for its start."""
    x, m, found = 1.0, 0.0, []
    for t, g in enumerate([2, -1, 3, 1, -2], 1):
        m = 0.9 * m + 0.1 * g
        x -= LR * m / (1 - 0.9**t)
        found.append(x)
    expect(steps("RAdam", [2, -1, 3, 1, -2]), *found)
    v = 0.0
    for g in [2, -1, 3, 1, -2, 1]:
        v = 0.999 * v + 0.001 * g * g
    m = 0.9 * m + 0.1 * 1
    limit = 2 / 0.001 - 1
    rho = limit - 2 * 6 * 0.999**6 / (1 - 0.999**6)
    r = sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
    x -= LR * r * (m / (1 - 0.9**6)) * sqrt(1 - 0.999**6) / (sqrt(v) + 1e-8)
    expect(steps("RAdam", [2, -1, 3, 1, -2, 1])[-1:], x)


def test_rprop():
    """0.1 forward; the sign turns: half the step size and no move; then on with it; the same sign again: 1.2 times it."""
    expect(steps("Rprop", [2, -1, -1, -1]), 0.9, 0.9, 0.95, 1.01)


def test_asgd():
    lambd, eta2 = 1e-4, LR / (1 + 1e-4 * LR) ** 0.75
    first = 1 - LR * (2 + lambd)
    expect(steps("ASGD", [2, -1]), first, first * (1 - lambd * eta2) + eta2, rel=1e-7)  # η is kept in single precision


def test_asgd_averages():
    w = chainrule.tensor([1.0], dtype=chainrule.float64, requires_grad=True)
    optimizer = chainrule.optim.ASGD([w], lr=LR, lambd=0.0, alpha=0.0, t0=0)
    seen = []
    for g in (2.0, -1.0, 3.0):
        w.grad = chainrule.tensor([g], dtype=w.dtype)
        optimizer.step()
        seen.append(w.item())
    assert optimizer.state[w]["ax"].item() == pytest.approx((seen[1] + seen[2]) / 2)  # averaging starts at step 2


def test_every_optimizer_goes_downhill():
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"):
        w = chainrule.tensor([3.0, -2.0], requires_grad=True)
        optimizer = getattr(chainrule.optim, name)([w], lr=0.1)
        losses = []
        for _ in range(30):
            optimizer.zero_grad()
            loss = ((w - 1) ** 2).sum()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0] and sorted(losses[:5], reverse=True) == losses[:5], name
