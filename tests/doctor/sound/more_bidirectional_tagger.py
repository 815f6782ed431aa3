import torch
from torch import nn

torch.manual_seed(0)
emb, rnn, out = nn.Embedding(15, 6, padding_idx=0), nn.LSTM(6, 5, bidirectional=True, batch_first=True), nn.Linear(10, 3)
params = [p for m in (emb, rnn, out) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=0.02)
ids = torch.randint(1, 15, (12, 6))
ids[:, 5] = 0
tags = ids % 3
tags[ids == 0] = -100
for _ in range(10):
    scores = out(rnn(emb(ids))[0])
    loss = nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
