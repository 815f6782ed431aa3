"""A small U-Net that segments discs: transposed convolutions, skips, dice loss, IoU."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader, random_split


class Discs(Dataset):
    def __init__(self, n, size=32, seed=0):
        g = torch.Generator().manual_seed(seed)
        c = torch.rand(n, 2, generator=g) * size
        r = 4 + 6 * torch.rand(n, generator=g)
        yy, xx = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
        d = (yy[None] - c[:, 0, None, None]) ** 2 + (xx[None] - c[:, 1, None, None]) ** 2
        self.masks = (d < r[:, None, None] ** 2).float().unsqueeze(1)
        self.images = self.masks * 0.6 + 0.3 * torch.randn(self.masks.shape, generator=g)

    def __len__(self):
        return len(self.masks)

    def __getitem__(self, i):
        return {"image": self.images[i], "mask": self.masks[i], "id": i}


def double(i, o):
    return nn.Sequential(
        nn.Conv2d(i, o, 3, padding=1, bias=False),
        nn.BatchNorm2d(o),
        nn.ReLU(inplace=True),
        nn.Conv2d(o, o, 3, padding="same"),
        nn.GroupNorm(2, o),
        nn.LeakyReLU(0.1, inplace=True),
    )


class UNet(nn.Module):
    def __init__(self, widths=(8, 16), mid=24):
        super().__init__()
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        prev = 1
        for w in widths:
            self.downs.append(double(prev, w))
            prev = w
        self.pool = nn.MaxPool2d(2, 2)
        self.bottom = double(prev, mid)
        prev = mid
        for i, w in enumerate(reversed(widths)):
            up = (
                nn.ConvTranspose2d(prev, w, 2, stride=2)
                if i == 0
                else nn.Sequential(
                    nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.Conv2d(prev, w, 1)
                )
            )
            self.ups.append(nn.ModuleDict({"up": up, "conv": double(2 * w, w)}))
            prev = w
        self.head = nn.Conv2d(prev, 1, 1)

    def forward(self, x):
        skips = []
        for d in self.downs:
            x = d(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for u, s in zip(self.ups, skips[::-1]):
            x = u["up"](x)
            if x.shape != s.shape:
                x = F.interpolate(x, size=s.shape[2:])
            x = u["conv"](torch.cat((s, x), dim=1))
        return self.head(x)


def dice(logits, y, eps=1.0):
    p = logits.sigmoid().flatten(1)
    y = y.flatten(1)
    return 1 - ((2 * (p * y).sum(1) + eps) / (p.sum(1) + y.sum(1) + eps)).mean()


torch.manual_seed(3)
train, val = random_split(Discs(48), [40, 8], generator=torch.Generator().manual_seed(1))
tl = DataLoader(train, 8, shuffle=True, drop_last=True)
vl = DataLoader(val, 4)
net = UNet()
for m in net.modules():
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        if m.bias is not None:
            nn.init.zeros_(m.bias)
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-8)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, "max", patience=0)
bce = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(2.0))
for epoch in range(3):
    net.train()
    total = 0.0
    for b in tl:
        out = net(b["image"])
        loss = bce(out, b["mask"]) + dice(out, b["mask"])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.5)
        opt.step()
        total += loss.item() * len(b["id"])
    net.eval()
    inter = union = 0
    with torch.inference_mode():
        for b in vl:
            pred = net(b["image"]) > 0
            m = b["mask"].bool()
            inter += (pred & m).sum()
            union += (pred | m).sum()
    iou = (inter / union).item()
    sched.step(iou)
    print(
        f"epoch {epoch} loss {total / len(train):.4f} iou {iou:.4f} lr {opt.param_groups[0]['lr']:.0e} {sched.get_last_lr()}"
    )
print(b["id"], sorted(net.state_dict())[:5], len(net.state_dict()))
