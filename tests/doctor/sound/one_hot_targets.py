import torch
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.randn(50, 4)
labels = x[:, :3].argmax(1)
onehot = F.one_hot(labels, 3).float()
W = torch.zeros(4, 3, requires_grad=True)
opt = torch.optim.SGD([W], lr=0.5)
for _ in range(20):
    loss = F.cross_entropy(x @ W, onehot)
    opt.zero_grad()
    loss.backward()
    opt.step()
