"""Linear regression with several features: by hand with autograd, then with a module, then the exact solution."""

import torch
import torch.nn as nn

torch.manual_seed(0)

true_w = torch.tensor([2.0, -3.4, 0.7])
true_b = 4.2
X = torch.randn(200, 3)
y = X @ true_w + true_b + 0.01 * torch.randn(200)
print(X[:3])
print(y[:5])

# by hand
w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.1
for epoch in range(30):
    for i in range(0, 200, 50):
        xb, yb = X[i:i + 50], y[i:i + 50]
        loss = ((xb @ w + b - yb) ** 2).mean() / 2
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad.zero_()
    if epoch % 10 == 0:
        with torch.no_grad():
            print(f"epoch {epoch}, loss {float(((X @ w + b - y) ** 2).mean()):.6f}")
print("w =", w)
print("b =", b)
print(f"error in w: {(true_w - w.detach()).abs().max().item():.5f}")

# with a module
net = nn.Sequential(nn.Linear(3, 1))
net[0].weight.data.normal_(0, 0.01)
net[0].bias.data.fill_(0)
loss_fn = nn.MSELoss()
trainer = torch.optim.SGD(net.parameters(), lr=0.03)
for epoch in range(40):
    loss = loss_fn(net(X).squeeze(1), y)
    trainer.zero_grad()
    loss.backward()
    trainer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: loss = {loss.item():.5f}")
print(net)
print(net[0].weight.data, net[0].bias.data)

# exact
A = torch.cat([X, torch.ones(200, 1)], dim=1)
solution = torch.linalg.solve(A.T @ A, A.T @ y)
print("normal equations:", solution)
