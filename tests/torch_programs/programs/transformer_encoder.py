"""nn.TransformerEncoder and nn.MultiheadAttention: which half of a sequence has the larger sum? Padding masks."""

import math

import torch
import torch.nn as nn

torch.manual_seed(6)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=50):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[:, :x.size(1)]


class Classifier(nn.Module):
    def __init__(self, d_model=16, nhead=2, layers=2):
        super().__init__()
        self.lift = nn.Linear(1, d_model)
        self.position = PositionalEncoding(d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=32, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=layers)
        self.head = nn.Linear(d_model, 2)

    def forward(self, x, padding=None):
        h = self.position(self.lift(x.unsqueeze(-1)))
        h = self.encoder(h, src_key_padding_mask=padding)
        return self.head(h.mean(dim=1))


x = torch.randn(48, 8)
y = (x[:, :4].sum(1) > x[:, 4:].sum(1)).long()
model = Classifier()
print("parameters:", sum(p.numel() for p in model.parameters()))
print(model.position.pe[0, :3, :4])
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(30):
    model.train()
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if epoch % 6 == 0:
        print(f"epoch {epoch}: loss {loss.item():.4f}, lr {scheduler.get_last_lr()[0]:.6f}")

attention = nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
query = torch.randn(2, 3, 8)
memory = torch.randn(2, 5, 8)
padding = torch.tensor([[False, False, False, True, True], [False] * 5])
output, weights = attention(query, memory, memory, key_padding_mask=padding)
print(output.shape, weights.shape)
print(weights[0])
print(weights.sum(-1))
causal = nn.Transformer.generate_square_subsequent_mask(3)
print(causal)
output, weights = attention(query, query, query, attn_mask=causal, average_attn_weights=False)
print(weights[0, 1])
q = torch.randn(1, 2, 4, 8)
same = torch.nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
print(same[0, 0, 0, :4], f"{same.sum().item():.4f}")
