"""Test accuracy with dropout still on."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(80, 4)
y = (x[:, 0] > 0).long()
xt = torch.randn(40, 4)
yt = (xt[:, 0] > 0).long()
for _ in range(20):
    opt.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    opt.step()
with torch.no_grad():
    print((model(xt).argmax(1) == yt).float().mean().item())
