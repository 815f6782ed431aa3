import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def get_data(n):
    x = torch.randn(n, 4)
    return TensorDataset(x, (x[:, 0] - x[:, 1] > 0).float())


def train(net, loader, opt):
    net.train()
    for xb, yb in loader:
        loss = nn.functional.binary_cross_entropy_with_logits(net(xb).squeeze(-1), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()


@torch.no_grad()
def test(net, loader):
    net.eval()
    hits = sum(((net(xb).squeeze(-1) > 0) == yb.bool()).sum().item() for xb, yb in loader)
    return hits / len(loader.dataset)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--lr", type=float, default=0.05)
    args = parser.parse_args([])
    torch.manual_seed(1)
    train_loader = DataLoader(get_data(120), batch_size=24, shuffle=True)
    test_loader = DataLoader(get_data(48), batch_size=24)
    net = nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(0.1), nn.Linear(12, 1))
    opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9)
    for epoch in range(args.epochs):
        train(net, train_loader, opt)
        print(epoch, test(net, test_loader))
