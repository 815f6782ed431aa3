import torch
from torch import nn

torch.manual_seed(0)
layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True)
head = nn.Linear(8, 2)
opt = torch.optim.AdamW([*layer.parameters(), *head.parameters()], lr=3e-3)
x = torch.randn(12, 6, 8)
y = (x[:, 0, 0] > 0).long()
for _ in range(10):
    loss = nn.functional.cross_entropy(head(layer(x).mean(1)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
