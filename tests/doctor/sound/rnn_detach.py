import torch
import torch.nn as nn

torch.manual_seed(0)
rnn = nn.GRU(2, 6, batch_first=True)
head = nn.Linear(6, 1)
opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.01)
hidden = None
for chunk in range(8):
    x = torch.randn(4, 5, 2)
    out, hidden = rnn(x, hidden)
    hidden = hidden.detach()
    loss = (head(out).squeeze(-1) - x.sum(-1)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
