"""The step comes first and uses the gradient of the iteration before."""
import torch

torch.manual_seed(1)
w = torch.zeros(4, requires_grad=True)
optimizer = torch.optim.Adam([w], lr=0.05)
features = torch.randn(25, 4)
prices = features @ torch.tensor([1.0, 2.0, 3.0, 4.0])
for i in range(12):
    loss = ((features @ w - prices) ** 2).mean()
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
