"""Labels from 1 to 3 for three outputs: the program stops."""
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Linear(2, 3)
x = torch.randn(30, 2)
y = torch.randint(1, 4, (30,))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    opt.zero_grad()
    nn.CrossEntropyLoss()(model(x), y).backward()
    opt.step()
