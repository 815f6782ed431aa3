# %%
import torch

# %%
x = torch.rand(4,requires_grad=True)
print(x)

# %%
y = x*5
print(y)

# %%
w = y**2
print(w)

# %%
z = w.mean()
print(z)

# %%
z.backward()
print(x.grad)

# %%
x = torch.rand(5,requires_grad=True)
print(x)
x.requires_grad_(False)
print(x)

# %%
x = torch.rand(5,requires_grad=True)
print(x)
y = x.detach()
print(y)

# %%
with torch.no_grad():
    y=x**2+2
    print(y)

# %%
W = torch.ones(3, requires_grad=True)

for epoch in range(4):
    out = (W*2).sum()

    out.backward()

    print(W.grad)

# %%
W = torch.ones(3, requires_grad=True)

for epoch in range(4):
    out = (W*2).sum()

    out.backward()

    print(W.grad)

    W.grad.zero_()

# %%
input = torch.tensor(2.0)
output = torch.tensor(10.0)

W = torch.tensor(1.0, requires_grad=True) # this requires grad since it is our learnable param
pred = W*input
loss = (pred - output)**2 #MSE loss
print(loss)
loss.backward() # backprop
