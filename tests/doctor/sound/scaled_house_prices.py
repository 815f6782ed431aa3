import torch
import torch.nn as nn

torch.manual_seed(0)
area = torch.rand(60, 1) * 3000 + 500
rooms = torch.randint(1, 6, (60, 1)).float()
x = torch.cat([area, rooms], 1)
price = 100 * area + 20000 * rooms + 5000 * torch.randn(60, 1)
x = (x - x.mean(0)) / x.std(0)
y = (price - price.mean()) / price.std()
model = nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(40):
    opt.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    opt.step()
