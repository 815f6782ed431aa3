import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Linear(5, 12)
        self.heads = nn.ModuleDict({"a": nn.Linear(12, 1), "b": nn.Linear(12, 3)})

    def forward(self, x):
        h = torch.relu(self.trunk(x))
        return {k: head(h) for k, head in self.heads.items()}


torch.manual_seed(0)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(40, 5)
ya, yb = x.pow(2).sum(1, keepdim=True), x[:, :3].argmax(1)
for _ in range(15):
    out = net(x)
    losses = {"a": nn.functional.mse_loss(out["a"], ya), "b": nn.functional.cross_entropy(out["b"], yb)}
    opt.zero_grad()
    sum(losses.values()).backward()
    opt.step()
