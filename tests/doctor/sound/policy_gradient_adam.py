import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for episode in range(40):
    s = torch.randn(10, 4)
    dist = Categorical(logits=net(s))
    a = dist.sample()
    reward = (a == s[:, :3].argmax(1)).float() * (1 + episode)
    loss = -(dist.log_prob(a) * reward).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
