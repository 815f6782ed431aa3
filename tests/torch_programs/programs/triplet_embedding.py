"""Metric learning: triplet, contrastive and cosine losses; nearest neighbours by pairwise distances."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(15)
labels = torch.arange(4).repeat(12)
points = torch.randn(48, 6) + 1.5 * F.one_hot(labels, 6)
net = nn.Sequential(nn.Linear(6, 12), nn.PReLU(), nn.Linear(12, 3, bias=False))
criterion = nn.TripletMarginLoss(margin=1.0, p=2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)


def triplets():
    anchors = torch.randperm(48)[:24]
    same = torch.stack([torch.nonzero(labels == labels[a]).flatten()[torch.randint(12, (1,))] for a in anchors])
    other = torch.stack([torch.nonzero(labels != labels[a]).flatten()[torch.randint(36, (1,))] for a in anchors])
    return anchors, same.squeeze(1), other.squeeze(1)


for step in range(30):
    a, p, n = triplets()
    loss = criterion(net(points[a]), net(points[p]), net(points[n]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 6 == 0:
        print(f"step {step}: {loss.item():.5f}")
with torch.no_grad():
    embedded = net(points)
    distances = torch.cdist(embedded, embedded)
    distances.fill_diagonal_(float("inf"))
    nearest = distances.argmin(dim=1)
    print("nearest neighbour right:", (labels[nearest] == labels).sum().item(), "of 48")
    print(distances[0, 1:5], nearest[:8])
    centroids = torch.stack([embedded[labels == k].mean(0) for k in range(4)])
    print(centroids)
    print(F.pairwise_distance(centroids[0:1], centroids[1:2]))
u, v = embedded[:4], embedded[4:8]
target = torch.tensor([1.0, -1.0, 1.0, -1.0])
print(f"cosine embedding {F.cosine_embedding_loss(u, v, target, margin=0.2).item():.5f}")
print(f"margin ranking {F.margin_ranking_loss(u[:, 0], v[:, 0], target).item():.5f}")
print(f"hinge embedding {F.hinge_embedding_loss(F.pairwise_distance(u, v), target).item():.5f}")
print(f"multi margin {F.multi_margin_loss(embedded, labels.clamp(max=2)).item():.5f}")
print(f"soft margin {F.soft_margin_loss(u[:, 0], target).item():.5f}")
print("prelu:", net[1].weight)
