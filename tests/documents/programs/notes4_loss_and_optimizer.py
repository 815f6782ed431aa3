# %%
import torch

# %%
X = torch.tensor([1, 2, 3, 4, 6, 8], dtype=torch.float32)
Y = torch.tensor([2, 4, 6, 8, 11, 16], dtype=torch.float32)

w = torch.tensor(0.0, dtype=torch.float32, requires_grad=True)

def forward(x, w):
    return x * w

loss = torch.nn.MSELoss()

learning_rate = 0.01
iter_num = 20

optemiser = torch.optim.SGD([w], learning_rate)

for iter in range(iter_num):
    Y_pred = forward(X, w)

    Loss = loss(Y, Y_pred)

    Loss.backward()

    optemiser.step()

    optemiser.zero_grad()

    if iter % 2 == 0:
        print("epoch %i: w = %f, loss = %f" % (iter+1, w.item(), Loss))

print("model prediction: f(5) = %f" % forward(5, w))
