"""A second network is trained along, but only the first one's parameters are in the optimizer."""
import torch
from torch import nn


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Linear(8, 4)
        self.text = nn.Embedding(10, 4)

    def forward(self, img, txt):
        return self.image(img) @ self.text(txt).t()


torch.manual_seed(0)
m = Pair()
opt = torch.optim.AdamW(m.image.parameters(), lr=0.01)
img, txt = torch.randn(10, 8), torch.arange(10)
for _ in range(8):
    opt.zero_grad()
    nn.functional.cross_entropy(m(img, txt), torch.arange(10)).backward()
    opt.step()
