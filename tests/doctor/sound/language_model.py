import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
text = "hello world, hello there " * 6
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
emb = nn.Embedding(len(chars), 10)
lin = nn.Linear(10, len(chars))
opt = torch.optim.AdamW(list(emb.parameters()) + list(lin.parameters()), lr=0.05)
for step in range(30):
    i = torch.randint(0, len(ids) - 9, (8,))
    xb = torch.stack([ids[k:k + 8] for k in i])
    yb = torch.stack([ids[k + 1:k + 9] for k in i])
    logits = lin(emb(xb))
    loss = F.cross_entropy(logits.view(-1, len(chars)), yb.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
probs = F.softmax(lin(emb(ids[:1])), dim=-1)
print(torch.multinomial(probs, 1).item())
