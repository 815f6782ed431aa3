"""Siamese network with contrastive loss; the learning rate by a range test."""

import math, copy
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(42)
cent = torch.randn(4, 10) * 2
lab = torch.randint(0, 4, (120,))
X = cent[lab] + 0.5 * torch.randn(120, 10)


def pairs(n, g):
    i, j = torch.randint(0, 120, (2, n), generator=g)
    return X[i], X[j], (lab[i] == lab[j]).float()


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 16), nn.PReLU(), nn.BatchNorm1d(16), nn.Linear(16, 2))

    def once(self, x):
        return F.normalize(self.net(x), p=2, dim=-1)

    def forward(self, a, b):
        return self.once(a), self.once(b)


def contrastive(a, b, same, margin=1.0):
    d = F.pairwise_distance(a, b)
    return (same * d.pow(2) + (1 - same) * F.relu(margin - d).pow(2)).mean()


def find_lr(model, lo=1e-4, hi=10.0, n=30, beta=0.9):
    state = copy.deepcopy(model.state_dict())
    opt = torch.optim.SGD(model.parameters(), lo)
    sch = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: (hi / lo) ** (k / (n - 1)))
    avg, best, hist = 0.0, math.inf, []
    g = torch.Generator().manual_seed(1)
    for k in range(n):
        a, b, s = pairs(32, g)
        opt.zero_grad()
        l = contrastive(*model(a, b), s)
        l.backward()
        opt.step()
        avg = beta * avg + (1 - beta) * l.item()
        sm = avg / (1 - beta ** (k + 1))
        hist.append((sch.get_last_lr()[0], sm))
        if sm > 4 * best:
            break
        best = min(best, sm)
        sch.step()
    model.load_state_dict(state)
    lrs, ls = torch.tensor(hist).T
    slope = torch.gradient(ls, spacing=(lrs.log(),))[0]
    return lrs[slope.argmin()].item(), hist


m = Siamese()
lr, hist = find_lr(m)
print(f"{lr:.5f}", len(hist))
print([f"{h[1]:.4f}" for h in hist[::6]])
opt = torch.optim.NAdam(m.parameters(), 5e-3)
g = torch.Generator().manual_seed(2)
ema = torch.optim.swa_utils.AveragedModel(m, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
for k in range(60):
    a, b, s = pairs(64, g)
    l = contrastive(*m(a, b), s)
    opt.zero_grad()
    l.backward()
    opt.step()
    ema.update_parameters(m)
    if k % 20 == 19:
        print(f"{k} {l:.5f}")
m.eval()
ema.eval()
with torch.no_grad():
    z = m.once(X)
    d = torch.cdist(z, z)
    d.fill_diagonal_(math.inf)
    print("1-nn", (lab[d.argmin(1)] == lab).float().mean().item(), F.cosine_similarity(z[:3], ema.module.once(X)[:3]))
    tl = nn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: 1 - F.cosine_similarity(x, y))
    print(tl(z[:5], z[5:10], z[10:15]))
    print(
        nn.CosineEmbeddingLoss(margin=0.2)(z[:4], z[4:8], torch.tensor([1, -1, 1, -1])),
        nn.HingeEmbeddingLoss()(d[:2, 2:5], torch.tensor([[1, -1, 1], [-1, 1, -1]])),
    )
