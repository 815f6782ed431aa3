import torch
from torch import nn

torch.manual_seed(4)
x = torch.randn(50, 2)
y = (x[:, 0] + 0.3 * torch.randn(50) > 0).float()
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.RMSprop(net.parameters(), lr=0.01)
for _ in range(25):
    opt.zero_grad()
    loss = nn.BCEWithLogitsLoss()(net(x).squeeze(1), y)
    loss.backward()
    opt.step()
with torch.no_grad():
    prob = torch.sigmoid(net(x)).squeeze(1)
    print(prob.mean().item())
