"""The random numbers with which the documents' programs ran.

The documents were run without a seed, but what they print pins down what was drawn: from the weight and the loss at
ten epochs follow the initial weight and bias to the last bit, from a printed tensor its entries to half a unit of the
last place. With these numbers in place of the draws, the programs print their documents' output digit for digit, in
PyTorch too. Where several drawings print the same, one of them stands here.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Draws:
    """What the program draws: nn.Linear's initial (weight, bias), then each call of torch.rand or torch.randint."""

    linear: tuple[float, float] | None = None
    tensors: tuple[tuple[float, ...], ...] = ()


DRAWS = {
    "notes0_module": Draws(linear=(-0.6917189359664917, -0.04089236259460449)),
    "notes1_module": Draws(linear=(-0.11639881134033203, -0.7111426591873169)),
    "notes2_autograd": Draws(
        tensors=(
            (15962850 / 2**24, 1284 / 2**24, 11528339 / 2**24, 3353358 / 2**24),
            (0.9272, 0.4491, 0.1590, 0.3386, 0.3007),
            (0.0322, 0.0197, 0.5358, 0.2156, 0.64057),
        )
    ),
    "notes2_training_loop": Draws(tensors=((4, 8, 8, 5, 4), (2, 8, 8, 5, 6))),
    "notes3_module": Draws(linear=(-0.2776927351951599, -0.2588077783584595)),
}


@contextlib.contextmanager
def as_in_the_document(torch: ModuleType, draws: Draws) -> Iterator[None]:
    """Within it, nn.Linear starts from the document's parameters and torch.rand and randint return its draws."""
    remaining = iter(draws.tensors)

    def draw(*_: Any, dtype: Any = torch.float32, requires_grad: bool = False) -> Any:
        return torch.tensor(next(remaining), dtype=dtype, requires_grad=requires_grad)

    def reset_parameters(linear: Any) -> None:
        assert draws.linear is not None
        with torch.no_grad():
            for parameter, value in zip((linear.weight, linear.bias), draws.linear, strict=True):
                parameter.fill_(value)

    places = [(torch, "rand", draw), (torch, "randint", draw)]
    if draws.linear is not None:
        places.append((torch.nn.Linear, "reset_parameters", reset_parameters))
    before = [(place, name, getattr(place, name)) for place, name, _ in places]
    for place, name, stand_in in places:
        setattr(place, name, stand_in)
    try:
        yield
    finally:
        for place, name, original in before:
            setattr(place, name, original)
