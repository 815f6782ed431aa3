"""The documents' steps as their first rung has them: NumPy and a gradient by hand. What the array calls alone cost."""

from typing import Any

from . import Step


def slope(np: Any) -> tuple[Step, list[Any]]:
    """y = w·x; ∂loss/∂w = mean(2x(ŷ − y))"""
    x = np.array([1, 2, 3, 4], dtype=np.float32)
    y = np.array([2, 4, 6, 8], dtype=np.float32)
    w = np.zeros(1, dtype=np.float32)

    def step():
        nonlocal w
        error = w * x - y
        loss = (error**2).mean()
        w -= 0.01 * (2 * x * error).mean()
        return loss

    return step, [w]


def line(np: Any) -> tuple[Step, list[Any]]:
    """y = w·x + b; ∂loss/∂w = mean(2x(ŷ − y)), ∂loss/∂b = mean(2(ŷ − y))"""
    x = np.array([[1], [2], [3], [4]], dtype=np.float32)
    y = np.array([[2], [4], [6], [8]], dtype=np.float32)
    w, b = np.full((1, 1), -0.5, dtype=np.float32), np.full(1, 0.25, dtype=np.float32)

    def step():
        nonlocal w, b
        error = x @ w.T + b - y
        loss = (error**2).mean()
        g = error * (2 / error.size)
        w -= 0.01 * (g.T @ x)
        b -= 0.01 * g.sum(axis=0)
        return loss

    return step, [w, b]
