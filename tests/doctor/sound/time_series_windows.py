import torch
from torch import nn

torch.manual_seed(0)
series = torch.sin(torch.arange(120) * 0.2) + 0.05 * torch.randn(120)
X = series.unfold(0, 8, 1)[:-1]
y = series[8:]
train, test = slice(0, 80), slice(88, None)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(40):
    loss = nn.functional.mse_loss(net(X[train]).squeeze(1), y[train])
    opt.zero_grad()
    loss.backward()
    opt.step()
net.eval()
with torch.no_grad():
    print(nn.functional.mse_loss(net(X[test]).squeeze(1), y[test]).item())
