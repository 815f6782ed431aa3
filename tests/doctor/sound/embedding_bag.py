import torch
from torch import nn

torch.manual_seed(0)
bag = nn.EmbeddingBag(25, 6, mode="mean")
fc = nn.Linear(6, 2)
docs = torch.randint(0, 25, (40, 5))
y = (docs.float().mean(1) > 12).long()
opt = torch.optim.SGD([*bag.parameters(), *fc.parameters()], lr=0.5)
for _ in range(15):
    loss = nn.functional.cross_entropy(fc(bag(docs)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
