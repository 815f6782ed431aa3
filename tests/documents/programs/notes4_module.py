# %%
import torch

# %%
X = torch.tensor([[1], [2], [3], [4], [6], [8]], dtype=torch.float32)
Y = torch.tensor([[2], [4], [6], [8], [11], [16]], dtype=torch.float32)

in_feature = 1
out_feature = 1

model = torch.nn.Linear(in_feature, out_feature)

loss = torch.nn.MSELoss()

learning_rate = 0.015
iter_num = 100

optemiser = torch.optim.SGD(model.parameters(), learning_rate)

for iter in range(iter_num):
    Y_pred = model(X)

    Loss = loss(Y, Y_pred)

    Loss.backward()

    optemiser.step()

    optemiser.zero_grad()

    if iter % 10 == 0:
        [w, b] = model.parameters()
        print("epoch %i: w = %f, b = %f, loss = %f" % (iter+1, w, b, Loss))

print("model prediction: f(5) = %f" % model(torch.tensor([5], dtype=torch.float32)))
