import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(60, 3)
y = (x.sum(1, keepdim=True) > 0).float()
model = nn.Sequential(nn.Linear(3, 1), nn.Sigmoid())
criterion = nn.BCELoss()
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for _ in range(30):
    loss = criterion(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(((model(x) > 0.5) == y.bool()).float().mean())
