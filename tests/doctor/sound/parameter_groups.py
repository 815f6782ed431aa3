import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 1))
decay = [p for n, p in net.named_parameters() if n.endswith("weight")]
rest = [p for n, p in net.named_parameters() if n.endswith("bias")]
opt = torch.optim.SGD([{"params": decay, "weight_decay": 1e-3}, {"params": rest, "lr": 0.02}], lr=0.05)
x = torch.randn(60, 5)
y = x[:, :2].sum(1, keepdim=True).tanh()
for i in range(20):
    opt.zero_grad()
    (net(x) - y).square().mean().backward()
    opt.step()
