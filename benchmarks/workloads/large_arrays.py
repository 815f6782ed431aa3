"""Large arrays, forward and backward: memory traffic, exponentials and sines."""

from typing import Any

from . import Step, integers, uniform


def elementwise(torch: Any) -> tuple[Step, list[Any]]:
    """sin(x)·exp(−x²) + tanh(x) on 10 million numbers."""
    x = uniform(torch, 10_000_000, seed=1).requires_grad_()

    def step():
        x.grad = None
        loss = (torch.sin(x) * torch.exp(-(x**2)) + torch.tanh(x)).mean()
        loss.backward()
        return loss

    return step, [x]


def cross_entropy(torch: Any) -> tuple[Step, list[Any]]:
    """Softmax cross-entropy of 2,048 rows over 5,000 classes."""
    logits = (4 * uniform(torch, 2048, 5000, seed=1)).requires_grad_()
    target = integers(torch, 5000, 2048, seed=2)

    def step():
        logits.grad = None
        loss = torch.nn.functional.cross_entropy(logits, target)
        loss.backward()
        return loss

    return step, [logits]
