"""predict() of a class forgets no_grad."""
import torch
import torch.nn as nn


class Regression:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))

    def fit(self, x, y):
        self.net.train()
        opt = torch.optim.LBFGS(self.net.parameters(), max_iter=10)

        def closure():
            opt.zero_grad()
            loss = nn.functional.mse_loss(self.net(x), y)
            loss.backward()
            return loss

        opt.step(closure)

    def predict(self, x):
        self.net.eval()
        return self.net(x).detach()


torch.manual_seed(0)
x = torch.rand(40, 2)
r = Regression()
r.fit(x, x.prod(1, keepdim=True))
for batch in torch.rand(60, 2).split(20):
    print(r.predict(batch).mean().item())
