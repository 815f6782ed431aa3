import torch
from torch import nn
import torch.nn.functional as F


class GCN(nn.Module):
    def __init__(self, d, h, c):
        super().__init__()
        self.w1, self.w2 = nn.Linear(d, h), nn.Linear(h, c)

    def forward(self, x, adj):
        return self.w2(adj @ F.relu(self.w1(adj @ x)))


torch.manual_seed(0)
n = 30
group = torch.arange(n) % 2
same = group[:, None] == group[None, :]
A = ((torch.rand(n, n) < torch.where(same, 0.3, 0.05)).float() + torch.eye(n)).clamp(max=1)
A = torch.maximum(A, A.t())
d = A.sum(1).rsqrt()
A = d[:, None] * A * d[None, :]
known = torch.arange(n) < 10
net = GCN(n, 8, 2)
opt = torch.optim.Adam(net.parameters(), lr=0.02, weight_decay=5e-4)
for _ in range(20):
    opt.zero_grad()
    F.cross_entropy(net(torch.eye(n), A)[known], group[known]).backward()
    opt.step()
net.eval()
with torch.no_grad():
    print((net(torch.eye(n), A).argmax(1) == group)[~known].float().mean())
