import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
rnn = nn.LSTM(3, 8, batch_first=True)
fc = nn.Linear(8, 4)
opt = torch.optim.Adam([*rnn.parameters(), *fc.parameters()], lr=0.02)
x = torch.randn(4, 10, 3)
target = torch.randint(1, 4, (4, 4))
for _ in range(8):
    logp = F.log_softmax(fc(rnn(x)[0]), -1).transpose(0, 1)
    loss = F.ctc_loss(logp, target, torch.full((4,), 10), torch.full((4,), 4))
    opt.zero_grad()
    loss.backward()
    opt.step()
