"""NLLLoss on the outputs of a model that ends with a linear layer, in three dimensions."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Conv1d(3, 4, 3, padding=1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(10, 3, 8)
y = torch.randint(0, 4, (10, 8))
for _ in range(8):
    opt.zero_grad()
    nn.NLLLoss()(net(x), y).backward()
    opt.step()
