import random
from collections import deque
import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
q = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 2))
frozen = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 2))
frozen.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=5e-3)
memory = deque(maxlen=200)
for episode in range(8):
    s = 0.0
    for t in range(8):
        state = torch.tensor([[s]])
        with torch.no_grad():
            a = random.randrange(2) if random.random() < 0.3 else q(state).argmax(1).item()
        s2 = s + (0.25 if a else -0.25)
        r = 1.0 if s2 >= 1 else -0.01
        memory.append((s, a, r, s2, s2 >= 1))
        s = s2
        if len(memory) >= 16:
            batch = random.sample(memory, 16)
            S, A, R, S2, done = map(torch.tensor, zip(*batch))
            with torch.no_grad():
                goal = R + 0.9 * frozen(S2[:, None]).max(1)[0] * (~done)
            now = q(S[:, None].float()).gather(1, A[:, None]).squeeze(1)
            loss = nn.functional.mse_loss(now, goal)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if s >= 1:
            break
    frozen.load_state_dict(q.state_dict())
