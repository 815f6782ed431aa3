"""The Hessian times a vector, and its largest eigenvalue, from a graph that is still there.

With g = ∇L: H v = ∇(g·v), one more backward pass ("fast exact multiplication by the Hessian", Pearlmutter 1994).
Gradient descent with rate η on a quadratic bowl is stable exactly if η < 2/λ, λ the largest eigenvalue of H; with
momentum μ, if η < 2(1 + μ)/λ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.value import Value, wrap
from ..tensors.autograd import grad

ROUNDS = 12  # products with the Hessian for its largest eigenvalue


class Hessian:
    """H of a loss with respect to some leaves, as a function v ↦ H v on flat arrays.

    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> h = Hessian((w[0] ** 2 + 5 * w[1] ** 2), [w])
    >>> h.gradient.tolist(), h(np.array([1., 1.])).tolist(), round(h.largest(), 3)
    ([2.0, 20.0], [2.0, 10.0], 10.0)
    """

    def __init__(self, loss: Any, leaves: list[Any]) -> None:
        self.leaves = leaves
        found = grad(loss, leaves, create_graph=True, retain_graph=True, allow_unused=True)
        self.parts = [(t, g) for t, g in zip(leaves, found)]
        self.gradient = flat([np.zeros(t.array.shape) if g is None else g.array for t, g in self.parts])

    def __call__(self, v: np.ndarray) -> np.ndarray:
        total: Any = None
        start = 0
        for t, g in self.parts:
            piece = v[start : start + t.array.size].reshape(t.array.shape)
            start += t.array.size
            if isinstance(g, Value) and g.node is not None:
                term = (g * wrap(piece.astype(t.array.dtype))).sum()  # type: ignore[attr-defined]
                total = term if total is None else total + term
        if total is None:
            return np.zeros_like(v)
        found = grad(total, self.leaves, retain_graph=True, allow_unused=True)
        return flat([np.zeros(t.array.shape) if h is None else h.array for t, h in zip(self.leaves, found)])

    def largest(self) -> float:
        """The largest eigenvalue, from below: that of H on the span of v, H v, H² v … (Lanczos 1950).

        Power iteration keeps the last of these vectors only; keeping all of them costs no further products.
        """
        rng = np.random.default_rng(0)
        v = rng.standard_normal(self.gradient.size)
        basis: list[np.ndarray] = []
        images: list[np.ndarray] = []
        for _ in range(min(ROUNDS, v.size)):
            for _ in range(2):  # the second time takes away what rounding left
                for q in basis:
                    v = v - (q @ v) * q
            size = np.linalg.norm(v)
            if not np.isfinite(size) or size < 1e-10:
                break
            basis.append(v / size)
            images.append(self(basis[-1]))
            v = images[-1]
        small = np.array(basis) @ np.array(images).T
        return float(np.linalg.eigvalsh((small + small.T) / 2)[-1]) if np.isfinite(small).all() else 0.0


def flat(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([a.reshape(-1).astype(np.float64) for a in arrays]) if arrays else np.zeros(0)
