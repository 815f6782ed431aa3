"""Two classes: logistic regression with BCELoss, then with logits, accuracy and a decision threshold."""

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1)
rng = np.random.default_rng(3)
X_numpy = np.concatenate([rng.normal(-1.0, 1.2, (100, 2)), rng.normal(1.0, 1.2, (100, 2))])
y_numpy = np.concatenate([np.zeros(100), np.ones(100)])
X = torch.from_numpy(X_numpy.astype(np.float32))
y = torch.from_numpy(y_numpy.astype(np.float32)).view(-1, 1)
print(X.shape, X.dtype, y.shape, y.dtype)
mean, std = X.mean(dim=0), X.std(dim=0)
print(mean, std)
X = (X - mean) / std
order = torch.randperm(200)
train, test = order[:160], order[160:]
print(order[:10])


class LogisticRegression(nn.Module):
    def __init__(self, n_input_features):
        super(LogisticRegression, self).__init__()
        self.linear = nn.Linear(n_input_features, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


model = LogisticRegression(2)
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(100):
    y_predicted = model(X[train])
    loss = criterion(y_predicted, y[train])
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if (epoch + 1) % 20 == 0:
        print(f"epoch: {epoch + 1}, loss = {loss.item():.4f}")
with torch.no_grad():
    y_predicted = model(X[test])
    y_predicted_cls = y_predicted.round()
    acc = y_predicted_cls.eq(y[test]).sum() / float(y[test].shape[0])
    print(f"accuracy = {acc:.4f}")
    print(y_predicted[:5])

logits_model = nn.Linear(2, 1)
logits_model.load_state_dict({"weight": torch.zeros(1, 2), "bias": torch.zeros(1)})
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.0]))
optimizer = torch.optim.SGD(logits_model.parameters(), lr=0.5, momentum=0.9, nesterov=True, weight_decay=1e-3)
for epoch in range(60):
    optimizer.zero_grad()
    loss = criterion(logits_model(X[train]), y[train])
    loss.backward()
    optimizer.step()
print(f"{loss.item():.5f}")
print(logits_model.weight, logits_model.bias)
probability = torch.sigmoid(logits_model(X[test])).detach()
for threshold in (0.3, 0.5, 0.7):
    predicted = (probability > threshold).float()
    tp = (predicted * y[test]).sum().item()
    fp = (predicted * (1 - y[test])).sum().item()
    fn = ((1 - predicted) * y[test]).sum().item()
    print(f"threshold {threshold}: precision {tp / (tp + fp):.3f}, recall {tp / (tp + fn):.3f}")
