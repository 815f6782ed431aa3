import torch

a = torch.arange(12.0).reshape(3, 4)
b = a.t() @ a
print(b.trace(), torch.linalg.eigvalsh(b))
x = torch.ones(2, 2, requires_grad=True)
z = 3 * (x + 2) ** 2
z.mean().backward()
print(x.grad)
