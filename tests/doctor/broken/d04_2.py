"""optimizer.step without parentheses."""
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.randn(60, 4)
Y = (X[:, :1] > 0).float()
model = torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for xb, yb in DataLoader(TensorDataset(X, Y), batch_size=20, shuffle=True):
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step
