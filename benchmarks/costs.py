"""The arithmetic and the traffic that a training step can't do without, from its shapes.

A product of an m × k and a k × n matrix is 2·m·k·n operations. Backward it takes two more of them, one for each factor's
gradient; for the first layer one, since nobody asks for the data's gradient. Elementwise work is not counted.
"""

from .limits import Cost


def product(m: int, k: int, n: int) -> float:
    return 2.0 * m * k * n


def perceptron(batch: int, *sizes: int) -> Cost:
    """Linear layers, forward and backward."""
    products = [product(batch, k, n) for k, n in zip(sizes[:-1], sizes[1:], strict=True)]
    return Cost(flops=3 * sum(products) - products[0])


def convolutions(batch: int, *layers: tuple[int, int, int], classes: tuple[int, int]) -> Cost:
    """3×3 convolutions (places, channels in, channels out), and a linear layer."""
    products = [product(batch * places, 9 * c_in, c_out) for places, c_in, c_out in layers]
    return Cost(flops=3 * (sum(products) + product(batch, *classes)) - products[0])


def recurrent(gates: int, steps: int, batch: int, inputs: int, hidden: int, outputs: int = 0) -> Cost:
    """An LSTM (4 gates) or a GRU (3): per step the products with the input and with the state."""
    seen = product(steps * batch, inputs, gates * hidden)
    return Cost(flops=2 * seen + 3 * (product(steps * batch, hidden, gates * hidden) + product(batch, hidden, outputs)))


def transformer(layers: int, batch: int, length: int, width: int, inner: int, outputs: int, places: int) -> Cost:
    """Attention and two linear layers, ``layers`` times; ``outputs`` scores at each of ``places`` places."""
    tokens = batch * length
    attention = product(tokens, width, 3 * width) + 2 * product(tokens, width, length) + product(tokens, width, width)
    layer = attention + 2 * product(tokens, width, inner)
    return Cost(flops=3 * (layers * layer + product(batch * places, width, outputs)))


def traffic(*arrays: int) -> Cost:
    """Arrays of so many float32, each crossing memory once."""
    return Cost(bytes=4.0 * sum(arrays))
