"""Small batches that add up to a large one; clipping by norm and by value; frozen layers; every optimizer once."""

import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(9)
X, Y = torch.randn(64, 5), torch.randn(64, 2)


def make():
    torch.manual_seed(21)
    return nn.Sequential(nn.Linear(5, 8), nn.ELU(), nn.Linear(8, 2))


loss_fn = nn.MSELoss()
whole, parts = make(), make()
loss_fn(whole(X), Y).backward()
for i in range(0, 64, 16):
    loss = loss_fn(parts(X[i:i + 16]), Y[i:i + 16]) / 4
    loss.backward()
for (name, p), q in zip(whole.named_parameters(), parts.parameters()):
    print(name, torch.allclose(p.grad, q.grad, atol=1e-6), f"{p.grad.norm().item():.6f}")

model = make()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, dampening=0.1)
optimizer.zero_grad()
for step in range(16):
    i = 16 * (step % 4)
    (loss_fn(model(X[i:i + 16]), Y[i:i + 16]) / 4).backward()
    if (step + 1) % 4 == 0:
        total = nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.1)
        clipped = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
        optimizer.step()
        optimizer.zero_grad()
        print(f"update {(step + 1) // 4}: norm {total:.5f} clipped to {clipped:.5f} loss {loss_fn(model(X), Y):.5f}")

loss_fn(model(X), Y).backward()
nn.utils.clip_grad_value_(model.parameters(), 0.01)
print("largest:", max(p.grad.abs().max().item() for p in model.parameters()) <= 0.01)

frozen = make()
for p in frozen[0].parameters():
    p.requires_grad = False
before = frozen[0].weight.clone()
optimizer = optim.Adam(filter(lambda p: p.requires_grad, frozen.parameters()), lr=0.05)
for _ in range(5):
    optimizer.zero_grad()
    loss = loss_fn(frozen(X), Y)
    loss.backward()
    optimizer.step()
print("frozen:", torch.equal(before, frozen[0].weight), frozen[0].weight.grad, f"{loss.item():.5f}")

choices = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "Nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "AMSGrad": lambda p: optim.Adam(p, lr=0.01, amsgrad=True, weight_decay=0.01),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.05, lr_decay=0.01),
    "Adadelta": lambda p: optim.Adadelta(p, lr=1.0, rho=0.95),
    "Adamax": lambda p: optim.Adamax(p, lr=0.02),
    "NAdam": lambda p: optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: optim.RAdam(p, lr=0.01),
    "ASGD": lambda p: optim.ASGD(p, lr=0.05),
    "Rprop": lambda p: optim.Rprop(p, lr=0.01),
}
for name, choose in choices.items():
    model = make()
    optimizer = choose(model.parameters())
    for _ in range(15):
        optimizer.zero_grad()
        loss = loss_fn(model(X), Y)
        loss.backward()
        optimizer.step()
    print(f"{name:9s} {loss.item():.6f} {model[0].weight[0, 0].item():.6f}")
