"""zero_grad between backward and step: nothing is learned."""
import torch
import torch.nn as nn

torch.manual_seed(0)
data = torch.linspace(-1, 1, 40).unsqueeze(1)
target = data ** 2
model = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1))
opt = torch.optim.Adam(model.parameters())
for step in range(20):
    loss = ((model(data) - target) ** 2).mean()
    loss.backward()
    opt.zero_grad()
    opt.step()
    if step % 5 == 0:
        print(step, loss.item())
