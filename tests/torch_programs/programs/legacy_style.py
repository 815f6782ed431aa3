"""The spelling of older courses: Variable, FloatTensor, .data, F.sigmoid, size_average, torch.Tensor(2, 3)."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable

torch.manual_seed(1)
x_data = [1.0, 2.0, 3.0]
y_data = [2.0, 4.0, 6.0]
w = Variable(torch.Tensor([1.0]), requires_grad=True)


def forward(x):
    return x * w


def loss(x, y):
    y_pred = forward(x)
    return (y_pred - y) * (y_pred - y)


print("predict (before training)", 4, forward(4).data[0])
for epoch in range(10):
    for x_val, y_val in zip(x_data, y_data):
        l = loss(x_val, y_val)  # noqa: E741
        l.backward()
        w.data = w.data - 0.01 * w.grad.data
        w.grad.data.zero_()
    print("progress:", epoch, "%.5f" % l.data[0])
print("predict (after training)", 4, "%.4f" % forward(4).data[0])

x = Variable(torch.FloatTensor([[1.0], [2.0], [3.0], [4.0]]))
y = Variable(torch.FloatTensor([[0.0], [0.0], [1.0], [1.0]]))


class Model(torch.nn.Module):
    def __init__(self):
        super(Model, self).__init__()
        self.linear = torch.nn.Linear(1, 1)

    def forward(self, x):
        return F.sigmoid(self.linear(x))


model = Model()
criterion = torch.nn.BCELoss(size_average=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(60):
    y_pred = model(x)
    loss_value = criterion(y_pred, y)
    optimizer.zero_grad()
    loss_value.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, "%.5f" % loss_value.item())
hour_var = Variable(torch.Tensor([[1.0]]))
print("predict 1 hour ", 1.0, model(hour_var).data[0][0] > 0.5)
print("predict 7 hours", 7.0, model(Variable(torch.Tensor([[7.0]]))).data[0][0] > 0.5)

t = torch.LongTensor([1, 2, 3])
print(t, t.type(), torch.Tensor(2, 3).size(), torch.FloatTensor(2).fill_(1), torch.DoubleTensor([1.5]))
print(torch.ByteTensor([1, 0]), torch.zeros(2).type(torch.LongTensor), x.data.type(), isinstance(t, torch.LongTensor))
print(F.tanh(torch.ones(2)), F.softmax(torch.ones(1, 4), dim=1), torch.autograd.Variable(torch.ones(1)))
m = nn.Linear(3, 2)
nn.init.xavier_uniform_(m.weight)
nn.init.constant_(m.bias, 0.1)
print(m.weight.data, m.bias.data)
print(torch.max(torch.Tensor([[1, 5], [7, 2]]), 1)[1], torch.mm(torch.ones(2, 2), torch.ones(2, 2)))
net = torch.nn.Sequential()
net.add_module("fc", nn.Linear(2, 2))
net.add_module("act", nn.ReLU())
print(net)
mse = nn.MSELoss(reduce=False)
print(mse(torch.ones(2), torch.zeros(2)), F.mse_loss(torch.ones(2), torch.zeros(2), size_average=False))
print(torch.cuda.is_available(), torch.__version__.split(".")[0])
