import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))
opt = torch.optim.AdamW(net.parameters(), lr=0.01)
x, xv = torch.randn(60, 4), torch.randn(30, 4)
y, yv = x[:, :3].argmax(1), xv[:, :3].argmax(1)
for epoch in range(8):
    net.train()
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.cross_entropy(net(xv), yv)
    print(epoch, loss.item(), val.item())
