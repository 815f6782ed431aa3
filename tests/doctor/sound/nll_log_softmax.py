import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 4), nn.LogSoftmax(dim=1))
opt = torch.optim.Adagrad(model.parameters(), lr=0.1)
x = torch.randn(40, 6)
y = torch.randint(0, 4, (40,))
for _ in range(20):
    opt.zero_grad()
    nn.NLLLoss()(model(x), y).backward()
    opt.step()
