"""House data in raw units: area in square feet beside number of rooms."""
import torch
import torch.nn as nn

torch.manual_seed(0)
area = torch.rand(50, 1) * 3000 + 500
rooms = torch.randint(1, 6, (50, 1)).float()
x = torch.cat([area, rooms], dim=1)
y = area / 1000 + rooms
model = nn.Sequential(nn.Linear(2, 1))
opt = torch.optim.SGD(model.parameters(), lr=1e-9)
for _ in range(30):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
