import torch

v = torch.tensor(3.0, requires_grad=True)
a = v * 2
b = v ** 2
loss = a * b
loss.backward()
