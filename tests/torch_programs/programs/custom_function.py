"""Own autograd functions: Legendre's P3, a straight-through estimator, a clipped gradient, several in- and outputs."""

import math

import torch
from torch.autograd import Function, gradcheck, gradgradcheck


class LegendrePolynomial3(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input ** 3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input ** 2 - 1)


P3 = LegendrePolynomial3.apply
x = torch.linspace(-math.pi, math.pi, 400, dtype=torch.float)
y = torch.sin(x)
a = torch.full((), 0.0, requires_grad=True)
b = torch.full((), -1.0, requires_grad=True)
c = torch.full((), 0.0, requires_grad=True)
d = torch.full((), 0.3, requires_grad=True)
for t in range(400):
    loss = (a + b * P3(c + d * x) - y).pow(2).sum()
    if t % 100 == 99:
        print(t, f"{loss.item():.4f}")
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 2e-5 * p.grad
            p.grad = None
print(f"Result: y = {a.item():.4f} + {b.item():.4f} * P3({c.item():.4f} + {d.item():.4f} x)")

z = torch.tensor([0.1, -0.7, 1.3], dtype=torch.float64, requires_grad=True)
print(P3(z))
print("gradcheck:", gradcheck(P3, (z,)), gradgradcheck(P3, (z,)))


class Round(Function):
    """Round forward, identity backward."""

    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, g):
        return g


w = torch.tensor([0.2, 1.7, -2.4], requires_grad=True)
q = Round.apply(w)
(q * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
print(q, w.grad)


class ScaleAndShift(Function):
    @staticmethod
    def forward(ctx, x, scale, shift, factor):
        ctx.save_for_backward(x, scale)
        ctx.factor = factor
        return x * scale * factor, x + shift

    @staticmethod
    def backward(ctx, g_scaled, g_shifted):
        x, scale = ctx.saved_tensors
        grad_x = g_scaled * scale * ctx.factor + g_shifted
        grad_scale = (g_scaled * x * ctx.factor).sum() if ctx.needs_input_grad[1] else None
        return grad_x, grad_scale, g_shifted.sum(), None


x = torch.tensor([1.0, 2.0], requires_grad=True)
scale = torch.tensor(3.0, requires_grad=True)
shift = torch.tensor(0.5, requires_grad=True)
u, v = ScaleAndShift.apply(x, scale, shift, 10)
print(u, v)
(u.sum() + (v ** 2).sum()).backward()
print(x.grad, scale.grad, shift.grad)

try:
    gradcheck(Round.apply, (z,))
except Exception as error:
    print(type(error).__name__)
