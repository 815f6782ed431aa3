import torch
from torch import nn

torch.manual_seed(0)
features = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1)).eval()
for p in features.parameters():
    p.requires_grad_(False)


def gram(z):
    z = z.flatten(2)
    return z @ z.transpose(1, 2) / z.shape[-1]


style = gram(features(torch.rand(1, 3, 8, 8)))
image = torch.rand(1, 3, 8, 8, requires_grad=True)
opt = torch.optim.Adam([image], lr=0.05)
for _ in range(15):
    loss = nn.functional.mse_loss(gram(features(image)), style)
    opt.zero_grad()
    loss.backward()
    opt.step()
