"""A character LSTM learns a sentence and writes on from a prompt, sampling at several temperatures."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(10)
text = "the chain rule multiplies local gradients along every path and adds up where the paths meet. " * 2
chars = sorted(set(text))
stoi = {ch: i for i, ch in enumerate(chars)}
data = torch.tensor([stoi[ch] for ch in text], dtype=torch.long)
print(len(text), len(chars), data[:10])


class CharLSTM(nn.Module):
    def __init__(self, vocab_size, embed=12, hidden=32, layers=1):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed)
        self.lstm = nn.LSTM(embed, hidden, layers, batch_first=True)
        self.fc = nn.Linear(hidden, vocab_size)

    def forward(self, x, hidden=None):
        out, hidden = self.lstm(self.embedding(x), hidden)
        return self.fc(out), hidden


model = CharLSTM(len(chars))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
seq, batch = 24, 6
for step in range(60):
    starts = torch.randint(0, len(data) - seq - 1, (batch,))
    xb = torch.stack([data[s:s + seq] for s in starts])
    yb = torch.stack([data[s + 1:s + seq + 1] for s in starts])
    logits, _ = model(xb)
    loss = F.cross_entropy(logits.view(-1, len(chars)), yb.view(-1))
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    if step % 15 == 0:
        print(f"step {step}: loss {loss.item():.4f}, gradient norm {norm:.4f}")


@torch.no_grad()
def generate(prompt, length, temperature):
    model.eval()
    logits, hidden = model(torch.tensor([[stoi[c] for c in prompt]]))
    out = prompt
    for _ in range(length):
        probs = F.softmax(logits[:, -1] / temperature, dim=-1)
        nxt = torch.multinomial(probs, num_samples=1)
        out += chars[nxt.item()]
        logits, hidden = model(nxt, hidden)
    return out


for temperature in (0.2, 0.6, 1.0):
    print(f"{temperature}: {generate('the ', 30, temperature)}")
logits, (h, c) = model(data[:30].unsqueeze(0))
print(h.shape, c.shape, f"{h.norm():.4f} {c.norm():.4f}")
print(f"perplexity {torch.exp(F.cross_entropy(logits[0, :-1], data[1:30])).item():.3f}")
