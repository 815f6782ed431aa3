"""The biases were left out by a filter on names."""
import torch
from torch import nn, optim

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 6), nn.Sigmoid(), nn.Linear(6, 1))
weights = [p for name, p in model.named_parameters() if "weight" in name]
optimizer = optim.SGD(weights, lr=0.5)
X = torch.rand(32, 2)
Y = (X.sum(1, keepdim=True) > 1).float()
for _ in range(12):
    loss = nn.functional.binary_cross_entropy_with_logits(model(X), Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
