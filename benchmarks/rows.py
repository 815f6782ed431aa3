"""The rows of the table: what is measured, and how it must compare with PyTorch in the same run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import costs
from .limits import Cost
from .workloads import (
    by_hand,
    derivatives,
    documents,
    gpt,
    in_jax,
    in_tinygrad,
    large_arrays,
    loading,
    networks,
    perceptrons,
    texts,
)


@dataclass(frozen=True)
class StepRow:
    """A training step, timed in a process of each framework's own."""

    name: str
    title: str
    workloads: Mapping[str, Callable[..., Any]]  # dialect → workload
    target: float | None = None  # PyTorch's time over chainrule's, at least
    repeats: int | None = None  # steps that one call makes where many are one call; None: the steps are no chain
    cost: Cost | None = None  # None: neither arithmetic nor memory is what limits it
    tolerance: float = 1e-4  # relative, of losses and gradients under two frameworks
    inner: bool = False  # the workload takes the compiler, for a part of its step


@dataclass(frozen=True)
class ProcessRow:
    """A number that a fresh Python process prints about itself."""

    name: str
    title: str
    what: str  # in process.WHAT
    frameworks: tuple[str, ...]  # their keys
    of: str = ""  # the row whose step it makes
    unit: str = "s"
    target: float | None = None  # PyTorch's number over chainrule's, at least
    most: float | None = None  # chainrule's number, at most
    warm: bool = True  # after a process that did the same; otherwise with empty caches
    exact: bool = False  # the same every time


Row = StepRow | ProcessRow

PACKAGES = ("eager", "torch", "jax", "tinygrad")
COMPILERS = ("eager", "compiled", "torch", "torch-compile", "jax", "tinygrad")


def dialects(torch: Any, jax: Any = None, tinygrad: Any = None, numpy: Any = None) -> dict[str, Callable[..., Any]]:
    said = {"torch": torch, "jax": jax, "tinygrad": tinygrad, "numpy": numpy}
    return {dialect: workload for dialect, workload in said.items() if workload}


