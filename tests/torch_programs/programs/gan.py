"""A generative adversarial network learns a one-dimensional normal distribution."""

import torch
import torch.nn as nn

torch.manual_seed(5)


class Generator(nn.Module):
    def __init__(self, latent=3):
        super().__init__()
        self.model = nn.Sequential(nn.Linear(latent, 16), nn.LeakyReLU(0.2, inplace=True), nn.Linear(16, 1))

    def forward(self, z):
        return self.model(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(1, 16), nn.LeakyReLU(0.2), nn.Dropout(0.1), nn.Linear(16, 1), nn.Sigmoid()
        )

    def forward(self, x):
        return self.model(x)


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        nn.init.xavier_normal_(m.weight.data)
        nn.init.constant_(m.bias.data, 0.0)


G, D = Generator(), Discriminator()
G.apply(weights_init)
D.apply(weights_init)
adversarial_loss = torch.nn.BCELoss()
optimizer_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.999))
optimizer_D = torch.optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.999))
batch = 64
valid, fake = torch.ones(batch, 1), torch.zeros(batch, 1)
fixed = torch.randn(200, 3)
for step in range(60):
    real = 3.0 + 0.5 * torch.randn(batch, 1)

    optimizer_G.zero_grad()
    z = torch.normal(0, 1, (batch, 3))
    generated = G(z)
    g_loss = adversarial_loss(D(generated), valid)
    g_loss.backward()
    optimizer_G.step()

    optimizer_D.zero_grad()
    real_loss = adversarial_loss(D(real), valid)
    fake_loss = adversarial_loss(D(generated.detach()), fake)
    d_loss = (real_loss + fake_loss) / 2
    d_loss.backward()
    optimizer_D.step()

    if step % 12 == 11:
        with torch.no_grad():
            out = G(fixed)
        print(
            "[step %d] [D loss: %.4f] [G loss: %.4f] mean %.4f std %.4f"
            % (step + 1, d_loss.item(), g_loss.item(), out.mean(), out.std())
        )
with torch.no_grad():
    D.eval()
    print(D(torch.tensor([[0.0], [3.0], [6.0]])).flatten())
