"""Save model, optimizer, scheduler and random state in the middle; resume; end where the whole run ends."""

import os
import tempfile

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(77)
X = torch.randn(40, 4)
Y = torch.sin(X.sum(dim=1, keepdim=True))


def build():
    model = nn.Sequential(nn.Linear(4, 12, bias=False), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(0.2), nn.Linear(12, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.7)
    return model, optimizer, scheduler


def epoch(model, optimizer, scheduler):
    model.train()
    total = 0.0
    for x, y in DataLoader(TensorDataset(X, Y), batch_size=10, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    return total / 4


model, optimizer, scheduler = build()
folder = tempfile.mkdtemp()
path = os.path.join(folder, "checkpoint.pt")
history = []
for e in range(6):
    history.append(epoch(model, optimizer, scheduler))
    if e == 2:
        torch.save(
            {
                "epoch": e,
                "model_state_dict": model.state_dict(),
                "optimizer_state_dict": optimizer.state_dict(),
                "scheduler_state_dict": scheduler.state_dict(),
                "rng_state": torch.get_rng_state(),
                "loss": history[-1],
            },
            path,
        )
print("whole run:", [f"{loss:.5f}" for loss in history])

torch.manual_seed(1)
resumed, optimizer2, scheduler2 = build()
checkpoint = torch.load(path, weights_only=True)
print(sorted(checkpoint), checkpoint["epoch"], f"{checkpoint['loss']:.5f}")
print(resumed.load_state_dict(checkpoint["model_state_dict"]))
optimizer2.load_state_dict(checkpoint["optimizer_state_dict"])
scheduler2.load_state_dict(checkpoint["scheduler_state_dict"])
torch.set_rng_state(checkpoint["rng_state"])
again = [epoch(resumed, optimizer2, scheduler2) for _ in range(checkpoint["epoch"] + 1, 6)]
print("resumed:  ", [f"{loss:.5f}" for loss in again])
print("the same:", again == history[3:])
model.eval(), resumed.eval()
print(torch.equal(model(X), resumed(X)), scheduler2.get_last_lr()[0] == scheduler.get_last_lr()[0])
print(optimizer2.state_dict()["param_groups"][0]["lr"], list(optimizer2.state_dict()["state"][0]))

torch.save(model.state_dict(), path)
state = torch.load(path)
print(list(state.keys()))
print(state["1.running_mean"][:4], state["1.num_batches_tracked"])
del state["4.bias"]
try:
    resumed.load_state_dict(state)
except RuntimeError as error:
    print(str(error).splitlines()[1].strip())
print(resumed.load_state_dict(state, strict=False))
os.remove(path)
os.rmdir(folder)
