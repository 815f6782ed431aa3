"""Softmax written out by hand, then F.cross_entropy."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
W = (torch.randn(5, 4) * 0.1).requires_grad_()
X = torch.randn(30, 5)
T = torch.randint(0, 4, (30,))
opt = torch.optim.SGD([W], lr=0.5)
for i in range(12):
    e = torch.exp(X @ W)
    probs = e / e.sum(dim=1, keepdim=True)
    loss = F.cross_entropy(probs, T)
    opt.zero_grad()
    loss.backward()
    opt.step()
