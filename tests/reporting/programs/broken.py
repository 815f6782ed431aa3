import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 16).reshape(-1, 1)
y = 3 * x
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(20):
    loss = torch.nn.MSELoss()(torch.nn.Tanh()(model(x)) * 3, y)
    loss.backward()
    optimizer.step()
