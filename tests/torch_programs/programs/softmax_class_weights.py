"""Several classes of unequal size: class weights, label smoothing, ignore_index, a confusion matrix, top-k."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(42)
centers = torch.tensor([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0], [0.0, 0.0]])
counts = torch.tensor([120, 60, 30, 15])
labels = torch.repeat_interleave(torch.arange(4), counts)
points = centers[labels] + 0.8 * torch.randn(len(labels), 2)
print(labels.bincount(), points.mean(0))

weights = counts.sum() / (4.0 * counts.float())
print("class weights:", weights)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 4))
criterion = nn.CrossEntropyLoss(weight=weights)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
loader = DataLoader(TensorDataset(points, labels), batch_size=45, shuffle=True)
for epoch in range(12):
    running_loss, correct = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * inputs.size(0)
        _, predicted = torch.max(outputs, 1)
        correct += (predicted == targets).sum().item()
    if epoch % 3 == 0:
        print(f"[{epoch + 1}] loss: {running_loss / len(labels):.4f} correct: {correct}/{len(labels)}")

model.eval()
with torch.no_grad():
    logits = model(points)
    probabilities = F.softmax(logits, dim=1)
    predicted = probabilities.argmax(dim=1)
confusion = torch.zeros(4, 4, dtype=torch.int64)
for t, p in zip(labels, predicted):
    confusion[t, p] += 1
print(confusion)
print("recall:", confusion.diag() / confusion.sum(1))
print("top 2:", torch.topk(probabilities[:2], 2))

for smoothing in (0.0, 0.1):
    print(f"smoothing {smoothing}: {F.cross_entropy(logits, labels, label_smoothing=smoothing).item():.5f}")
masked = labels.clone()
masked[::2] = -100
print(f"half ignored: {F.cross_entropy(logits, masked, ignore_index=-100).item():.5f}")
print(f"nll: {F.nll_loss(F.log_softmax(logits, dim=1), labels, weight=weights, reduction='sum').item():.3f}")
print("none:", F.cross_entropy(logits[:4], labels[:4], reduction="none"))
print("soft targets:", F.cross_entropy(logits, F.one_hot(labels, 4).float() * 0.9 + 0.025))

sampler = WeightedRandomSampler(weights[labels], num_samples=225, replacement=True)
seen = torch.cat([targets for _, targets in DataLoader(TensorDataset(points, labels), batch_size=75, sampler=sampler)])
print("resampled:", seen.bincount(minlength=4))
