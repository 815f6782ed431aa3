import torch

x = torch.linspace(-1, 1, 4)
w = torch.tensor(0.999, requires_grad=True)
h = x
for i in range(1500):
    h = torch.sin(h * w)
loss = (h ** 2).mean()
loss.backward()
