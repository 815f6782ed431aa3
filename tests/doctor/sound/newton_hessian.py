import torch

p = torch.tensor([1.5, -0.5], requires_grad=True)


def f(p):
    return (p[0] - 1) ** 4 + (p[1] + 2) ** 2 + p[0] * p[1]


for _ in range(5):
    H = torch.autograd.functional.hessian(f, p)
    g = torch.autograd.functional.jacobian(f, p)
    p = (p - torch.linalg.solve(H, g)).detach().requires_grad_()
print(p)
