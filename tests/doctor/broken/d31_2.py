"""tanh after weights drawn with standard deviation 5."""
import torch
from torch import nn

torch.manual_seed(0)


class Tanh2(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(20, 30)
        self.b = nn.Linear(30, 4)
        nn.init.normal_(self.a.weight, 0, 50)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


net = Tanh2()
opt = torch.optim.Adam(net.parameters(), lr=1e-4)
x, y = torch.randn(50, 20), torch.randint(0, 4, (50,))
for _ in range(8):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
