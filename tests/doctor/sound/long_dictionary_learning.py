import torch

torch.manual_seed(0)
D0 = torch.nn.functional.normalize(torch.randn(6, 10), dim=0)
data = (torch.randn(40, 10) * (torch.rand(40, 10) < 0.2)) @ D0.t()
D = torch.nn.functional.normalize(torch.randn(6, 10), dim=0).requires_grad_()
Z = torch.zeros(40, 10, requires_grad=True)
for it in range(25):
    loss = (data - Z @ D.t()).pow(2).sum(1).mean() + 0.05 * Z.abs().sum(1).mean()
    gD, gZ = torch.autograd.grad(loss, [D, Z])
    with torch.no_grad():
        Z -= 2.0 * gZ
        D -= 0.1 * gD
        D /= D.norm(dim=0, keepdim=True).clamp(min=1)
