"""The seed is set after the weights have been drawn."""
import torch

W = torch.randn(4, 2, requires_grad=True)
torch.manual_seed(0)
x = torch.randn(20, 4)
y = torch.randint(0, 2, (20,))
opt = torch.optim.Adam([W], lr=0.05)
for i in range(10):
    opt.zero_grad()
    torch.nn.functional.cross_entropy(x @ W, y).backward()
    opt.step()
