import torch
import torch.nn as nn

torch.manual_seed(3)
X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
opt = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(100):
    loss = nn.functional.binary_cross_entropy(model(X), Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(model(X).round().squeeze())
