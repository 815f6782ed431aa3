import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
sentence = "the quick brown fox jumps over the lazy dog and the quick cat".split()
vocab = {w: i for i, w in enumerate(dict.fromkeys(sentence))}
pairs = [(vocab[a], vocab[b]) for a, b in zip(sentence, sentence[1:])] + [(vocab[b], vocab[a]) for a, b in zip(sentence, sentence[1:])]
inside, outside = nn.Embedding(len(vocab), 8), nn.Embedding(len(vocab), 8)
opt = torch.optim.Adam([*inside.parameters(), *outside.parameters()], lr=0.05)
centre, context = torch.tensor(pairs).t()
for _ in range(20):
    scores = inside(centre) @ outside.weight.t()
    loss = F.cross_entropy(scores, context)
    opt.zero_grad()
    loss.backward()
    opt.step()
