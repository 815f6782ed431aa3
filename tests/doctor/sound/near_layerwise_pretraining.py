import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(40, 8)
first, second = nn.Linear(8, 5), nn.Linear(5, 3)
for layer, data_of in ((first, lambda: x), (second, lambda: torch.tanh(first(x)).detach())):
    back = nn.Linear(layer.out_features, layer.in_features)
    opt = torch.optim.Adam([*layer.parameters(), *back.parameters()], lr=0.02)
    for _ in range(15):
        data = data_of()
        loss = nn.functional.mse_loss(back(torch.tanh(layer(data))), data)
        opt.zero_grad()
        loss.backward()
        opt.step()
