import torch

torch.manual_seed(0)
x = torch.linspace(0, 1, 20)
y = torch.sin(6 * x)
log_scale = torch.zeros(1, requires_grad=True)
opt = torch.optim.Adam([log_scale], lr=0.05)
for _ in range(15):
    K = torch.exp(-0.5 * ((x[:, None] - x[None, :]) / (0.3 * log_scale.exp())) ** 2) + 0.1 * torch.eye(20)
    L = torch.linalg.cholesky(K)
    alpha = torch.cholesky_solve(y[:, None], L) if hasattr(torch, "cholesky_solve") else torch.linalg.solve(K, y[:, None])
    nll = 0.5 * (y[:, None] * alpha).sum() + L.diagonal().log().sum()
    opt.zero_grad()
    nll.backward()
    opt.step()
