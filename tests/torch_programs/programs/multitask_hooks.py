"""A network with two heads: forward and backward hooks, parameters shared and frozen, ModuleList, custom losses."""

from collections import OrderedDict

import torch
import torch.nn as nn

torch.manual_seed(60)


class TwoHeads(nn.Module):
    def __init__(self, widths=(5, 10, 10)):
        super().__init__()
        self.trunk = nn.ModuleList([nn.Linear(a, b) for a, b in zip(widths, widths[1:])])
        self.norm = nn.LayerNorm(widths[-1])
        self.act = nn.SiLU()
        self.heads = nn.ModuleDict({"class": nn.Linear(widths[-1], 3), "value": nn.Linear(widths[-1], 1)})
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        for layer in self.trunk:
            x = self.act(layer(x))
        x = self.norm(x)
        return {name: head(x) for name, head in self.heads.items()}


model = TwoHeads()
print(model)
activations, gradients = OrderedDict(), {}
for i, layer in enumerate(model.trunk):
    layer.register_forward_hook(lambda m, inp, out, i=i: activations.__setitem__(i, out.detach().abs().mean().item()))
model.norm.register_full_backward_hook(lambda m, gi, go: gradients.__setitem__("norm", go[0].norm().item()))
x = torch.randn(40, 5)
classes = (x.sum(1) > 0).long() + (x[:, 0] > 1).long()
values = torch.sin(x[:, :1]) + 0.1 * torch.randn(40, 1)
criterion = {"class": nn.CrossEntropyLoss(), "value": nn.HuberLoss(delta=0.5)}
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(25):
    out = model(x)
    losses = torch.stack([criterion["class"](out["class"], classes), criterion["value"](out["value"], values)])
    loss = (torch.exp(-model.log_var) * losses + model.log_var).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 6 == 0:
        print(f"epoch {epoch}: {loss.item():.4f} = {losses[0].item():.4f}, {losses[1].item():.4f}")
print({k: round(v, 4) for k, v in activations.items()}, f"{gradients['norm']:.4f}")
print("weights:", torch.exp(-model.log_var).detach())
print("mae:", nn.L1Loss()(model(x)["value"], values).item())

tied = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 4, bias=False))
tied[2].weight = tied[0].weight
print(len(list(tied.parameters())), len(tied.state_dict()))
tied(torch.ones(1, 4)).sum().backward()
print(tied[0].weight.grad)
print([name for name, _ in model.named_modules()][:6], [type(m).__name__ for m in model.children()])
vector = nn.utils.parameters_to_vector(model.heads["value"].parameters())
print(vector.shape, f"{vector.norm().item():.5f}")
model.requires_grad_(False)
print(any(p.requires_grad for p in model.parameters()))
counts = {"Linear": 0}
model.apply(lambda m: counts.__setitem__("Linear", counts["Linear"] + isinstance(m, nn.Linear)))
print(counts, model.double().log_var.dtype, model.training, model.eval().training)
print(torch.nn.functional.gumbel_softmax(torch.zeros(2, 3), hard=True).sum(1))
