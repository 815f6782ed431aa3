"""BCELoss on raw scores: the program stops with an error."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 1)
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters())
x = torch.randn(20, 4)
y = torch.randint(0, 2, (20, 1)).float()
for i in range(5):
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
