import torch
from torch import nn

x = torch.linspace(-1, 1, 30).unsqueeze(1)
y = x ** 3 - 0.5 * x
for lr in (0.1, 0.03, 0.01):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(25):
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(lr, loss.item())
