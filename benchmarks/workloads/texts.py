"""Text: a classifier on the mean of its words, and a transformer encoder."""

from typing import Any

from . import Step, initialise, integers
from .perceptrons import trained

WORDS, CLASSES = 10_000, 4
SENTENCES, WORDS_EACH, WIDTH = 128, 32, 64  # of the classifier
VOCABULARY, BATCH, LENGTH, HEADS, INNER, LAYERS = 1000, 16, 32, 4, 128, 2  # of the encoder


def classifier(torch: Any) -> tuple[Step, list[Any]]:
    """Embedding 10,000 × 64, the mean over 32 words, a linear layer; batch 128, Adam."""
    nn = torch.nn

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.out = nn.Embedding(WORDS, WIDTH), nn.Linear(WIDTH, CLASSES)

        def forward(self, x):
            return self.out(self.words(x).mean(dim=1))

    model = initialise(torch, Classifier())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = integers(torch, WORDS, SENTENCES, WORDS_EACH, seed=1), integers(torch, CLASSES, SENTENCES, seed=2)
    return trained(torch, model, nn.CrossEntropyLoss(), optimizer, x, y)


def encoder(torch: Any) -> tuple[Step, list[Any]]:
    """nn.TransformerEncoder, 2 layers of width 64 with 4 heads, 16 sentences of 32 words, their mean classified, Adam."""
    nn = torch.nn

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(VOCABULARY, WIDTH)
            layer = nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, dropout=0.0, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
            self.out = nn.Linear(WIDTH, CLASSES)

        def forward(self, x):
            return self.out(self.encoder(self.words(x)).mean(dim=1))

    model = initialise(torch, Encoder())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = integers(torch, VOCABULARY, BATCH, LENGTH, seed=1), integers(torch, CLASSES, BATCH, seed=2)
    return trained(torch, model, nn.CrossEntropyLoss(), optimizer, x, y)
