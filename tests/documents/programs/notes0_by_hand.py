# %%
import numpy as np

# %%
# Linear regression using mean squared error and gradient descent in single dimension

# define dataset
X = np.array([-1,1,2,3,4], dtype=np.float32)
# simple function: y = 2*x
y = np.array([-2,2,4,6,8], dtype=np.float32)

# w = np.random.rand(1)
w = np.zeros(1)

def predict(w,x):
    return w*x

def loss(y_pred, y_true):
    return ((y_pred-y_true)**2).mean()

def gradient(x, y_true, y_pred):
    return np.mean(2*x*(y_pred - y_true))

# lets run gradient descent:

print("Before training f(5) = ", (w*5)[0])

n_iters = 40
learning_rate = 0.01

i = 0
for i in range(n_iters):

    # calculate prediction
    y_pred = predict(w,X)

    # loss
    mse_loss = loss(y_pred, y)

    # calculate grad
    grad = gradient(X, y, y_pred)

    # update w
    w -= learning_rate*grad

    if (i % 4 ==0) :
        print(f"epoch {i}: w = {w} | loss = {mse_loss}")


print("After training f(5) = ", (w*5)[0])
