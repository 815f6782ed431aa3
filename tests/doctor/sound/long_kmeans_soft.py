import torch

torch.manual_seed(0)
points = torch.cat([torch.randn(25, 2) * 0.3 + torch.tensor(c) for c in ([0.0, 0.0], [2.0, 2.0], [0.0, 2.0])])
centres = torch.nn.Parameter(torch.randn(3, 2))
opt = torch.optim.Adam([centres], lr=0.1)
for _ in range(30):
    d = torch.cdist(points, centres)
    share = torch.softmax(-5 * d, dim=1)
    loss = (share * d ** 2).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
