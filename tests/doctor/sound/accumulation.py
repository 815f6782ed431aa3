import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(64, 5)
y = x.mean(1, keepdim=True)
opt.zero_grad()
for step in range(24):
    part = slice(step % 4 * 16, step % 4 * 16 + 16)
    loss = nn.functional.mse_loss(model(x[part]), y[part]) / 4
    loss.backward()
    if (step + 1) % 4 == 0:
        opt.step()
        opt.zero_grad()
