"""Reversing digits: encoder GRU, Bahdanau attention, teacher forcing, packed batches, bleu-ish accuracy."""

import random
import torch
from torch import nn, optim, Tensor
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader, Dataset

PAD, SOS, EOS = 0, 1, 2
random.seed(0)
torch.manual_seed(0)


class Pairs(Dataset):
    def __init__(self, n):
        self.items = []
        for _ in range(n):
            s = [random.randint(3, 9) for _ in range(random.randint(2, 6))]
            self.items.append((torch.tensor(s + [EOS]), torch.tensor([SOS] + s[::-1] + [EOS])))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    src, trg = zip(*batch)
    return (
        pad_sequence(src, batch_first=True),
        torch.tensor([len(s) for s in src]),
        pad_sequence(trg, batch_first=True, padding_value=PAD),
    )


class Encoder(nn.Module):
    def __init__(self, v, e, h):
        super().__init__()
        self.emb = nn.Embedding(v, e, padding_idx=PAD)
        self.rnn = nn.GRU(e, h, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * h, h)

    def forward(self, x, n):
        packed = pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = pad_packed_sequence(out, batch_first=True, total_length=x.size(1))
        return out, torch.tanh(self.fc(torch.cat([h[-2], h[-1]], 1)))


class Attention(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.w = nn.Linear(3 * h, h)
        self.v = nn.Parameter(torch.empty(h))
        nn.init.uniform_(self.v, -0.1, 0.1)

    def forward(self, h, out, mask):
        e = torch.tanh(self.w(torch.cat([h.unsqueeze(1).expand(-1, out.size(1), -1), out], -1)))
        a = torch.einsum("bth,h->bt", e, self.v).masked_fill(~mask, -1e10)
        return a.softmax(1)


class Decoder(nn.Module):
    def __init__(self, v, e, h):
        super().__init__()
        self.emb = nn.Embedding(v, e, padding_idx=PAD)
        self.att = Attention(h)
        self.cell = nn.GRUCell(e + 2 * h, h)
        self.out = nn.Linear(h * 3, v)

    def forward(self, y, h, out, mask):
        a = self.att(h, out, mask)
        c = torch.bmm(a[:, None], out).squeeze(1)
        h = self.cell(torch.cat((self.emb(y), c), 1), h)
        return self.out(torch.cat((h, c), 1)), h, a


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = Encoder(10, 8, 16), Decoder(10, 8, 16)

    def forward(self, src, n, trg, forcing=0.5):
        out, h = self.enc(src, n)
        mask = src != PAD
        y = trg[:, 0]
        logits = torch.zeros(src.size(0), trg.size(1), 10)
        for t in range(1, trg.size(1)):
            logits[:, t], h, a = self.dec(y, h, out, mask)
            y = trg[:, t] if random.random() < forcing else logits[:, t].argmax(1)
        return logits, a


ds = Pairs(160)
dl = DataLoader(ds, batch_size=32, shuffle=True, collate_fn=collate)
net = Seq2Seq()
crit = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.05)
opt = optim.Adam(net.parameters(), 0.01)
sch = optim.lr_scheduler.OneCycleLR(opt, 0.02, epochs=6, steps_per_epoch=len(dl))
for ep in range(6):
    tot: float = 0
    for src, n, trg in dl:
        opt.zero_grad(set_to_none=True)
        logits, _ = net(src, n, trg)
        loss = crit(logits[:, 1:].reshape(-1, 10), trg[:, 1:].reshape(-1))
        loss.backward()
        g = nn.utils.clip_grad_norm_(net.parameters(), 1)
        opt.step()
        sch.step()
        tot += loss.item()
    print(f"{ep} {tot / len(dl):.4f} grad {g:.3f} lr {sch.get_last_lr()[0]:.5f}")
net.eval()
with torch.no_grad():
    src, n, trg = collate([ds[0], ds[1]])
    logits, a = net(src, n, trg, 0)
    print(logits[:, 1:].argmax(-1))
    print(a)
    print(trg)
