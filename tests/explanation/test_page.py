"""The picture in docs/explaining.md is what the code draws (written anew by `python -m tests.explanation.test_page`)."""

from pathlib import Path

import chainrule as torch

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "neuron.svg"


def drawn():
    x, y = torch.tensor(1.0), torch.tensor(2.0)
    w = torch.tensor(1.0, requires_grad=True)
    y_hat = w * x
    loss = (y_hat - y) ** 2
    return torch.draw(loss)


def test_the_picture_on_the_page_is_the_code_s():
    assert PICTURE.read_text(encoding="utf-8") == drawn().svg()


if __name__ == "__main__":
    drawn().save(PICTURE)
