"""Cross-entropy over one output: the loss is 0 from the start."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(20, 3)
y = torch.zeros(20, dtype=torch.long)
for _ in range(6):
    opt.zero_grad()
    loss = nn.CrossEntropyLoss()(model(x), y)
    loss.backward()
    opt.step()
    print(loss.item())
