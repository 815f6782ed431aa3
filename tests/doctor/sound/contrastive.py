import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(enc.parameters(), lr=0.01)
for step in range(15):
    base = torch.randn(16, 6)
    a = F.normalize(enc(base + 0.1 * torch.randn(16, 6)), dim=1)
    b = F.normalize(enc(base + 0.1 * torch.randn(16, 6)), dim=1)
    logits = a @ b.t() / 0.2
    loss = F.cross_entropy(logits, torch.arange(16))
    opt.zero_grad()
    loss.backward()
    opt.step()
