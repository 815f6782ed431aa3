"""Classes out of range, or written in a way that the loss reads as something else."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, sure
from ..record import LossCall, Run

CODED = (
    "multi-target not supported", "0D or 1D target", "expected target dtype", "Expected floating point type for target",
    "Expected target size", "to match target batch_size",
)  # fmt: skip


def check(run: Run) -> Iterator[Finding]:
    for call in run.losses:
        if call.error:
            yield from refused(call)
        elif call.name == "binary_cross_entropy_with_logits":
            yield from outside_of_one(call)
        elif call.name == "cross_entropy":
            yield from read_otherwise(call)
    index = run.notes.get("index")
    if index and index["rows"] and (index["low"] < 0 or index["high"] >= index["rows"]):
        yield sure(
            "D16", index["line"],
            f"{index['name']} has rows 0 … {index['rows'] - 1} and was asked for {index['low']} … {index['high']}",
            f"{index['high'] + 1} rows, or numbers that start at 0",
            low=index["low"], high=index["high"], rows=index["rows"],
        )  # fmt: skip


def refused(call: LossCall) -> Iterator[Finding]:
    what = call.error.partition("\n")[0]
    facts = call.facts
    if "out of bounds" in what:
        classes = facts.get("classes", 0)
        yield sure(
            "D16", call.line,
            f"{call.name} has scores for classes 0 … {classes - 1}, and the targets go from {facts['t_low']:.0f} to {facts['t_high']:.0f}",
            "labels - 1 where they start at 1; otherwise as many outputs as classes" if facts["t_low"] >= 1
            else "as many outputs of the last layer as there are classes",
            classes=classes, low=facts["t_low"], high=facts["t_high"],
        )  # fmt: skip
    elif call.name == "binary_cross_entropy" and "elements of target should be between" in what:
        yield sure(
            "D16", call.line,
            f"binary_cross_entropy takes targets between 0 and 1, and they go from {facts['t_low']:.3g} to {facts['t_high']:.3g}",
            "(target > 0).float() for targets of −1 and 1",
            low=facts["t_low"], high=facts["t_high"],
        )  # fmt: skip
    elif call.name in ("cross_entropy", "nll_loss") and any(words in what for words in CODED):
        yield sure(
            "D17", call.line,
            f"{call.name} got scores of shape {list(call.shape)} and targets of shape {list(call.target_shape)}, "
            f"{call.target_dtype}: {what}",
            "one class index for each sample: target.squeeze(1).long(), or target.argmax(1) for one-hot rows",
            scores=list(call.shape), targets=list(call.target_shape),
        )  # fmt: skip


def outside_of_one(call: LossCall) -> Iterator[Finding]:
    low, high = call.facts.get("t_low", 0), call.facts.get("t_high", 1)
    if low < -1e-6 or high > 1 + 1e-6:
        yield sure(
            "D16", call.line,
            f"targets go from {low:.3g} to {high:.3g}; outside of 0 … 1 this loss has no lower bound, and grows the scores without end",
            "targets of 0 and 1: (y > 0).float() for −1 and 1, y - 1 for 1 and 2",
            low=low, high=high,
        )  # fmt: skip


def read_otherwise(call: LossCall) -> Iterator[Finding]:
    """Targets in the shape of the scores are read as a probability for each class."""
    facts = call.facts
    if len(call.shape) >= 2 and call.shape[1] == 1:
        yield sure(
            "D17", call.line,
            "cross_entropy over a single class: softmax of one score is 1, so the loss is 0 (or constant) and no gradient arises",
            "binary_cross_entropy_with_logits for one output, or as many outputs as classes",
            scores=list(call.shape), targets=list(call.target_shape),
        )  # fmt: skip
    elif (
        len(call.shape) == 1
        and call.target_shape == call.shape
        and call.shape[0] > 1
        and abs(facts["mean"] * facts["n"] - 1) > 1e-3
    ):
        yield sure(
            "D17", call.line,
            f"scores and targets of shape {list(call.shape)} are read as one sample with {call.shape[0]} classes, whose probabilities "
            f"sum to {facts['mean'] * facts['n']:.3g}",
            "binary_cross_entropy_with_logits for one score a sample; cross_entropy takes (samples, classes)",
            scores=list(call.shape), sum=facts["mean"] * facts["n"],
        )  # fmt: skip
    elif len(call.shape) >= 2 and call.target_shape == call.shape and facts.get("t_shares") is False:
        yield sure(
            "D17", call.line,
            f"targets in the shape of the scores are read as probabilities, and theirs (from {facts['t_low']:.3g} to "
            f"{facts['t_high']:.3g}) do not sum to 1 for each sample",
            "class indices, or F.one_hot(labels, classes).float(); binary_cross_entropy_with_logits where several classes hold at once",
            low=facts["t_low"], high=facts["t_high"],
        )  # fmt: skip
