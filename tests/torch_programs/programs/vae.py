"""A variational autoencoder on 8x8 blobs: reparameterisation, reconstruction plus KL divergence, samples."""

import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
grid = torch.stack(torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij"), dim=-1)
centers = 1.5 + 5 * torch.rand(120, 1, 1, 2)
data = torch.exp(-((grid - centers) ** 2).sum(-1) / 3.0).view(120, 64)
print(data.shape, f"{data.mean():.5f}")


class VAE(nn.Module):
    def __init__(self):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc21 = nn.Linear(32, 2)
        self.fc22 = nn.Linear(32, 2)
        self.fc3 = nn.Linear(2, 32)
        self.fc4 = nn.Linear(32, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 64))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 64), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD, KLD


model = VAE()
optimizer = optim.Adam(model.parameters(), lr=3e-3)
loader = DataLoader(TensorDataset(data), batch_size=40, shuffle=True)
for epoch in range(1, 13):
    model.train()
    train_loss = kl = 0
    for (batch,) in loader:
        optimizer.zero_grad()
        recon, mu, logvar = model(batch)
        loss, kld = loss_function(recon, batch, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        kl += kld.item()
        optimizer.step()
    if epoch % 3 == 0:
        print(f"====> Epoch: {epoch} Average loss: {train_loss / len(data):.4f} KL: {kl / len(data):.5f}")
model.eval()
with torch.no_grad():
    sample = model.decode(torch.randn(4, 2))
    print(sample.shape, sample.mean(dim=1))
    mu, logvar = model.encode(data[:3])
    print(mu, logvar)
