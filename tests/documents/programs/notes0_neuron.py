# %%
import torch , torch.nn as nn
import numpy as np

# %%
x = torch.tensor(1.0)
w = torch.tensor(1.0, requires_grad=True) # since we need to update w in backprop
y_true = torch.tensor(2.0)

#linear regression
y_pred = w*x
loss = (y_pred - y_true)**2

# %%
loss

# %%
loss.backward()

# %%
w.grad

# %%
# update weights:
with torch.no_grad():
    w -= 0.1*w.grad

# %%
y_pred2 = w*x
loss2 = (y_pred2 - y_true)**2

loss2

# %%
loss2.backward()

# %%
w.grad
