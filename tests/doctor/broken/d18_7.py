"""A transformer encoder's dropout is on while predicting."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.TransformerEncoderLayer(6, 2, 12, dropout=0.3, batch_first=True), nn.Flatten(), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
x, xt = torch.randn(20, 4, 6), torch.randn(12, 4, 6)
y = (x[:, 0, 0] > 0).long()
for _ in range(6):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
with torch.no_grad():
    print(net(xt).argmax(1))
