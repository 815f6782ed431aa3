import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
V, D = 20, 6
u, v = nn.Embedding(V, D), nn.Embedding(V, D)
opt = torch.optim.SparseAdam([*u.parameters(), *v.parameters()], lr=0.05) if False else torch.optim.Adam([*u.parameters(), *v.parameters()], lr=0.05)
text = torch.randint(0, V, (200,)).sort().values
for step in range(20):
    i = torch.randint(0, 199, (32,))
    c, o = text[i], text[i + 1]
    neg = torch.randint(0, V, (32, 4))
    good = F.logsigmoid((u(c) * v(o)).sum(1))
    bad = F.logsigmoid(-(v(neg) @ u(c).unsqueeze(2)).squeeze(2)).sum(1)
    loss = -(good + bad).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
