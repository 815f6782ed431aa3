"""Tag words with a bidirectional two-layer LSTM: padded batches, ignore_index, dropout between layers, LSTMCell."""

import torch
import torch.nn as nn
import torch.optim as optim
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(1)
training_data = [
    ("The dog ate the apple".split(), ["DET", "NN", "V", "DET", "NN"]),
    ("Everybody read that book".split(), ["NN", "V", "DET", "NN"]),
    ("The book that everybody read won".split(), ["DET", "NN", "DET", "NN", "V", "V"]),
    ("Dogs won".split(), ["NN", "V"]),
]
word_to_ix, tag_to_ix = {}, {"DET": 0, "NN": 1, "V": 2}
for sentence, _ in training_data:
    for word in sentence:
        word_to_ix.setdefault(word.lower(), len(word_to_ix) + 1)
print(word_to_ix)
sentences = pad_sequence([torch.tensor([word_to_ix[w.lower()] for w in s]) for s, _ in training_data], batch_first=True)
tags = pad_sequence(
    [torch.tensor([tag_to_ix[t] for t in ts]) for _, ts in training_data], batch_first=True, padding_value=-1
)
lengths = torch.tensor([len(s) for s, _ in training_data])
print(sentences, tags)


class Tagger(nn.Module):
    def __init__(self, vocab, dim=6, hidden=6, n_tags=3):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, num_layers=2, bidirectional=True, dropout=0.1)
        self.hidden2tag = nn.Linear(2 * hidden, n_tags)

    def forward(self, sentence, lengths):
        embeds = self.word_embeddings(sentence).transpose(0, 1)
        packed = pack_padded_sequence(embeds, lengths, enforce_sorted=False)
        out, (h, c) = self.lstm(packed)
        out, _ = pad_packed_sequence(out)
        return self.hidden2tag(out).permute(1, 2, 0), h


model = Tagger(len(word_to_ix) + 1)
print(model.lstm, len(list(model.lstm.parameters())))
loss_function = nn.CrossEntropyLoss(ignore_index=-1)
optimizer = optim.Adam(model.parameters(), lr=0.03)
for epoch in range(40):
    model.zero_grad()
    scores, h = model(sentences, lengths)
    loss = loss_function(scores, tags)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch}: {loss.item():.5f}")
model.eval()
with torch.no_grad():
    scores, h = model(sentences, lengths)
print(scores.shape, h.shape)
print(scores.argmax(1)[:, :4])

packed = pack_sequence([torch.ones(3, 1), torch.ones(2, 1)])
print(packed.data.shape, packed.batch_sizes)
cell = nn.LSTMCell(4, 5)
hx, cx = torch.zeros(2, 5), torch.zeros(2, 5)
for step in range(3):
    hx, cx = cell(torch.ones(2, 4) * step, (hx, cx))
print(hx[0], cx[0])
