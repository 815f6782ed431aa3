import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.linspace(-3, 3, 120).reshape(-1, 1)
y = torch.sin(x) + 0.1 * torch.randn(120, 1)
model = torch.nn.Sequential(torch.nn.Linear(1, 24), torch.nn.Tanh(), torch.nn.Linear(24, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(25):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=12, shuffle=True):
        loss = torch.nn.functional.mse_loss(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
