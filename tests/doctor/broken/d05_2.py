"""The optimizer holds a deep copy's parameters."""
import copy
import torch

torch.manual_seed(0)
net = torch.nn.Linear(3, 2)
best = copy.deepcopy(net)
optimizer = torch.optim.SGD(best.parameters(), lr=0.1)
x = torch.randn(30, 3)
t = torch.randint(0, 2, (30,))
for epoch in range(6):
    net.zero_grad()
    loss = torch.nn.functional.cross_entropy(net(x), t)
    loss.backward()
    optimizer.step()
