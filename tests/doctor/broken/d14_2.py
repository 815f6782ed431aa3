"""nll_loss on raw scores: it falls without end."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
layer = torch.nn.Linear(6, 4)
optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
x = torch.randn(50, 6)
t = torch.randint(0, 4, (50,))
for epoch in range(12):
    optimizer.zero_grad()
    F.nll_loss(layer(x), t).backward()
    optimizer.step()
