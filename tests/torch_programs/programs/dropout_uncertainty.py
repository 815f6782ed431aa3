"""Monte Carlo dropout, an ensemble, early stopping, quantile loss, and evaluation by R squared."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(80)
x = torch.linspace(-2, 2, 80).unsqueeze(1)
y = x ** 3 / 4 + 0.2 * torch.randn_like(x)
index = torch.randperm(80)
train, valid = index[:60], index[60:]


def network():
    return nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Dropout(p=0.2), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best, self.bad = patience, float("inf"), 0

    def __call__(self, loss):
        self.bad = 0 if loss < self.best else self.bad + 1
        self.best = min(loss, self.best)
        return self.bad >= self.patience


model = network()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
stop = EarlyStopping(patience=12)
for epoch in range(80):
    model.train()
    optimizer.zero_grad()
    F.smooth_l1_loss(model(x[train]), y[train]).backward()
    optimizer.step()
    model.eval()
    with torch.no_grad():
        loss = F.mse_loss(model(x[valid]), y[valid]).item()
    if epoch % 15 == 0:
        print(f"epoch {epoch}: {loss:.5f}")
    if stop(loss):
        print("stopped")
        break
print(f"best {stop.best:.5f}")
model.train()
with torch.no_grad():
    samples = torch.stack([model(x[::20]) for _ in range(30)])
print("mean:", samples.mean(0).flatten())
print("std:", samples.std(0).flatten())
model.eval()
with torch.no_grad():
    residual = ((y - model(x)) ** 2).sum()
    total = ((y - y.mean()) ** 2).sum()
print(f"R2 = {1 - residual / total:.4f}")

quantiles = torch.tensor([0.1, 0.5, 0.9])
q_net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 3))
optimizer = torch.optim.RMSprop(q_net.parameters(), lr=0.01)
for epoch in range(60):
    error = y - q_net(x)
    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(f"quantile loss {loss.item():.5f}")
print("covered:", [f"{v:.3f}" for v in (y < q_net(x)).float().mean(0).tolist()])
print(F.dropout(torch.ones(10), p=0.5), F.dropout(torch.ones(4), training=False))
print(nn.Dropout2d(0.5)(torch.ones(1, 6, 2, 2)).sum((2, 3)))
