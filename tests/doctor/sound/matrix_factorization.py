import torch

torch.manual_seed(0)
R = torch.randn(12, 2) @ torch.randn(2, 9)
mask = torch.rand(12, 9) < 0.7
U = (0.1 * torch.randn(12, 2)).requires_grad_()
V = (0.1 * torch.randn(9, 2)).requires_grad_()
opt = torch.optim.Adam([U, V], lr=0.05)
for _ in range(60):
    loss = ((U @ V.t() - R)[mask] ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
