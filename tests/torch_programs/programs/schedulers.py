"""What the learning-rate schedulers do, epoch by epoch."""

import torch
from torch import nn
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

torch.manual_seed(0)


def trace(make, epochs=10):
    parameter = nn.Parameter(torch.ones(1))
    optimizer = SGD([parameter], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return " ".join(f"{rate:.6f}" for rate in rates)


print("StepLR         ", trace(lambda o: StepLR(o, step_size=3, gamma=0.1)))
print("MultiStepLR    ", trace(lambda o: MultiStepLR(o, milestones=[2, 7], gamma=0.5)))
print("ExponentialLR  ", trace(lambda o: ExponentialLR(o, gamma=0.9)))
print("CosineAnnealing", trace(lambda o: CosineAnnealingLR(o, T_max=10, eta_min=0.001)))
print("WarmRestarts   ", trace(lambda o: CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2)))
print("LambdaLR       ", trace(lambda o: LambdaLR(o, lambda epoch: 0.95 ** epoch)))
print("LinearLR       ", trace(lambda o: LinearLR(o, start_factor=0.25, total_iters=4)))
print("PolynomialLR   ", trace(lambda o: PolynomialLR(o, total_iters=8, power=2.0)))
print("OneCycleLR     ", trace(lambda o: OneCycleLR(o, max_lr=0.5, total_steps=12)))
print("CyclicLR       ", trace(lambda o: CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3)))
print(
    "SequentialLR   ",
    trace(
        lambda o: SequentialLR(
            o, [LinearLR(o, start_factor=0.1, total_iters=3), ExponentialLR(o, gamma=0.8)], milestones=[3]
        )
    ),
)

model = nn.Linear(4, 1)
x, y = torch.randn(32, 4), torch.randn(32, 1)
optimizer = Adam(model.parameters(), lr=0.5)
scheduler = ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=2, threshold=1e-3)
for epoch in range(25):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    scheduler.step(loss.item())
    if epoch % 4 == 0:
        print(f"epoch {epoch}: loss {loss.item():.5f} lr {optimizer.param_groups[0]['lr']:.5f}")

groups = SGD([{"params": model.weight}, {"params": model.bias, "lr": 0.01}], lr=0.1)
scheduler = StepLR(groups, step_size=2, gamma=0.5)
for _ in range(4):
    groups.step()
    scheduler.step()
print(scheduler.get_last_lr(), scheduler.last_epoch)
state = scheduler.state_dict()
print(state["step_size"], state["gamma"], state["last_epoch"], state["base_lrs"])
print(groups)
