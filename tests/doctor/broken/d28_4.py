"""An RNN whose recurrent weights are far too large, with ReLU."""
import torch
from torch import nn

torch.manual_seed(0)
rnn = nn.RNN(2, 8, nonlinearity="relu", batch_first=True)
nn.init.constant_(rnn.weight_hh_l0, 0.5)
head = nn.Linear(8, 1)
opt = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=1e-14)
x = torch.rand(6, 20, 2)
y = x.sum((1, 2)).unsqueeze(1)
for _ in range(6):
    out, _ = rnn(x)
    loss = nn.functional.mse_loss(head(out[:, -1]), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
