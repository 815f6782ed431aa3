"""A first tour of tensors, as courses give it: creation, shapes, views, broadcasting, indexing, in-place, NumPy."""

import numpy as np
import torch

torch.manual_seed(0)
print(torch.tensor([[1, 2], [3, 4]]))
print(torch.tensor([1.5, -2.25, 1e-3]), torch.tensor(7), torch.tensor([True, False]))
print(torch.zeros(2, 3), torch.ones(2, dtype=torch.int32), torch.full((2, 2), 3.14))
print(torch.arange(10), torch.arange(1, 2, 0.25), torch.linspace(0, 1, 5), torch.eye(3))
print(torch.rand(2, 3), torch.randn(2, 3), torch.randint(0, 10, (5,)), torch.randperm(8))
print(torch.tensor([1e10, 1.0, 1e-10]), torch.tensor([float("nan"), float("inf"), 1.0]))
print(torch.arange(2000), torch.rand(40, 40).shape)
x = torch.arange(12, dtype=torch.float32).reshape(3, 4)
print(x, x.shape, x.size(0), x.numel(), x.dim(), x.dtype, x.stride(), x.is_contiguous())
print(x.t(), x.T.is_contiguous(), x.view(-1, 2), x.flatten()[:3], x.unsqueeze(0).shape, x[None].squeeze().shape)
print(x[1], x[:, 1], x[1, 2], x[1:, ::2], x[-1, -1], x[x > 5], x[[0, 2], [1, 3]])
x[0, :] = 12
x[1:, 2:] *= -1
print(x)
a = torch.arange(3).reshape(3, 1)
b = torch.arange(2).reshape(1, 2)
print(a + b, (a == b).sum(), a * 1.5, a / 2, a // 2, a % 2, -a, a ** 2)
print(torch.cat([x, x], dim=0).shape, torch.stack([x, x]).shape, torch.chunk(x, 2, dim=1), torch.split(x, [1, 2]))
print(x.sum(), x.sum(dim=0), x.mean(dim=1, keepdim=True), x.max(), x.max(dim=1), x.argmin(), x.cumsum(1)[0])
print(x.std(), x.var(dim=0, unbiased=False), x.prod(1), x.norm(), x.abs().sqrt()[0], x.clamp(min=0, max=5))
print(torch.matmul(x, x.T), x @ torch.ones(4), torch.dot(x[0], x[1]), torch.einsum("ij,kj->ik", x, x)[0])
print(torch.where(x > 0, x, torch.zeros_like(x)), torch.sort(torch.tensor([3, 1, 2]), descending=True))
print(torch.unique(torch.tensor([2, 1, 2, 3, 1])), torch.topk(torch.tensor([1.0, 5.0, 3.0]), 2))
Z = x.clone()
before = id(Z)
Z[:] = Z + 1
Z.add_(1).mul_(0.5)
print(id(Z) == before, Z)
v = x.view(4, 3)
v[0, 0] = 99
print(x[0, 0], v._base is x or v.data_ptr() == x.data_ptr())
n = x.numpy()
n[0, 1] = -7
print(x[0], type(n), torch.from_numpy(np.arange(3)), torch.from_numpy(np.ones(2)))
print(x[0, 0].item(), float(x[0, 0]), int(x[0, 1]), x[0].tolist(), len(x), bool(torch.tensor(1)))
print(torch.tensor([1, 2]).float(), torch.tensor([1.9, -1.9]).long(), torch.tensor([0, 2]).bool())
print((torch.tensor([1, 2]) + 1.5).dtype, (torch.tensor([1]) / 2).dtype, (torch.ones(1, dtype=torch.float64) + 1).dtype)
print(torch.tensor([1, 2, 3], dtype=torch.uint8), torch.tensor([1.0], dtype=torch.float64), torch.tensor([1 + 2j]))
print(torch.equal(x, x.clone()), torch.allclose(x, x + 1e-9), torch.isnan(torch.tensor([1.0, float("nan")])))
print(torch.triu(torch.ones(3, 3)), torch.tril(torch.ones(3, 3), diagonal=-1), torch.diag(torch.tensor([1, 2])))
print(x.expand(2, 3, 4).shape, x.repeat(2, 1).shape, x.permute(1, 0).shape, torch.flip(x, [0])[0], x.roll(1, 1)[0])
print(torch.gather(x, 1, torch.tensor([[0], [1], [2]])), torch.zeros(3).scatter_(0, torch.tensor([1]), 5.0))
print(torch.outer(torch.arange(3.0), torch.arange(2.0)), torch.meshgrid(a.flatten(), b.flatten(), indexing="ij")[0])
print(torch.exp(torch.tensor([0.0, 1.0])), torch.log(torch.tensor([1.0, 10.0])), torch.round(torch.tensor([0.5, 1.5])))
print(torch.empty(0), torch.zeros(0, 3), torch.Size([2, 3]), torch.float32, torch.device("cpu"), x.device)
print(f"{torch.tensor(3.14159):.2f}", f"{torch.tensor([1, 2])}", "%.3f" % torch.tensor(2.5), str(torch.tensor(1.0)))
for row in torch.arange(4).view(2, 2):
    print(row, row.sum().item())
for error in (lambda: torch.ones(2, 3) @ torch.ones(2, 3), lambda: torch.ones(2) + torch.ones(3), lambda: x.view(5, 5)):
    try:
        error()
    except RuntimeError as problem:
        print(str(problem).splitlines()[0][:60])
