import torch
from torch import nn

torch.manual_seed(0)
items = torch.randn(12, 5)
quality = items @ torch.tensor([1.0, 0.5, 0.0, -1.0, 0.2])
scorer = nn.Linear(5, 1)
opt = torch.optim.Adam(scorer.parameters(), lr=0.05)
for _ in range(25):
    s = scorer(items).squeeze(1)
    diff = s[:, None] - s[None, :]
    better = (quality[:, None] > quality[None, :]).float()
    loss = -(better * nn.functional.logsigmoid(diff)).sum() / better.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
