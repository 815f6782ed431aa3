# %%
# The steps of a design:

# 1) Design model (input, output size, forward pass)
# 2) Construct loss and optimizer
# 3) Training loop
#  - forward pass: compute prediction
#  - backward pass: gradients
#  - update weights

import torch
import torch.nn as nn

X = torch.tensor([[1],[2],[3],[4]], dtype=torch.float32)
Y = torch.tensor([[2],[4],[6],[8]], dtype=torch.float32)

X_test = torch.tensor([5], dtype=torch.float32)

n_samples, n_features = X.shape
print(n_samples, n_features)  # 4 samples, 1 feature

input_size = n_features
output_size = n_features

model = nn.Linear(input_size, output_size) # The model now knows taht we have inputs, outputs, and want to optimize weights (model parameters)
print(f"Model input size: {input_size}")
print(f"Model ouput size: {output_size}")
[w,b] = model.parameters()
print(f"Model weights before training: {w[0]}") # a generator
print(f"Model biases before training: {b[0]}") # a generator

print(f'Prediction before training: f(5) = {model(X_test).item():.3f}')

learning_rate = 0.01
n_iters = 200

loss = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate) # The weights (to optimize) are the model parameters now

for epoch in range(n_iters):
    # prediction: forward pass
    y_pred = model(X)

    # loss
    l = loss(y_pred, Y)

    # gradients
    l.backward() # dl/dw

    # update weights (the optimizer takes care of the negative direction wrt the gradient)
    optimizer.step()

    # zero gradients
    optimizer.zero_grad()

    if epoch % 10 == 0:
        [w,b] = model.parameters()
        print(f'epoch {epoch+1}: w = {w[0][0].item():.3f}, bias: {b[0]:.3f}, loss = {l:.8f}')
        # print(f'epoch {epoch+1}: w = {w[0][0].item():.3f}, loss = {l:.8f}')

print(f'Prediction after training: f(5) = {model(X_test).item():.3f}')

# still less perfect - experiments with learning rate and n_iter
# The overall improvement is visible, though

# %%
# One can create a custom linear regression model

class LinearRegression(nn.Module):

    def __init__(self, input_dim, output_dim):
        super(LinearRegression, self).__init__()
        # define layers
        self.lin = nn.Linear(input_dim, output_dim)

    def forward(self, x):
        return self.lin(x)

model = LinearRegression(input_size, output_size)
