import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
log_std = nn.Parameter(torch.zeros(1))
opt = torch.optim.Adam([*policy.parameters(), log_std], lr=0.01)
for it in range(10):
    s = torch.randn(32, 2)
    dist = Normal(policy(s).squeeze(1), log_std.exp())
    a = dist.sample()
    reward = -(a - s.sum(1)) ** 2
    adv = (reward - reward.mean()) / (reward.std() + 1e-8)
    loss = -(dist.log_prob(a) * adv).mean() - 0.01 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
