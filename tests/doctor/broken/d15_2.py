"""cross_entropy with one-hot rows first and scores second."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
model = torch.nn.Linear(4, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
x = torch.randn(30, 4)
onehot = F.one_hot(torch.randint(0, 3, (30,)), 3).float()
for epoch in range(8):
    optimizer.zero_grad()
    loss = F.cross_entropy(onehot, model(x).softmax(dim=1))
    loss.backward()
    optimizer.step()
