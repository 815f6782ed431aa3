import torch

torch.manual_seed(0)
x = torch.linspace(-2, 2, 40).reshape(-1, 1)
y = 1.5 * x - 0.5 + 0.3 * torch.randn(40, 1)

model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(60):
    prediction = model(x)
    loss = torch.nn.functional.mse_loss(prediction, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
