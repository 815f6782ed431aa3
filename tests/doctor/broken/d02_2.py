"""A train function that clears the model's gradients just before the step."""
import torch
from torch import nn, optim


def train(model, xs, ys, epochs=10):
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(epochs):
        output = model(xs).squeeze(1)
        loss = criterion(output, ys)
        loss.backward()
        model.zero_grad()
        optimizer.step()
    return loss


torch.manual_seed(2)
xs = torch.randn(64, 5)
ys = (xs.sum(1) > 0).float()
print(train(nn.Linear(5, 1), xs, ys).item())
