import torch

torch.manual_seed(0)
X = torch.randn(50, 5) @ torch.diag(torch.tensor([3.0, 2.0, 1.0, 0.5, 0.1]))
X = X - X.mean(0)
U, S, Vh = torch.linalg.svd(X, full_matrices=False)
print((S ** 2 / (S ** 2).sum()))
print((X @ Vh[:2].T).shape)
