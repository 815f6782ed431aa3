"""Losses that are given something else than they take: probabilities for scores, logarithms twice, the two swapped."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log

from ..finding import Finding, hint, sure
from ..record import LossCall, Run

SCORES = ("cross_entropy", "multi_margin_loss")
BY_HAND = {"Div", "Reciprocal", "Tanh", "Exp", "Clamp", "ClampBetween"}  # what a sigmoid of one's own is made of
SYMMETRIC = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


def check(run: Run) -> Iterator[Finding]:
    by_line: dict[object, list[LossCall]] = {}
    for call in run.losses:
        by_line.setdefault((call.line, call.name), []).append(call)
    for calls in by_line.values():
        name = calls[0].name
        if name in SCORES:
            yield from squashed(calls)
        elif name == "binary_cross_entropy_with_logits":
            yield from sigmoid_twice(calls)
        elif name == "binary_cross_entropy":
            yield from raw_scores(calls)
        elif name == "nll_loss":
            yield from logarithms(calls)
        yield from swapped(calls)


def squashed(calls: list[LossCall]) -> Iterator[Finding]:
    """softmax(softmax(x)) lies between 1/(1 + (C−1)·e) and e/(e + C−1): the loss cannot come near 0."""
    first = calls[0]
    inputs = [c.facts for c in calls if c.facts.get("classes", 0) > 1]
    last = first.chain[:1]
    shares = len(inputs) > 0 and all(f.get("shares") for f in inputs) and sum(f["n"] for f in inputs) >= 8
    if not (last in (("Softmax",), ("Sigmoid",)) or shares and first.input_recorded) or not inputs:
        return
    classes = inputs[0]["classes"]
    least = log(1 + (classes - 1) * exp(-1))
    kind = last[0].lower() if last in (("Softmax",), ("Sigmoid",)) else "softmax"
    yield sure(
        "D12", first.line,
        f"cross_entropy got the result of {kind}, numbers from {inputs[0]['low']:.3g} to {inputs[0]['high']:.3g}; it takes the scores "
        f"themselves. With {classes} classes this loss cannot fall below {least:.3g}",
        f"cross_entropy(scores, target), with {kind} only for showing probabilities",
        calls=len(calls), classes=classes, least_loss=least,
    )  # fmt: skip


def sigmoid_twice(calls: list[LossCall]) -> Iterator[Finding]:
    first = calls[0]
    facts = [c.facts for c in calls if "low" in c.facts]
    within = facts and all(0 <= f["low"] and f["high"] <= 1 for f in facts) and sum(f["n"] for f in facts) >= 60
    made = first.chain[:1]
    if made in (("Sigmoid",), ("Softmax",)) or within and set(first.chain) & BY_HAND:
        yield sure(
            "D13", first.line,
            f"binary_cross_entropy_with_logits applies the sigmoid itself, and got numbers from {facts[0]['low']:.3g} to "
            f"{facts[0]['high']:.3g} that had been through {made[0].lower() if made[0] in ('Sigmoid', 'Softmax') else 'one'}: "
            f"its probabilities stay within 0.5 and 0.73, the loss above {log(1 + exp(-1)):.3g} for targets of 1",
            "binary_cross_entropy_with_logits(scores, target) without the sigmoid, or binary_cross_entropy with it",
            calls=len(calls), low=facts[0]["low"], high=facts[0]["high"],
        )  # fmt: skip


def raw_scores(calls: list[LossCall]) -> Iterator[Finding]:
    failed = next((c for c in calls if "elements of input should be between 0 and 1" in c.error), None)
    if failed and failed.input_recorded and "low" in failed.facts:
        yield sure(
            "D13", failed.line,
            f"binary_cross_entropy takes probabilities and got scores from {failed.facts['low']:.3g} to {failed.facts['high']:.3g}",
            "binary_cross_entropy_with_logits(scores, target), or torch.sigmoid(scores)",
            low=failed.facts["low"], high=failed.facts["high"],
        )  # fmt: skip


def logarithms(calls: list[LossCall]) -> Iterator[Finding]:
    """nll_loss takes logarithms of probabilities: exp of a row sums to 1."""
    first = calls[0]
    facts = [c.facts for c in calls if c.facts.get("classes", 0) > 1 and "logs" in c.facts]
    if not facts or sum(f["logs"] for f in facts) * 2 > len(facts) or any(c.error for c in calls):
        return
    low, high = min(f["low"] for f in facts), max(f["high"] for f in facts)
    if first.chain[:2] == ("Log", "LogSoftmax"):
        what = "the logarithm of log_softmax"
    elif all(f["shares"] for f in facts):
        what = "probabilities, whose rows sum to 1"
    elif high > 0:
        what = "raw scores"
    else:
        return
    yield sure(
        "D14", first.line,
        f"nll_loss takes logarithms of probabilities and got {what} (from {low:.3g} to {high:.3g})",
        "nll_loss(log_softmax(scores, dim=1), target), or cross_entropy(scores, target)",
        calls=len(calls), low=low, high=high,
    )  # fmt: skip


def swapped(calls: list[LossCall]) -> Iterator[Finding]:
    """A prediction where the target belongs: it has a history, and what stands in its place has none."""
    name, line = calls[0].name, calls[0].line
    turned = [c for c in calls if c.target_recorded and not c.input_recorded]
    if turned and len(turned) == len(calls) and name not in SYMMETRIC:
        yield sure(
            "D15", line,
            f"{name}(input, target) got the data as input and the prediction, which has a graph, as target, in {len(turned)} calls",
            f"{name}(prediction, target)",
            calls=len(turned),
        )  # fmt: skip
        return
    if name != "kl_div":
        return
    facts = [c.facts for c in calls if c.facts.get("classes", 0) > 1]
    if facts and all(f.get("shares") for f in facts) and sum(f["n"] for f in facts) >= 4:
        yield sure(
            "D14", line,
            "kl_div takes logarithms of probabilities first and got probabilities, whose rows sum to 1",
            "kl_div(log_softmax(scores, dim=1), target, reduction='batchmean')",
            calls=len(calls), low=facts[0]["low"], high=facts[0]["high"],
        )  # fmt: skip
    elif facts and max(f["high"] for f in facts) > 0.01:
        yield hint(
            "D14", line,
            f"kl_div takes logarithms of probabilities first, none above 0, and got numbers up to {max(f['high'] for f in facts):.3g}",
            "kl_div(log_softmax(scores, dim=1), target, reduction='batchmean')",
            calls=len(calls), high=max(f["high"] for f in facts),
        )  # fmt: skip
