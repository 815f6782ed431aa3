"""A small residual network with batch normalisation: running statistics, train against eval, He initialisation."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)


class Block(nn.Module):
    expansion = 1

    def __init__(self, in_planes, planes, stride=1):
        super(Block, self).__init__()
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_planes != planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_planes, planes, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(planes)
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)


class ResNet(nn.Module):
    def __init__(self, num_classes=4):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.layer1 = self._make_layer(8, 8, 1, stride=1)
        self.layer2 = self._make_layer(8, 16, 2, stride=2)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(16, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)

    def _make_layer(self, in_planes, planes, blocks, stride):
        layers = [Block(in_planes, planes, stride)]
        layers += [Block(planes, planes) for _ in range(blocks - 1)]
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(torch.flatten(self.pool(x), 1))


net = ResNet()
print(net.layer2)
print("modules:", len(list(net.modules())), "buffers:", len(list(net.buffers())))
x = torch.randn(24, 3, 8, 8)
y = torch.randint(0, 4, (24,))
x += y.view(-1, 1, 1, 1) * torch.tensor([0.5, 0.0, -0.5]).view(1, 3, 1, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
for step in range(10):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    if step % 3 == 0:
        print(f"step {step}: {loss.item():.5f}")
bn = net.stem[1]
print("running mean:", bn.running_mean)
print("running var:", bn.running_var)
print("batches:", bn.num_batches_tracked)
with torch.no_grad():
    print(f"train mode {F.cross_entropy(net(x), y).item():.4f}")
    net.eval()
    print(f"eval mode {F.cross_entropy(net(x), y).item():.4f}")
    print(net(x[:2]))
print(list(net.state_dict())[:8])
