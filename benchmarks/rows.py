"""The rows of the table: what is measured, and how it must compare with PyTorch in the same run."""

from collections.abc import Mapping
from dataclasses import dataclass

from .process import FIRST_STEP, IMPORT, PEAK_MEMORY
from .workloads import Workload, by_hand, documents, gpt, large_arrays, networks, perceptrons


@dataclass(frozen=True)
class StepRow:
    """A training step, timed in a process of each framework's own."""

    name: str
    title: str
    workloads: Mapping[str, Workload]  # dialect → workload
    target: float | None  # PyTorch's time over chainrule's, at least
    tolerance: float = 1e-4  # relative, of losses and gradients under two frameworks
    unit: str = "s"


@dataclass(frozen=True)
class ProcessRow:
    """A number that a fresh Python process prints about itself."""

    name: str
    title: str
    script: str
    target: float | None = None  # PyTorch's number over chainrule's, at least
    limit: float | None = None  # chainrule's number, at most
    unit: str = "s"


Row = StepRow | ProcessRow

# At most 1.5 times PyTorch's time.
NEAR = 1 / 1.5

ROWS: tuple[Row, ...] = (
    StepRow(
        "autograd",
        "documents: autograd, loss and update by hand",
        {"torch": documents.autograd, "numpy": by_hand.slope},
        2.0,
    ),
    StepRow(
        "optimizer", "documents: loss and optimizer", {"torch": documents.optimizer, "numpy": by_hand.slope}, 2.5
    ),
    StepRow("linear", "documents: Linear and optimizer", {"torch": documents.linear, "numpy": by_hand.line}, 3.0),
    StepRow("mlp", "MLP 16-64-64-1, batch 32, Adam", {"torch": perceptrons.small}, 2.0),
    StepRow("mnist", "MLP 784-500-10, batch 100, Adam", {"torch": perceptrons.digits}, NEAR),
    StepRow("wide", "MLP 1024-4096-1024, batch 256, SGD", {"torch": perceptrons.wide}, NEAR),
    StepRow("logistic", "logistic regression, 100,000 × 50, SGD", {"torch": perceptrons.logistic}, NEAR),
    StepRow(
        "cnn",
        "CNN on 28×28 (32 and 64 channels), batch 64",
        {"torch": networks.cnn},
        NEAR,
        tolerance=2e-3,  # a convolution that is 0 but for rounding passes ReLU in one framework and not in the other
    ),
    StepRow("lstm", "LSTM, hidden 128, 50 steps, batch 32", {"torch": networks.lstm}, NEAR),
    StepRow("gru", "GRU, hidden 16, 100 steps, batch 6, forward and backward", {"torch": networks.gru}, NEAR),
    StepRow("gpt", "GPT, 4 layers, width 128, 12×64 tokens", {"torch": gpt.gpt}, NEAR),
    StepRow(
        "elementwise",
        "sin·exp(−x²)+tanh on 10 M floats, forward and backward",
        {"torch": large_arrays.elementwise},
        2.0,
    ),
    StepRow(
        "softmax",
        "softmax cross-entropy 2048×5000, forward and backward",
        {"torch": large_arrays.cross_entropy},
        NEAR,
    ),
    ProcessRow("import", "import, after NumPy's", IMPORT, limit=0.060),
    ProcessRow("first-step", "first Linear step after import", FIRST_STEP),
    ProcessRow("memory", "peak memory of the Linear loop as a process", PEAK_MEMORY, target=3.0, unit="B"),
)
