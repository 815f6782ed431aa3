"""A layer is replaced after the optimizer was made."""
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
net[2] = nn.Linear(8, 3)
x = torch.randn(24, 4)
y = torch.randint(0, 3, (24,))
for epoch in range(6):
    optimizer.zero_grad()
    loss = nn.CrossEntropyLoss()(net(x), y)
    loss.backward()
    optimizer.step()
