"""Sequence to sequence: a packed GRU encoder reads digits of several lengths, a GRU decoder writes them reversed."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(4)
PAD, SOS, EOS = 0, 1, 2
lengths = torch.randint(2, 6, (16,))
lengths, _ = lengths.sort(descending=True)
sources = [torch.randint(3, 9, (int(n),)) for n in lengths]
targets = [torch.cat([s.flip(0), torch.tensor([EOS])]) for s in sources]
source = pad_sequence(sources, batch_first=True, padding_value=PAD)
target = pad_sequence(targets, batch_first=True, padding_value=PAD)
print(lengths, source.shape, target.shape)
print(source[:2], target[-2:])


class Encoder(nn.Module):
    def __init__(self, vocab, emb, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb, padding_idx=PAD)
        self.gru = nn.GRU(emb, hidden, batch_first=True, bidirectional=True)
        self.join = nn.Linear(2 * hidden, hidden)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True)
        outputs, hidden = self.gru(packed)
        outputs, out_lengths = pad_packed_sequence(outputs, batch_first=True)
        assert torch.equal(out_lengths, lengths)
        return outputs, torch.tanh(self.join(torch.cat([hidden[0], hidden[1]], dim=1)))


class Decoder(nn.Module):
    def __init__(self, vocab, emb, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb)
        self.cell = nn.GRUCell(emb, hidden)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, token, hidden):
        hidden = self.cell(F.relu(self.embedding(token)), hidden)
        return F.log_softmax(self.out(hidden), dim=1), hidden


encoder, decoder = Encoder(9, 8, 20), Decoder(9, 8, 20)
print(encoder)
parameters = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(parameters, lr=0.01)
criterion = nn.NLLLoss(ignore_index=PAD)
for epoch in range(40):
    outputs, hidden = encoder(source, lengths)
    token = torch.full((16,), SOS, dtype=torch.long)
    loss = 0
    for t in range(target.size(1)):
        log_probs, hidden = decoder(token, hidden)
        if (target[:, t] != PAD).any():
            loss = loss + criterion(log_probs, target[:, t])
        token = target[:, t]  # teacher forcing
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 8 == 0:
        print(f"epoch {epoch}: loss {loss.item() / target.size(1):.4f}")

with torch.no_grad():
    outputs, hidden = encoder(source, lengths)
    print("encoder:", outputs.shape, f"{outputs.abs().sum():.3f}")
    print("beyond the shortest length:", outputs[-1, int(lengths[-1]):].abs().sum().item())
    token = torch.full((16,), SOS)
    decoded = []
    for _ in range(6):
        log_probs, hidden = decoder(token, hidden)
        token = log_probs.topk(1)[1].squeeze(1)
        decoded.append(token)
decoded = torch.stack(decoded, dim=1)
mask = target != PAD
print("right:", int((decoded[:, :target.size(1)] == target)[mask].sum()), "of", int(mask.sum()))
print("padding row:", encoder.embedding.weight[PAD], encoder.embedding.weight.grad[PAD].abs().sum())
