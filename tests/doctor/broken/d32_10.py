"""The distance of a point to itself has no slope, and the gradient scaler leaves every step out."""
import torch

torch.manual_seed(0)
points = torch.randn(20, 2)
center = torch.nn.Parameter(points[0].clone())
optimizer = torch.optim.SGD([center], lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
for step in range(30):
    optimizer.zero_grad()
    loss = ((points - center) ** 2).sum(1).sqrt().mean()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
print(f"loss {loss.item():.4f}")
