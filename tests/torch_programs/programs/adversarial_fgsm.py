"""Adversarial examples: gradients with respect to the input, their sign, and how accuracy falls; a saliency map."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(40)
templates = torch.rand(5, 16)
y = torch.arange(5).repeat(20)
x = (templates[y] + 0.15 * torch.randn(100, 16)).clamp(0, 1)
model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 5), nn.LogSoftmax(dim=1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(60):
    optimizer.zero_grad()
    F.nll_loss(model(x), y).backward()
    optimizer.step()
print(f"clean loss {F.nll_loss(model(x), y).item():.5f}")


def fgsm_attack(image, epsilon, data_grad):
    sign_data_grad = data_grad.sign()
    perturbed_image = image + epsilon * sign_data_grad
    return torch.clamp(perturbed_image, 0, 1)


model.eval()
for epsilon in (0.0, 0.05, 0.1, 0.2):
    data = x.clone().requires_grad_(True)
    loss = F.nll_loss(model(data), y)
    model.zero_grad()
    loss.backward()
    perturbed = fgsm_attack(data.detach(), epsilon, data.grad)
    output = model(perturbed)
    correct = output.max(1, keepdim=True)[1].eq(y.view_as(output.max(1, keepdim=True)[1])).sum().item()
    print(f"Epsilon: {epsilon}\tTest Accuracy = {correct} / {len(y)}\tloss {F.nll_loss(output, y).item():.4f}")

image = x[:1].clone()
image.requires_grad = True
score = model(image)[0].max()
score.backward()
saliency = image.grad.abs().view(4, 4)
print(saliency / saliency.max())
print("largest at", saliency.argmax().item(), saliency.view(-1).sort(descending=True)[1][:3])

target = torch.tensor([2])
delta = torch.zeros_like(image, requires_grad=True)
attack = torch.optim.SGD([delta], lr=0.05)
for i in range(15):
    attack.zero_grad()
    loss = F.nll_loss(model(image.detach() + delta), target) + 0.5 * delta.norm() ** 2
    loss.backward()
    attack.step()
print(f"targeted: {loss.item():.4f} {delta.abs().max().item():.4f} {model(image + delta).argmax().item()}")
