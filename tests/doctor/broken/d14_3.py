"""kl_div takes log-probabilities first, and gets probabilities."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
student = nn.Linear(5, 3)
teacher = nn.Linear(5, 3)
opt = torch.optim.SGD(student.parameters(), lr=0.1)
x = torch.randn(20, 5)
with torch.no_grad():
    soft = F.softmax(teacher(x), dim=1)
for _ in range(8):
    opt.zero_grad()
    loss = F.kl_div(F.softmax(student(x), dim=1), soft, reduction="batchmean")
    loss.backward()
    opt.step()
