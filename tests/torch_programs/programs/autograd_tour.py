"""A first tour of autograd: leaves and results, grad_fn, hooks, retained gradients, accumulation, detaching, errors."""

import torch

x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
print(x, y, z, out)
print(x.is_leaf, y.is_leaf, x.grad_fn, type(y.grad_fn).__name__, y.grad_fn.next_functions[0][0].name())
y.retain_grad()
out.backward()
print(x.grad, y.grad)

a = torch.tensor([2.0, 3.0], requires_grad=True)
b = torch.tensor([6.0, 4.0], requires_grad=True)
Q = 3 * a ** 3 - b ** 2
Q.backward(gradient=torch.tensor([1.0, 1.0]))
print(9 * a ** 2 == a.grad, -2 * b == b.grad)

w = torch.tensor(1.0, requires_grad=True)
for _ in range(3):
    (w * 2).backward()
    print(w.grad.item(), end=" ")
w.grad.zero_()
(w * 2).backward()
print(w.grad.item())

seen = []
h = torch.tensor([1.0, 2.0], requires_grad=True)
m = h * 2
m.register_hook(lambda g: seen.append(g.clone()) or g * 10)
handle = h.register_hook(lambda g: g + 1)
m.sum().backward()
print(seen, h.grad)
handle.remove()

with torch.no_grad():
    print((h * 2).requires_grad, torch.is_grad_enabled())
with torch.enable_grad():
    print((h * 2).requires_grad)
with torch.set_grad_enabled(False):
    print((h * 2).requires_grad)


@torch.no_grad()
def double(t):
    return t * 2


print(double(h).requires_grad, h.detach().requires_grad, (h.detach() * h).requires_grad)

v = torch.tensor(3.0, requires_grad=True)
f = v ** 3
(g1,) = torch.autograd.grad(f, v, create_graph=True)
(g2,) = torch.autograd.grad(g1, v, create_graph=True)
(g3,) = torch.autograd.grad(g2, v)
print(g1, g2, g3)

u = torch.tensor([1.0, -1.0, 0.0], requires_grad=True)
torch.relu(u).sum().backward()
print(u.grad)
u.grad = None
u.abs().sum().backward()
print(u.grad)
s = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
s.max().backward()
print(s.grad)
p = torch.tensor([0.0, 2.0], requires_grad=True)
torch.sqrt(p).sum().backward()
print(p.grad)

c = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
d = c.clone()
d[0] = d[1] * 5
d[2:] += 1
(d ** 2).sum().backward()
print(d, c.grad)

attempts = {
    "no history": lambda: torch.tensor(1.0).backward(),
    "not a scalar": lambda: (a * 2).backward(),
    "twice": lambda: (lambda r: (r.backward(), r.backward()))((a ** 2).sum()),
    "integer": lambda: torch.tensor([1, 2], requires_grad=True),
    "leaf in place": lambda: a.add_(1),
    "numpy": lambda: a.numpy(),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except RuntimeError as error:
        print(f"{name}: {str(error).splitlines()[0][:54]}")
t = torch.ones(3, requires_grad=True)
e = t.exp()
e.add_(1)
try:
    e.sum().backward()
except RuntimeError as error:
    print(str(error).splitlines()[0][:95])
print(torch.autograd.grad((a * b).sum(), [a, b]))
print(torch.autograd.grad(a.sum(), [a, b], allow_unused=True))
