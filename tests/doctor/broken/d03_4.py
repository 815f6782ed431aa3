"""In the batch loop the step stands above backward."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
ds = TensorDataset(torch.randn(40, 3), torch.randint(0, 2, (40,)))
net = nn.Linear(3, 2, bias=False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for xb, yb in DataLoader(ds, batch_size=8, shuffle=True):
    out = net(xb)
    loss = nn.functional.cross_entropy(out, yb)
    opt.zero_grad()
    opt.step()
    loss.backward()
