import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x = torch.randn(60, 4)
y = x[:, :3].argmax(1)
for _ in range(20):
    loss = nn.functional.nll_loss(torch.log(net(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
