# %%
import torch
import numpy as np
import torch.nn as nn

# %%
x = torch.tensor(1.0)

y = torch.tensor(2.0)

w = torch.tensor(1.0, requires_grad=True)

# %%
y_hat = w*x
loss = (y_hat - y)**2

print(loss)

# %%
# Pytorch will calculate local gradients for us and will also computes the backward pass automatically

loss.backward() # This is the whole gradient calculation
print(w.grad)
