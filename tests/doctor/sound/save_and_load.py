import io
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(20, 3)
y = x.sum(1, keepdim=True)
for _ in range(10):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
state = {k: v.clone() for k, v in net.state_dict().items()}
again = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1))
print(again.load_state_dict(state))
with torch.no_grad():
    assert torch.equal(again(x), net(x))
