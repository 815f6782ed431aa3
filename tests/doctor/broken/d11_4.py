"""Batches from a loader whose targets lack the last axis; smooth L1."""
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Houses(Dataset):
    def __init__(self):
        g = torch.Generator().manual_seed(0)
        self.x = torch.rand(48, 3, generator=g)

    def __len__(self):
        return 48

    def __getitem__(self, i):
        return self.x[i], self.x[i].sum()


torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(3):
    for x, y in DataLoader(Houses(), batch_size=16, shuffle=True):
        optimizer.zero_grad()
        F.smooth_l1_loss(model(x), y).backward()
        optimizer.step()
