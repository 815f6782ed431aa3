"""LSTM language model whose training function zeroes the gradients only every epoch."""
import torch
from torch import nn

torch.manual_seed(0)
emb, rnn, out = nn.Embedding(8, 6), nn.LSTM(6, 10, batch_first=True), nn.Linear(10, 8)
params = [p for m in (emb, rnn, out) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=0.01)
text = torch.randint(0, 8, (80,))
for epoch in range(2):
    opt.zero_grad()
    for i in range(0, 60, 20):
        x, y = text[None, i:i + 20], text[None, i + 1:i + 21]
        logits = out(rnn(emb(x))[0])
        nn.functional.cross_entropy(logits.transpose(1, 2), y).backward()
        opt.step()
