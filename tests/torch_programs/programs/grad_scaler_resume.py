"""A loss that is scaled, clipped and scheduled; training stopped, stored, and resumed to the same last bit."""

import copy
import io

import torch
from torch import nn
from torch.amp import GradScaler

torch.manual_seed(0)
X = torch.randn(128, 12)
W = torch.randn(12, 3)
y = (X @ W).argmax(1)


def build():
    torch.manual_seed(7)
    m = nn.Sequential(nn.Linear(12, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 3))
    o = torch.optim.SGD(m.parameters(), lr=0.2, momentum=0.9, nesterov=True)
    s = torch.optim.lr_scheduler.SequentialLR(
        o,
        [torch.optim.lr_scheduler.LinearLR(o, 0.1, total_iters=3), torch.optim.lr_scheduler.CosineAnnealingLR(o, 12)],
        [3],
    )
    return m, o, s, GradScaler("cpu", init_scale=2.0**10, growth_interval=4)


def run(m, o, s, sc, start, stop):
    for step in range(start, stop):
        i = torch.arange(step * 16, step * 16 + 32) % 128
        loss = nn.functional.cross_entropy(m(X[i]), y[i])
        o.zero_grad()
        sc.scale(loss).backward()
        sc.unscale_(o)
        norm = nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        sc.step(o)
        sc.update()
        s.step()
        if step % 3 == 0 or step == 4:
            lr = o.param_groups[0]["lr"]
            print(f"step {step:2d} loss {loss.item():.5f} norm {norm:.4f} scale {sc.get_scale():.0f} lr {lr:.4f}")


m, o, s, sc = build()
run(m, o, s, sc, 0, 8)
file = io.BytesIO()
torch.save(
    {
        "model": m.state_dict(),
        "opt": o.state_dict(),
        "sched": s.state_dict(),
        "scaler": sc.state_dict(),
        "rng": torch.get_rng_state(),
        "step": 8,
    },
    file,
)
run(m, o, s, sc, 8, 15)
want = copy.deepcopy(m.state_dict())
m, o, s, sc = build()
file.seek(0)
ck = torch.load(file, map_location="cpu", weights_only=True)
print(sorted(ck), sorted(ck["scaler"].items()))
print(m.load_state_dict(ck["model"]))
o.load_state_dict(ck["opt"])
s.load_state_dict(ck["sched"])
sc.load_state_dict(ck["scaler"])
torch.set_rng_state(ck["rng"])
run(m, o, s, sc, ck["step"], 15)
print(all(torch.equal(a, b) for a, b in zip(want.values(), m.state_dict().values())))
