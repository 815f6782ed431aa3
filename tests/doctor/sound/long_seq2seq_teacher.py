import torch
from torch import nn


class Seq2Seq(nn.Module):
    def __init__(self, v, h):
        super().__init__()
        self.emb = nn.Embedding(v, h)
        self.enc, self.dec = nn.GRU(h, h, batch_first=True), nn.GRU(h, h, batch_first=True)
        self.out = nn.Linear(h, v)

    def forward(self, src, tgt):
        _, h = self.enc(self.emb(src))
        y, _ = self.dec(self.emb(tgt), h)
        return self.out(y)


torch.manual_seed(0)
net = Seq2Seq(9, 12)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for step in range(12):
    src = torch.randint(1, 9, (16, 5))
    tgt = torch.cat([torch.zeros(16, 1, dtype=torch.long), src.flip(1)[:, :-1]], 1)
    logits = net(src, tgt)
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), src.flip(1))
    opt.zero_grad()
    loss.backward()
    opt.step()
net.eval()
with torch.no_grad():
    print(net(src[:1], tgt[:1]).argmax(-1))
