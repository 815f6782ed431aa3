"""Trains on everything, and calls the last fifth the test set."""
import torch
from torch import nn

torch.manual_seed(0)
data = torch.randn(100, 3)
answer = data @ torch.tensor([1.0, 0.0, -1.0])
n_test = 20
test_x, test_y = data[-n_test:], answer[-n_test:]
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for i in range(20):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(data)[:, 0], answer)
    loss.backward()
    optimizer.step()
with torch.no_grad():
    print("test loss", nn.functional.mse_loss(model(test_x)[:, 0], test_y).item())
