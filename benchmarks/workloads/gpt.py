"""A small GPT: 4 layers, width 128, 4 heads, a batch of 12 sequences of 64 characters, AdamW."""

import math
from typing import Any

from . import Step, initialise, integers

LAYERS, WIDTH, HEADS, BATCH, LENGTH, VOCABULARY = 4, 128, 4, 12, 64, 65


def gpt(torch: Any) -> tuple[Step, list[Any]]:
    nn, F = torch.nn, torch.nn.functional

    class CausalSelfAttention(nn.Module):
        """softmax(q·kᵀ/√d + mask)·v, written out."""

        def __init__(self):
            super().__init__()
            self.attend = nn.Linear(WIDTH, 3 * WIDTH)
            self.project = nn.Linear(WIDTH, WIDTH)
            self.register_buffer("mask", torch.tril(torch.ones(LENGTH, LENGTH)).view(1, 1, LENGTH, LENGTH) == 0)

        def forward(self, x):
            batch, length, width = x.size()
            q, k, v = (
                part.view(batch, length, HEADS, width // HEADS).transpose(1, 2)
                for part in self.attend(x).split(width, dim=2)
            )
            scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(width // HEADS))
            weights = F.softmax(scores.masked_fill(self.mask, float("-inf")), dim=-1)
            y = (weights @ v).transpose(1, 2).contiguous().view(batch, length, width)
            return self.project(y)

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.attention = CausalSelfAttention()
            self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

        def forward(self, x):
            x = x + self.attention(self.norm1(x))
            return x + self.mlp(self.norm2(x))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(LENGTH, WIDTH)
            self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
            self.norm = nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

        def forward(self, tokens):
            x = self.tokens(tokens) + self.positions(torch.arange(LENGTH))
            return self.head(self.norm(self.blocks(x)))

    model = initialise(torch, GPT())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    text = integers(torch, VOCABULARY, BATCH, LENGTH + 1, seed=1)
    x, y = text[:, :-1].contiguous(), text[:, 1:].contiguous()

    def step():
        optimizer.zero_grad()
        logits = model(x)
        loss = F.cross_entropy(logits.view(-1, VOCABULARY), y.view(-1))
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())
