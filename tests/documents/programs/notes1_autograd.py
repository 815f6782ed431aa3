# %%
import torch
import numpy as np
import torch.nn as nn

# %%
# f = w * x

# f = 2 * x

# some training examples

x = torch.tensor([1,2,3,4], dtype=torch.float32)
y = torch.tensor([2,4,6,8], dtype=torch.float32)

# Initializing our weights

w = torch.tensor(0.0, dtype=torch.float32,requires_grad=True)

# model prediction

def forward(x):
  return w*x


# Loss = MSE

def loss(y,y_predicted):
  return ((y_predicted-y)**2).mean()

# gradient
# MSE = 1/N * (w*x-y)**2
# dJ/dw = 1/N 2x (w*x-y)



print(f'Prediction before training : f(5) = {forward(5):.3f}')

# Training

learning_rate = 0.01
n_iters = 100

for epoch in range(n_iters):

  # prediction = forward pass
  y_pred = forward(x)

  # loss
  l = loss(y,y_pred)

  # gradients = backward pass
  l.backward() # dl/dw

  # update weights
  with torch.no_grad():
    w -= learning_rate * w.grad

  # Zero gradients
  w.grad.zero_()

  if epoch % 10 == 0:
    print(f'epoch {epoch+1}: w={w:.3f},loss = {l:.8f}')

print(f'Prediction after training : f(5) = {forward(5):.3f}')
