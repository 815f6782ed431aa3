"""A multilayer perceptron on two spirals: random_split, training and validation loops, the best state kept."""

import copy
import math

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, random_split

torch.manual_seed(123)


class Spirals(Dataset):
    def __init__(self, n):
        t = torch.linspace(0.3, 1.0, n // 2)
        angle = 2 * math.pi * t
        arm = torch.stack([t * torch.cos(angle), t * torch.sin(angle)], dim=1)
        self.x = torch.cat([arm, -arm]) + 0.02 * torch.randn(n, 2)
        self.y = torch.cat([torch.zeros(n // 2), torch.ones(n // 2)]).long()

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


dataset = Spirals(240)
train_set, val_set = random_split(dataset, [200, 40], generator=torch.Generator().manual_seed(5))
print(len(train_set), len(val_set), val_set.indices[:6])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True, drop_last=True)
val_loader = DataLoader(val_set, batch_size=40)

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 2)).to(device)
print(net)
print("parameters:", sum(p.numel() for p in net.parameters() if p.requires_grad))
loss_fn = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=0.03, betas=(0.9, 0.99))


def evaluate(loader):
    net.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = net(x)
            total += loss_fn(out, y).item() * len(y)
            right += (out.argmax(1) == y).type(torch.float).sum().item()
    return total / len(loader.dataset), right / len(loader.dataset)


best, best_state = float("inf"), None
for epoch in range(30):
    net.train()
    for x, y in train_loader:
        loss = loss_fn(net(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    val_loss, accuracy = evaluate(val_loader)
    if val_loss < best:
        best, best_state = val_loss, copy.deepcopy(net.state_dict())
    if epoch % 6 == 5:
        print(f"Epoch {epoch + 1}: val loss {val_loss:.4f}, accuracy {100 * accuracy:>0.1f}%")
net.load_state_dict(best_state)
print(f"best: {evaluate(val_loader)[0]:.4f}")
print({name: tuple(value.shape) for name, value in best_state.items()})
