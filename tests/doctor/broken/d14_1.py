"""NLLLoss after softmax: the logarithm is missing."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(30, 4), torch.randint(0, 3, (30,))
for _ in range(10):
    opt.zero_grad()
    loss = nn.NLLLoss()(model(x), y)
    loss.backward()
    opt.step()
