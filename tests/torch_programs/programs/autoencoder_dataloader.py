"""A convolutional autoencoder with transposed convolutions; a Dataset with transforms; a DataLoader with collate_fn."""

import torch
import torch.nn as nn
import torch.utils.data as data

torch.manual_seed(17)


class Stripes(data.Dataset):
    def __init__(self, n, transform=None):
        self.angles = torch.rand(n) * 3.14159
        self.transform = transform

    def __len__(self):
        return len(self.angles)

    def __getitem__(self, i):
        axis = torch.arange(8.0)
        u = axis[:, None] * torch.cos(self.angles[i]) + axis[None, :] * torch.sin(self.angles[i])
        image = torch.sin(u).unsqueeze(0)
        if self.transform:
            image = self.transform(image)
        return {"image": image, "index": i}


def noisy(image):
    return image + 0.1 * torch.randn(image.shape)


def collate(items):
    return torch.stack([item["image"] for item in items]), [item["index"] for item in items]


loader = data.DataLoader(Stripes(48, noisy), batch_size=16, shuffle=True, collate_fn=collate)
default = next(iter(data.DataLoader(Stripes(5), batch_size=5)))
print(default["image"].shape, default["index"])


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 6, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(6, 4, 3, stride=2, padding=1),
            nn.Flatten(),
            nn.Linear(16, 3),
        )
        self.decoder = nn.Sequential(
            nn.Linear(3, 16),
            nn.Unflatten(1, (4, 2, 2)),
            nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(6, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code), code


model = Autoencoder()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
for epoch in range(6):
    total, order = 0.0, []
    for images, indices in loader:
        order += indices
        output, _ = model(images)
        loss = criterion(output, images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch [{epoch + 1}/6], loss: {total / len(loader):.5f}, first: {order[:4]}")
with torch.no_grad():
    clean = torch.stack([item["image"] for item in data.Subset(Stripes(10), range(4))])
    output, code = model(clean)
    print(code)
    print(output[0, 0, :2])
    print(nn.functional.interpolate(output[:1], scale_factor=0.5, mode="nearest")[0, 0])
    print(nn.functional.interpolate(output[:1, :, :3, :3], size=(4, 4), mode="bilinear", align_corners=False)[0, 0])
