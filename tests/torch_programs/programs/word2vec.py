"""Skip-gram with negative sampling, then continuous bag of words with EmbeddingBag; nearest neighbours by cosine."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(13)
corpus = (
    "the king rules the land the queen rules the land the king loves the queen "
    "the dog chases the cat the cat chases the mouse the dog loves the cat"
).split()
vocab = {word: i for i, word in enumerate(dict.fromkeys(corpus))}
words = list(vocab)
ids = [vocab[w] for w in corpus]
pairs = torch.tensor([(ids[i], ids[j]) for i in range(len(ids)) for j in range(i - 2, i + 3)
                      if 0 <= j < len(ids) and i != j])
print(len(vocab), pairs.shape, pairs[:3].tolist())
frequency = torch.bincount(torch.tensor(ids)).float() ** 0.75


class SkipGram(nn.Module):
    def __init__(self, size, dim):
        super().__init__()
        self.center = nn.Embedding(size, dim)
        self.context = nn.Embedding(size, dim)
        nn.init.uniform_(self.center.weight, -0.5 / dim, 0.5 / dim)
        nn.init.zeros_(self.context.weight)

    def forward(self, center, context, negative):
        v = self.center(center)
        positive = (v * self.context(context)).sum(dim=1)
        negatives = torch.bmm(self.context(negative), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(positive) + F.logsigmoid(-negatives).sum(dim=1)).mean()


model = SkipGram(len(vocab), 8)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(40):
    negative = torch.multinomial(frequency, len(pairs) * 3, replacement=True).view(len(pairs), 3)
    loss = model(pairs[:, 0], pairs[:, 1], negative)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch}: {loss.item():.5f}")
vectors = F.normalize(model.center.weight.detach(), dim=1)
for word in ("king", "dog"):
    similarity = vectors @ vectors[vocab[word]]
    best = similarity.topk(3)
    print(word, [(words[i], round(s, 3)) for s, i in zip(best.values.tolist(), best.indices.tolist())])
print("cosine:", F.cosine_similarity(model.center.weight[0], model.center.weight[1], dim=0))

bag = nn.EmbeddingBag(len(vocab), 6, mode="mean")
out = nn.Linear(6, len(vocab))
optimizer = torch.optim.SGD([*bag.parameters(), *out.parameters()], lr=0.5)
context = torch.tensor([[ids[i - 2], ids[i - 1], ids[i + 1], ids[i + 2]] for i in range(2, len(ids) - 2)])
target = torch.tensor(ids[2:-2])
for epoch in range(20):
    loss = F.cross_entropy(out(bag(context)), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 5 == 0:
        print(f"cbow {epoch}: {loss.item():.5f}")
print(bag(torch.tensor([0, 1, 2, 3]), torch.tensor([0, 3])))
