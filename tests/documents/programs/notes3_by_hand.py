# %%
import numpy as np

# %%
# f = w*x
# f = 2*x  # a function that multiplies any given number by 2 (we don't know the function yet)

# Usually the function is not known, only the inputs (observations) and outputs. The task is to find weights to accomodate this relationship.
# Then any other number, like 5, will also be churned through the function in the same fashion.

X = np.array([1,2,3,4], dtype=np.float32) # observations
Y = np.array([2,4,6,8], dtype=np.float32) # results for each observation
w = 0.0

# %%
# model prediction
def forward(x):
    return w * x

# %%
# loss = MSE
# loss -> 0
def loss(y, y_predicted):
    return ((y_predicted-y)**2).mean()

# %%
# gradient : denotes the direction of greatest change of a scalar function.
# We can choose the error method.
# If we choose MSE, then the derivative of MSE, with the help of the "chain rule" is:

# MSE = 1/N * (w*x - y)**2
# chain rule (see 02_Backpropagation.ipynb) dloss/dw = 2s * x = 2x * (y_hat - y) . To find the mean, divide by N:
# dJ/dw = 1/N * 2*(w*x - y) * x       = 1/N 2x (w*x - y)

def gradient(x,y,y_predicted):
    return np.dot(2*x, (y_predicted - y)).mean()

print(f'Prediction before training: f(5) = {forward(5):.3f}')

# %%
# Training

learning_rate = 0.01
n_iters = 10

for epoch in range(n_iters):
    # prediction: forward pass
    y_pred = forward(X)

    # loss
    l = loss(Y, y_pred)

    # calculate derivative of the loss function
    dw = gradient(X, Y, y_pred)

    # update weights (negative direction wrt the gradient)
    w -= learning_rate * dw

    if epoch % 1 == 0:
        print(f'epoch {epoch+1}: w = {w:.3f}, loss = {l:.8f}')

print(f'Prediction after training: f(5) = {forward(5):.3f}')

# %%
# More iterations

X = np.array([1,2,3,4], dtype=np.float32)
Y = np.array([2,4,6,8], dtype=np.float32)
w = 0.0

print(f'Prediction before training: f(5) = {forward(5):.3f}')

learning_rate = 0.01
n_iters = 20

for epoch in range(n_iters):
    # prediction: forward pass
    y_pred = forward(X)

    # loss
    l = loss(Y, y_pred)

    # gradients
    dw = gradient(X, Y, y_pred)

    # update weights (negative direction wrt the gradient)
    w -= learning_rate * dw

    if epoch % 2 == 0:
        print(f'epoch {epoch+1}: w = {w:.3f}, loss = {l:.8f}')

print(f'Prediction after training: f(5) = {forward(5):.3f}')
