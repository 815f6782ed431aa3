"""A word index beyond the embedding."""
import torch
from torch import nn

torch.manual_seed(0)
vocab = {"a": 0, "b": 1, "c": 2, "d": 3}
emb = nn.Embedding(3, 5)
text = torch.tensor([vocab[c] for c in "abacabad"])
out = emb(text).mean(0)
print(out.sum().item())
