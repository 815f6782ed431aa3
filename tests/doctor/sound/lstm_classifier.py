import torch
import torch.nn as nn


class Sentiment(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, 6)
        self.lstm = nn.LSTM(6, 8, batch_first=True)
        self.out = nn.Linear(8, 2)

    def forward(self, ids):
        _, (h, _) = self.lstm(self.embed(ids))
        return self.out(h[-1])


torch.manual_seed(0)
ids = torch.randint(0, 20, (30, 7))
y = (ids < 4).any(1).long()
net = Sentiment(20)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(8):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(ids), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
