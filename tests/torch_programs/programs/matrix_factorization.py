"""Recommend by matrix factorisation, PCA by the singular value decomposition, k-means with tensors."""

import torch
import torch.nn as nn

torch.manual_seed(70)
users, items, rank = 20, 15, 3
ratings = torch.randn(users, rank) @ torch.randn(rank, items) + 3.5
known = torch.rand(users, items) < 0.5
u, i = torch.nonzero(known, as_tuple=True)
r = ratings[u, i]
print(len(r), f"{r.mean().item():.5f}", u[:5], i[:5])


class MF(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(users, rank)
        self.item = nn.Embedding(items, rank)
        self.user_bias = nn.Embedding(users, 1)
        self.item_bias = nn.Embedding(items, 1)
        for e in (self.user_bias, self.item_bias):
            e.weight.data.zero_()
        self.mean = nn.Parameter(torch.tensor(3.0))

    def forward(self, u, i):
        dot = (self.user(u) * self.item(i)).sum(1)
        return dot + self.user_bias(u).squeeze(1) + self.item_bias(i).squeeze(1) + self.mean


model = MF()
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.3, weight_decay=1e-4)
for epoch in range(60):
    loss = nn.functional.mse_loss(model(u, i), r)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 15 == 0:
        print(f"epoch {epoch}: rmse {loss.sqrt().item():.5f}")
with torch.no_grad():
    hidden_u, hidden_i = torch.nonzero(~known, as_tuple=True)
    error = (model(hidden_u, hidden_i) - ratings[hidden_u, hidden_i]).pow(2).mean().sqrt()
    print(f"held out rmse {error.item():.3f}, mean {model.mean.item():.4f}")

X = torch.randn(100, 2) @ torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.5, 0.5]])
X = X - X.mean(0)
U, S, Vh = torch.linalg.svd(X, full_matrices=False)
print("singular values:", S[:2], "explained:", S[:2] ** 2 / (S ** 2).sum())
projected = X @ Vh[:2].T
print("covariance diagonal:", (projected.T @ projected / 99).diag())
eigenvalues = torch.linalg.eigvalsh(X.T @ X / 99)
print("eigenvalues:", eigenvalues.flip(0)[:2])

points = torch.cat([torch.randn(30, 2) * 0.3 + c for c in torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])])
centers = points[torch.tensor([0, 30, 60])].clone()
for _ in range(5):
    assignment = torch.cdist(points, centers).argmin(1)
    sums = torch.zeros(3, 2).index_add_(0, assignment, points)
    centers = sums / torch.bincount(assignment, minlength=3).unsqueeze(1)
print(centers, assignment.bincount())
A = torch.tensor([[4.0, 1.0], [1.0, 3.0]])
print(torch.linalg.inv(A), torch.linalg.det(A), torch.linalg.cholesky(A), torch.linalg.norm(A))
