import torch

torch.manual_seed(0)
points = torch.cat([torch.randn(30, 2) + c for c in (torch.tensor([0.0, 0.0]), torch.tensor([4.0, 4.0]))])
centers = points[torch.randperm(60)[:2]].clone()
for _ in range(10):
    label = ((points[:, None] - centers[None]) ** 2).sum(-1).argmin(1)
    centers = torch.stack([points[label == k].mean(0) for k in range(2)])
print(centers)
