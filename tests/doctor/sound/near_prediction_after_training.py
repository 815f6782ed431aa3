import torch
from torch import nn

torch.manual_seed(0)
x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
y = torch.tensor([[2.0], [4.0], [6.0], [8.0]])
x_test = torch.tensor([5.0])
model = nn.Linear(1, 1)
print(f"before: {model(x_test).item():.3f}")
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(50):
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
    opt.zero_grad()
print(f"after: {model(x_test).item():.3f}")
