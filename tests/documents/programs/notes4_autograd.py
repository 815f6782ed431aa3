# %%
import torch

# %%
X = torch.tensor([1, 2, 3, 4, 6], dtype=torch.float32)
Y = torch.tensor([2, 4, 6, 7, 12], dtype=torch.float32)

w = torch.rand(1, dtype=torch.float32, requires_grad=True)

def predictor(x, w):
    return w*x

def loss(y, y_pred):
    return ((y - y_pred)**2).mean()

learning_rate = 0.01
iter_num = 20

for iter in range(iter_num):
    Y_pred = predictor(X, w)

    Loss = loss(Y, Y_pred)

    Loss.backward()

    with torch.no_grad():
        w -= learning_rate * w.grad

    w.grad.zero_()

    if iter % 2 == 0:
        print(f"epoch {iter+1}: w = {w.item()}, loss = {Loss}")

print(f"The prediction of input 5 is {5 * w.item()}")
