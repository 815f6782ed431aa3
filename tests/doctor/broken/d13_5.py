"""BCEWithLogitsLoss with pos_weight on sigmoid outputs, in a loader loop."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(60, 4)
y = (x[:, 0] > 1).float()
net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
for epoch in range(3):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True):
        p = net(xb).sigmoid().view(-1)
        opt.zero_grad()
        crit(p, yb).backward()
        opt.step()
