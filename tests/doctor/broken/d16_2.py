"""Labels −1 and 1 for binary_cross_entropy_with_logits: no error, and no lower bound."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
w = torch.zeros(3, 1, requires_grad=True)
x = torch.randn(40, 3)
y = torch.sign(x[:, :1])
opt = torch.optim.SGD([w], lr=0.1)
for i in range(20):
    loss = F.binary_cross_entropy_with_logits(x @ w, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
