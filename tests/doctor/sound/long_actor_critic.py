import torch
from torch import nn
from torch.distributions import Categorical


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 16)
        self.action, self.value = nn.Linear(16, 2), nn.Linear(16, 1)

    def forward(self, x):
        h = torch.relu(self.body(x))
        return Categorical(logits=self.action(h)), self.value(h)


torch.manual_seed(0)
net = Policy()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for episode in range(10):
    state, saved, rewards = torch.rand(2), [], []
    for t in range(6):
        dist, value = net(state)
        a = dist.sample()
        saved.append((dist.log_prob(a), value))
        rewards.append(float((state[0] > state[1]) == bool(a)))
        state = torch.rand(2)
    R, losses = 0.0, []
    for (logp, value), r in zip(reversed(saved), reversed(rewards)):
        R = r + 0.9 * R
        losses.append(-logp * (R - value.item()) + nn.functional.smooth_l1_loss(value, torch.tensor([R])))
    opt.zero_grad()
    torch.stack([l.sum() for l in losses]).sum().backward()
    opt.step()
