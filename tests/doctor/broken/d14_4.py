"""The logarithm of log_softmax is NaN."""
import torch
import torch.nn.functional as F

torch.manual_seed(1)
W = torch.randn(3, 4, requires_grad=True)
x = torch.randn(16, 3)
y = torch.randint(0, 4, (16,))
opt = torch.optim.SGD([W], lr=0.1)
for i in range(4):
    logp = torch.log(F.log_softmax(x @ W, dim=1))
    loss = F.nll_loss(logp, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
