# %%
import torch

X = torch.tensor([1,2,3,4], dtype=torch.float32)
Y = torch.tensor([2,4,6,8], dtype=torch.float32)
w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True) # interested in derivative wrt weights w. Turning on tracking of nodes history.

# %%
# model prediction
def forward(x):
    return w * x

# loss = MSE
def loss(y, y_predicted):
    return ((y_predicted-y)**2).mean()

print(f'Prediction before training: f(5) = {forward(5):.3f}')

learning_rate = 0.01
n_iters = 20

for epoch in range(n_iters):
    # prediction: forward pass
    y_pred = forward(X)  # history: node1 (multiplied two tensors)

    # calculate loss
    l = loss(Y, y_pred) # history: node2 (subtraction of 2 tensors) and node3 (power of 2)

    # calculate gradient of the loss function (autograd) - the node graph is by now in memory
    l.backward() # dl/dw

    # update weights (dl/dw = w.grad - calculates automatically since the history of nodes is tracked)
    # we don't want to create a graph and track the nodes history on the backward pass => no_grad
    with torch.no_grad():
        w -= learning_rate * w.grad

    # prevent gradient accumulation
    w.grad.zero_()

    if epoch % 2 == 0:
        print(f'epoch {epoch+1}: w = {w:.3f}, loss = {l:.8f}')

print(f'Prediction after training: f(5) = {forward(5):.3f}')

# %%
# not as accurate as manual -> let's increase the number of iterations

X = torch.tensor([1,2,3,4], dtype=torch.float32)
Y = torch.tensor([2,4,6,8], dtype=torch.float32)
w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True)

# model prediction
def forward(x):
    return w * x

# loss = MSE
def loss(y, y_predicted):
    return ((y_predicted-y)**2).mean()

learning_rate = 0.01
n_iters = 100

print(f'Prediction before training: f(5) = {forward(5):.3f}')

for epoch in range(n_iters):
    # prediction: forward pass
    y_pred = forward(X)

    # loss
    l = loss(Y, y_pred)

    # gradients
    l.backward() # dl/dw

    # update weights (negative direction wrt the gradient)
    with torch.no_grad():
        w -= learning_rate * w.grad

    # zero gradients
    w.grad.zero_()

    if epoch % 10 == 0:
        print(f'epoch {epoch+1}: w = {w:.3f}, loss = {l:.8f}')

print(f'Prediction after training: f(5) = {forward(5):.3f}')
