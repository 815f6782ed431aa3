import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(0)
features = rng.normal(size=(40, 3))
target = features @ np.array([1.0, 2.0, 3.0])
torch.manual_seed(0)
x = torch.from_numpy(features).float()
y = torch.tensor(target, dtype=torch.float32).unsqueeze(1)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(30):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
print(net(x).detach().numpy()[:3])
