"""Three classes, Adam with lr=1."""
import torch
from torch import nn
torch.manual_seed(31)
c = torch.randn(3, 6); y = torch.randint(0, 3, (300,)); X = c[y] + 0.8 * torch.randn(300, 6)
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.Adam(net.parameters(), lr=1.0)
for ep in range(8):
    tot = 0
    for b in torch.randperm(300).split(30):
        opt.zero_grad(); l = nn.functional.cross_entropy(net(X[b]), y[b]); l.backward(); opt.step(); tot += l.item()
    print(ep, tot / 10)
