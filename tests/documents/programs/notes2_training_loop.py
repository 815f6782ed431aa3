# %%
import torch

# %%
import torch.nn as nn

# %%
x = torch.randint(1,10,(5,), dtype=torch.float32)
y = torch.randint(1,10,(5,), dtype=torch.float32)
w = torch.zeros(1, requires_grad=True, dtype=torch.float32)

# %%
def forward(x):
    return w*x

# %%
lr = 0.01
n_iter = 11

# %%
loss = nn.MSELoss()
optimizer = torch.optim.SGD([w], lr = lr)

# %%
for epoch in range(n_iter):
    pred = forward(x)
    l = loss(y, pred)
    l.backward() # gradients
    optimizer.step() #update weights
    optimizer.zero_grad() # set grads to 0

    if epoch % 5 == 0:
        print(f'epoch {epoch}: w = {w}, loss = {l}')
