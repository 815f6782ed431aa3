"""The model is re-created by load_model after the optimizer was made."""
import torch
from torch import nn


def load_model(state):
    net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2))
    if state:
        net.load_state_dict(state)
    return net


torch.manual_seed(0)
net = load_model(None)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
net = load_model(net.state_dict())
x, y = torch.randn(12, 1, 8), torch.randint(0, 2, (12,))
for _ in range(5):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
