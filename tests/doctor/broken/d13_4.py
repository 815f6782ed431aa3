"""Squeezed sigmoid outputs in a class."""
import torch


class Spam(torch.nn.Module):
    def __init__(self, words):
        super().__init__()
        self.emb = torch.nn.EmbeddingBag(words, 8)
        self.out = torch.nn.Linear(8, 1)

    def forward(self, text):
        return torch.sigmoid(self.out(self.emb(text))).squeeze(-1)


torch.manual_seed(0)
net = Spam(30)
text = torch.randint(0, 30, (25, 6))
spam = (text < 5).any(dim=1).float()
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for _ in range(10):
    opt.zero_grad()
    torch.nn.functional.binary_cross_entropy_with_logits(net(text), spam).backward()
    opt.step()
