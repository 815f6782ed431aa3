"""A matrix factorisation by hand that takes off."""
import torch

torch.manual_seed(0)
R = torch.rand(8, 6) * 5
U, V = torch.rand(8, 3, requires_grad=True), torch.rand(6, 3, requires_grad=True)
for step in range(12):
    loss = (U @ V.t() - R).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        for P in (U, V):
            P -= 0.1 * P.grad
            P.grad = None
