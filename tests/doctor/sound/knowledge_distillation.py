import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(5, 20), nn.ReLU(), nn.Linear(20, 3)).eval()
student = nn.Linear(5, 3)
opt = torch.optim.SGD(student.parameters(), lr=0.2)
T = 2.0
for step in range(20):
    x = torch.randn(32, 5)
    with torch.no_grad():
        soft = F.softmax(teacher(x) / T, dim=1)
    loss = F.kl_div(F.log_softmax(student(x) / T, dim=1), soft, reduction="batchmean") * T * T
    opt.zero_grad()
    loss.backward()
    opt.step()
