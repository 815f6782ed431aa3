"""A straight line cannot separate a disc from a ring."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
points = torch.randn(100, 2)
inside = (points.norm(dim=1) < 1.1).long()
clf = torch.nn.Linear(2, 2)
opt = torch.optim.Adam(clf.parameters(), lr=0.05)
for epoch in range(100):
    loss = F.cross_entropy(clf(points), inside)
    opt.zero_grad()
    loss.backward()
    opt.step()
