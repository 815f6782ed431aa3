import torch
from torch import nn

torch.manual_seed(0)
trunk, a, b = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 3)
opt = torch.optim.Adam([*trunk.parameters(), *a.parameters(), *b.parameters()], lr=0.01)
x = torch.randn(30, 4)
size, kind = x.norm(dim=1, keepdim=True), torch.randint(0, 3, (30,))
for _ in range(15):
    h = torch.relu(trunk(x))
    opt.zero_grad()
    nn.functional.mse_loss(a(h), size).backward(retain_graph=True)
    nn.functional.cross_entropy(b(h), kind).backward()
    opt.step()
