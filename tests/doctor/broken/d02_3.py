"""Gradients are set to None by hand, a line too early."""
import torch

torch.manual_seed(5)
W = torch.randn(3, 2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.RMSprop([W, b], lr=0.01)
X = torch.randn(30, 3)
T = torch.randint(0, 2, (30,))
for it in range(15):
    scores = X @ W + b
    loss = torch.nn.functional.cross_entropy(scores, T)
    loss.backward()
    for p in (W, b):
        p.grad = None
    optimizer.step()
