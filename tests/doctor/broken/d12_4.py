"""F.softmax in forward, LSTM features."""
import torch
from torch import nn
import torch.nn.functional as F


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 6, batch_first=True)
        self.fc = nn.Linear(6, 4)

    def forward(self, x):
        out, _ = self.lstm(x)
        return F.softmax(self.fc(out[:, -1]), dim=-1)


torch.manual_seed(0)
t = Tagger()
opt = torch.optim.Adam(t.parameters(), lr=0.01)
x, y = torch.randn(16, 5, 3), torch.randint(0, 4, (16,))
for _ in range(8):
    opt.zero_grad()
    loss = nn.CrossEntropyLoss()(t(x), y)
    loss.backward()
    opt.step()
