import chainrule as torch

w = torch.tensor(1.0, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
with torch.doctor(show=False) as found, torch.record() as run:
    for _ in range(5):
        loss = (w - 3) ** 2
        loss.backward()
        opt.step()
assert [f.code for f in found.findings] == ["D01"] and len(run) == 5
