"""A mixture density network for a curve that bends back; log-sum-exp; sampling from the mixture."""

import math

import torch
import torch.nn as nn

torch.manual_seed(20)
t = torch.rand(150, 1)
x = t + 0.3 * torch.sin(2 * math.pi * t) + 0.05 * torch.randn(150, 1)


class MDN(nn.Module):
    def __init__(self, n_hidden, n_gaussians):
        super().__init__()
        self.z_h = nn.Sequential(nn.Linear(1, n_hidden), nn.Tanh())
        self.z_pi = nn.Linear(n_hidden, n_gaussians)
        self.z_mu = nn.Linear(n_hidden, n_gaussians)
        self.z_sigma = nn.Linear(n_hidden, n_gaussians)

    def forward(self, x):
        h = self.z_h(x)
        return torch.log_softmax(self.z_pi(h), dim=-1), self.z_mu(h), nn.functional.softplus(self.z_sigma(h)) + 1e-2


def loss_function(log_pi, mu, sigma, y):
    log_prob = -0.5 * ((y - mu) / sigma) ** 2 - sigma.log() - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(log_pi + log_prob, dim=1).mean()


model = MDN(12, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(80):
    loss = loss_function(*model(x), t)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(f"epoch {epoch}: {loss.item():.5f}")
with torch.no_grad():
    grid = torch.linspace(0, 1, 5).unsqueeze(1)
    log_pi, mu, sigma = model(grid)
    print(log_pi.exp())
    print(mu)
    print((log_pi.exp() * mu).sum(dim=1))
    k = torch.multinomial(log_pi.exp(), 1)
    print(k.flatten(), torch.normal(mu, sigma).gather(1, k).shape)

mixture = torch.distributions.MixtureSameFamily(
    torch.distributions.Categorical(logits=log_pi), torch.distributions.Normal(mu, sigma)
)
print(mixture.mean)
print(mixture.log_prob(torch.full((5,), 0.5)))
