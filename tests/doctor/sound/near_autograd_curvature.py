import torch

torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
A = torch.randn(3, 3)
A = A @ A.t() + torch.eye(3)
f = 0.5 * w @ A @ w
(g,) = torch.autograd.grad(f, w, create_graph=True)
H = torch.stack([torch.autograd.grad(g[i], w, retain_graph=True)[0] for i in range(3)])
print(torch.allclose(H, A, atol=1e-5))
