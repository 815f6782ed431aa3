"""Two dead layers of a hand-made network."""
import torch

torch.manual_seed(0)
W1 = (torch.rand(5, 8) - 1.2).requires_grad_()
W2 = torch.randn(8, 2, requires_grad=True)
opt = torch.optim.SGD([W1, W2], lr=0.1)
x = torch.rand(30, 5)
y = torch.randint(0, 2, (30,))
for i in range(10):
    h = torch.nn.functional.relu(x @ W1 - 1)
    loss = torch.nn.functional.cross_entropy(h @ W2, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
