"""The hidden state of a recurrent network is carried over with its history; the second backward fails."""
import torch
import torch.nn as nn

torch.manual_seed(0)
rnn = nn.RNN(3, 5, batch_first=True)
head = nn.Linear(5, 1)
opt = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.05)
hidden = torch.zeros(1, 4, 5)
for chunk in range(6):
    x = torch.randn(4, 7, 3)
    out, hidden = rnn(x, hidden)
    loss = ((head(out) - x[..., :1]) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
