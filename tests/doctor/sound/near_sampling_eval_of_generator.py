import torch
from torch import nn

torch.manual_seed(0)
flow_scale, flow_shift = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
opt = torch.optim.Adam([flow_scale, flow_shift], lr=0.05)
data = torch.randn(200) * 2 + 5
for _ in range(40):
    z = (data - flow_shift) * torch.exp(-flow_scale)
    loss = (0.5 * z ** 2 + flow_scale).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    print((torch.randn(5) * flow_scale.exp() + flow_shift))
