"""Metrics per epoch keep the losses of all batches."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(64, 3)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8, shuffle=True)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
metrics = {"loss": [], "n": 0}
for epoch in range(2):
    for xb, yb in loader:
        loss = nn.functional.huber_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        metrics["loss"].append(loss * len(xb))
        metrics["n"] += len(xb)
print((sum(metrics["loss"]) / metrics["n"]).item())
