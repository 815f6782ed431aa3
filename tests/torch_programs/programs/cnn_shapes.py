"""A convolutional network that tells horizontal from vertical bars and from crosses on 12x12 images."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


def image(kind):
    img = 0.3 * torch.rand(1, 12, 12)
    at = int(torch.randint(2, 10, (1,)))
    if kind in (0, 2):
        img[0, at, :] += 1.0
    if kind in (1, 2):
        img[0, :, at] += 1.0
    return img


labels = torch.tensor([i % 3 for i in range(150)])
images = torch.stack([image(int(k)) for k in labels])
print(images.shape, f"{images.mean():.5f} {images.std():.5f}")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 12, 3)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(12 * 2 * 2, 32)
        self.fc2 = nn.Linear(32, 3)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


net = Net()
print(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
train_images, test_images = images[:120], images[120:]
train_labels, test_labels = labels[:120], labels[120:]
for epoch in range(8):
    net.train()
    order = torch.randperm(120)
    total = 0.0
    for i in range(0, 120, 30):
        batch = order[i:i + 30]
        optimizer.zero_grad()
        loss = F.nll_loss(net(train_images[batch]), train_labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        out = net(test_images)
    right = out.argmax(1).eq(test_labels).sum().item()
    print(f"epoch {epoch}: train {total / 4:.4f} test {F.nll_loss(out, test_labels).item():.4f} {right}/30")
print("first filter:", net.conv1.weight[0, 0])
for name, parameter in net.named_parameters():
    print(f"{name:14s} {str(tuple(parameter.shape)):16s} {parameter.grad.norm().item():.5f}")
