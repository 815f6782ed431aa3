"""Policy gradients with torch.distributions: REINFORCE on a bandit and a walk, a Gaussian policy with a critic."""

import torch
import torch.nn as nn
import torch.optim as optim
from torch.distributions import Bernoulli, Categorical, Normal, kl_divergence

torch.manual_seed(543)

# a bandit with four arms
payoff = torch.tensor([0.1, 0.9, 0.3, 0.5])
preferences = torch.zeros(4, requires_grad=True)
optimizer = optim.SGD([preferences], lr=0.5)
for step in range(40):
    policy = Categorical(logits=preferences)
    actions = policy.sample((16,))
    rewards = payoff[actions] + 0.1 * torch.randn(16)
    loss = -(policy.log_prob(actions) * (rewards - rewards.mean())).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(policy)
print("probabilities:", policy.probs.detach(), f"entropy {policy.entropy().item():.4f}")


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(2, 16)
        self.affine2 = nn.Linear(16, 2)
        self.saved_log_probs, self.rewards = [], []

    def forward(self, x):
        return torch.softmax(self.affine2(torch.relu(self.affine1(x))), dim=-1)


# stay near the middle while the ground tilts
policy = Policy()
optimizer = optim.Adam(policy.parameters(), lr=1e-2)
for episode in range(12):
    state = torch.zeros(2)
    for t in range(20):
        m = Categorical(policy(state))
        action = m.sample()
        policy.saved_log_probs.append(m.log_prob(action))
        push = 0.2 if action.item() == 1 else -0.2
        state = torch.tensor([state[0] + 0.5 * state[1], 0.9 * state[1] + push + 0.05])
        policy.rewards.append(1.0 - abs(state[0].item()))
    R, returns = 0.0, []
    for r in policy.rewards[::-1]:
        R = r + 0.95 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-7)
    policy_loss = torch.stack([-lp * R for lp, R in zip(policy.saved_log_probs, returns)]).sum()
    optimizer.zero_grad()
    policy_loss.backward()
    optimizer.step()
    if episode % 3 == 0:
        print(f"episode {episode}: reward {sum(policy.rewards):.3f} loss {policy_loss.item():.4f}")
    del policy.rewards[:], policy.saved_log_probs[:]

# a Gaussian policy and a critic
actor = nn.Linear(1, 1)
log_std = nn.Parameter(torch.zeros(1))
critic = nn.Linear(1, 1)
optimizer = optim.Adam([*actor.parameters(), log_std, *critic.parameters()], lr=0.02)
for step in range(40):
    s = torch.rand(32, 1)
    dist = Normal(actor(s), log_std.exp())
    a = dist.sample()
    reward = -((a - 2 * s) ** 2)
    value = critic(s)
    advantage = reward - value
    loss = -(dist.log_prob(a) * advantage.detach()).mean() + advantage.pow(2).mean() - 0.01 * dist.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(f"step {step + 1}: reward {reward.mean().item():.4f} std {log_std.exp().item():.4f}")
print(f"{kl_divergence(Normal(0.0, 1.0), Normal(0.5, 2.0)).item():.5f}")
print(Bernoulli(torch.tensor([0.2, 0.8])).sample((5,)))