STEPS: tuple[StepRow, ...] = (
    StepRow(
        "autograd",
        "documents: autograd, loss and update by hand",
        dialects(documents.autograd, in_jax.slope, numpy=by_hand.slope),
        target=3.0,
        repeats=20_000,
    ),
    StepRow(
        "optimizer",
        "documents: loss and optimizer",
        dialects(documents.optimizer, in_jax.slope, numpy=by_hand.slope),
        target=3.0,
        repeats=20_000,
    ),
    StepRow(
        "linear",
        "documents: Linear and optimizer",
        dialects(documents.linear, in_jax.line, in_tinygrad.line, by_hand.line),
        target=3.0,
        repeats=20_000,
    ),
    StepRow(
        "mlp",
        "MLP 16-64-64-1, batch 32, Adam",
        dialects(perceptrons.small, in_jax.small, in_tinygrad.small, by_hand.small),
        target=2.5,
        repeats=500,
        cost=costs.perceptron(32, 16, 64, 64, 1),
    ),
    StepRow(
        "mnist",
        "MLP 784-500-10, batch 100, Adam",
        dialects(perceptrons.digits, in_jax.digits, in_tinygrad.digits, by_hand.digits),
        target=1.8,
        repeats=20,
        cost=costs.perceptron(100, 784, 500, 10),
    ),
    StepRow(
        "wide",
        "MLP 1024-4096-1024, batch 256, SGD",
        dialects(perceptrons.wide, in_jax.wide, in_tinygrad.wide, by_hand.wide),
        target=1.8,
        repeats=5,
        cost=costs.perceptron(256, 1024, 4096, 1024),
    ),
    StepRow(
        "logistic",
        "logistic regression, 100,000 × 50, SGD",
        dialects(perceptrons.logistic, in_jax.logistic, in_tinygrad.logistic, by_hand.logistic),
        target=1.5,
        repeats=10,
        cost=costs.traffic(100_000 * 50),
    ),
    StepRow(
        "cnn",
        "CNN on 28×28 (32 and 64 channels), batch 64",
        dialects(networks.cnn, in_jax.cnn, in_tinygrad.cnn),
        target=1.2,
        repeats=5,
        cost=costs.convolutions(64, (28 * 28, 1, 32), (14 * 14, 32, 64), classes=(64 * 7 * 7, 10)),
        tolerance=2e-3,  # a convolution that is 0 but for rounding passes ReLU in one framework and not in the other
    ),
    StepRow(
        "batchnorm",
        "CNN with batch norm on 32×32, batch 32, momentum",
        dialects(networks.normalized_cnn, in_jax.normalized_cnn),
        target=1.0,
        repeats=5,
        cost=costs.convolutions(32, (32 * 32, 3, 16), (16 * 16, 16, 32), classes=(32 * 8 * 8, 10)),
        tolerance=2e-3,
    ),
    StepRow(
        "vae",
        "variational autoencoder 784-400-20, batch 128, Adam",
        dialects(networks.autoencoder, in_jax.autoencoder),
        target=1.0,
        repeats=10,
        cost=Cost(costs.perceptron(128, 784, 400, 40).flops + 3 * (128 * 2.0 * 400 * (20 + 784))),
    ),
    StepRow(
        "lstm",
        "LSTM, hidden 128, 50 steps, batch 32",
        dialects(networks.lstm, in_jax.lstm),
        target=1.2,
        repeats=5,
        cost=costs.recurrent(4, 50, 32, 64, 128, 10),
    ),
    StepRow(
        "gru",
        "GRU, hidden 16, 100 steps, batch 6, forward and backward",
        dialects(networks.gru, in_jax.gru),
        target=5.0,
        cost=costs.recurrent(3, 100, 6, 16, 16),
    ),
    StepRow(
        "embedding",
        "text classifier, 10,000 × 64 embedding, batch 128, Adam",
        dialects(texts.classifier, in_jax.classifier),
        target=1.0,
        repeats=10,
        cost=costs.traffic(6 * 10_000 * 64),  # Adam reads and writes the weights and both means
    ),
    StepRow(
        "encoder",
        "transformer encoder, 2 layers, width 64, 16×32 tokens",
        dialects(texts.encoder, in_jax.encoder),
        target=1.0,
        tolerance=1e-3,  # the gradient of the keys' bias is rounding errors, which Adam makes whole steps of
        repeats=5,
        cost=costs.transformer(2, 16, 32, 64, 128, 4, 1),
    ),
    StepRow(
        "gpt",
        "GPT, 4 layers, width 128, 12×64 tokens",
        dialects(gpt.gpt, in_jax.gpt),
        target=1.5,
        repeats=5,
        cost=costs.transformer(4, 12, 64, 128, 512, 65, 64),
    ),
    StepRow(
        "penalty",
        "double backward: gradient penalty, MLP 16-64-64-1",
        dialects(derivatives.penalty, in_jax.penalty),
        target=1.0,
        repeats=500,
    ),
    StepRow(
        "hessian",
        "Hessian of an MLP with 49 parameters",
        dialects(derivatives.hessian, in_jax.hessian),
        target=1.0,
    ),
    StepRow(
        "loader",
        "epoch of 100 minibatches of 10 from a DataLoader",
        dialects(loading.epoch, in_jax.epoch),
        target=1.0,
        inner=True,
    ),
    StepRow(
        "elementwise",
        "sin·exp(−x²)+tanh on 10 M floats, forward and backward",
        dialects(large_arrays.elementwise, in_jax.elementwise, in_tinygrad.elementwise),
        target=3.0,
        cost=costs.traffic(10_000_000, 10_000_000),
    ),
    StepRow(
        "softmax",
        "softmax cross-entropy 2048×5000, forward and backward",
        dialects(large_arrays.cross_entropy, in_jax.cross_entropy, in_tinygrad.cross_entropy),
        target=1.8,
        cost=costs.traffic(2048 * 5000, 2048 * 5000),
    ),
)

PROCESSES: tuple[ProcessRow, ...] = (
    ProcessRow("import", "import, after NumPy's", "import", PACKAGES, most=0.060),
    ProcessRow("first-linear", "first five Linear steps after import", "first-steps", COMPILERS, "linear"),
    ProcessRow("first-cold", "first five steps of MLP 784-500-10, empty caches", "first-steps", COMPILERS, "mnist", warm=False),
    ProcessRow("first-warm", "first five steps of MLP 784-500-10, caches filled", "first-steps", COMPILERS, "mnist"),
    ProcessRow("memory", "peak memory of the Linear loop", "memory", COMPILERS, "linear", unit="B", target=3.0),
    ProcessRow("memory-mlp", "peak memory of the 784-500-10 loop", "memory", COMPILERS, "mnist", unit="B"),
    ProcessRow("size", "size on disk, with all it requires", "size", PACKAGES, unit="B", exact=True),
)

ROWS: tuple[Row, ...] = (*STEPS, *PROCESSES)
