"""Fit sin(x) with a third-order polynomial: tensors, autograd, nn, optim, and a custom module."""

import math

import torch

x = torch.linspace(-math.pi, math.pi, 500)
y = torch.sin(x)
torch.manual_seed(7)

# tensors, gradients by hand
a, b, c, d = torch.randn(()), torch.randn(()), torch.randn(()), torch.randn(())
for t in range(301):
    y_pred = a + b * x + c * x ** 2 + d * x ** 3
    if t % 100 == 0:
        print(t, f"{(y_pred - y).pow(2).sum().item():.3f}")
    grad_y_pred = 2.0 * (y_pred - y)
    a -= 4e-6 * grad_y_pred.sum()
    b -= 4e-6 * (grad_y_pred * x).sum()
    c -= 4e-6 * (grad_y_pred * x ** 2).sum()
    d -= 4e-6 * (grad_y_pred * x ** 3).sum()
print(f"Result: y = {a.item():.4f} + {b.item():.4f} x + {c.item():.4f} x^2 + {d.item():.4f} x^3")

# nn and optim
p = torch.tensor([1, 2, 3])
xx = x.unsqueeze(-1).pow(p)
print(xx.shape, xx[0], xx[-1])
model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1))
loss_fn = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for t in range(400):
    loss = loss_fn(model(xx), y)
    if t % 100 == 99:
        print(t, f"{loss.item():.3f}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
linear = model[0]
print(f"bias {linear.bias.item():.4f}, weights {[round(v, 3) for v in linear.weight[0].tolist()]}")


class Polynomial3(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(()))
        self.b = torch.nn.Parameter(torch.randn(()))
        self.c = torch.nn.Parameter(torch.randn(()))
        self.d = torch.nn.Parameter(torch.randn(()))

    def forward(self, x):
        return self.a + self.b * x + self.c * x ** 2 + self.d * x ** 3

    def string(self):
        return f"y = {self.a.item():.4f} + {self.b.item():.4f} x + {self.c.item():.4f} x^2 + {self.d.item():.4f} x^3"


model = Polynomial3()
criterion = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=4e-6)
for t in range(301):
    loss = criterion(model(x), y)
    if t % 100 == 0:
        print(t, f"{loss.item():.3f}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"Result: {model.string()}")
print([name for name, _ in model.named_parameters()])
