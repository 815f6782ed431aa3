import torch

torch.manual_seed(0)
prefs = torch.zeros(4, requires_grad=True)
opt = torch.optim.SGD([prefs], lr=0.2)
payoff = torch.tensor([0.1, 0.5, 0.2, 0.9])
baseline = 0.0
for episode in range(30):
    dist = torch.distributions.Categorical(logits=prefs)
    action = dist.sample()
    reward = (torch.rand(()) < payoff[action]).float().item()
    baseline += 0.1 * (reward - baseline)
    loss = -(reward - baseline) * dist.log_prob(action)
    opt.zero_grad()
    loss.backward()
    opt.step()
