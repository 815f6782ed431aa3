import torch
from torch import nn

torch.manual_seed(0)
enc = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 3))
opt = torch.optim.Adam(enc.parameters(), lr=0.01)
crit = nn.TripletMarginLoss(margin=1.0)
for _ in range(12):
    a = torch.randn(20, 4)
    p, n = a + 0.1 * torch.randn(20, 4), torch.randn(20, 4)
    loss = crit(enc(a), enc(p), enc(n))
    opt.zero_grad()
    loss.backward()
    opt.step()
