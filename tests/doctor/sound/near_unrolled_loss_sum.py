import torch
from torch import nn

torch.manual_seed(0)
cell = nn.LSTMCell(2, 6)
out = nn.Linear(6, 2)
opt = torch.optim.Adam([*cell.parameters(), *out.parameters()], lr=0.01)
seq = torch.randn(7, 4, 2).cumsum(0) * 0.3
for epoch in range(8):
    h = c = torch.zeros(4, 6)
    loss = 0
    for t in range(6):
        h, c = cell(seq[t], (h, c))
        loss = loss + nn.functional.mse_loss(out(h), seq[t + 1])
    opt.zero_grad()
    loss.backward()
    opt.step()
