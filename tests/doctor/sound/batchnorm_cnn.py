import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 2 * 2, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(torch.flatten(x, 1))


torch.manual_seed(0)
images = torch.rand(24, 1, 8, 8)
targets = torch.randint(0, 3, (24,))
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(5):
    for i in torch.randperm(24).split(8):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images[i]), targets[i])
        loss.backward()
        optimizer.step()
net.eval()
with torch.inference_mode():
    print(net(images).argmax(1))
