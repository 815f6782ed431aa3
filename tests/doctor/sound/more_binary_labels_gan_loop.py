import torch
from torch import nn

torch.manual_seed(0)
D = nn.Linear(2, 1)
opt = torch.optim.SGD(D.parameters(), lr=0.1)
crit = nn.BCEWithLogitsLoss()
for it in range(10):
    opt.zero_grad()
    real_loss = crit(D(torch.randn(16, 2) + 1), torch.ones(16, 1))
    real_loss.backward()
    fake_loss = crit(D(torch.randn(16, 2) - 1), torch.zeros(16, 1))
    fake_loss.backward()
    opt.step()
