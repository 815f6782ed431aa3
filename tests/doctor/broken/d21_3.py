"""Years and incomes as they are, logistic regression."""
import torch

torch.manual_seed(0)
year = torch.randint(1950, 2020, (60,)).float()
income = torch.rand(60) * 90000 + 10000
age = torch.rand(60)
X = torch.stack([year, income, age], dim=1)
t = (age > 0.5).float()
w = torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=1e-4)
for i in range(20):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(X @ w, t)
    opt.zero_grad()
    loss.backward()
    opt.step()
