"""Mean absolute error of a squeezed prediction and a column, written with torch.mean and pow."""
import torch

torch.manual_seed(0)
X = torch.rand(36, 3)
y = (X @ torch.tensor([1.0, 2.0, 3.0])).reshape(-1, 1)
net = torch.nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(12):
    error = net(X).squeeze() - y
    loss = torch.mean(torch.pow(error, 2)) * 0.5
    opt.zero_grad()
    loss.backward()
    opt.step()
