"""Choosing among categories by weight, with or without putting back, as PyTorch does it.

* Putting back: look each uniform number up in the running sum of the weights.
* Not putting back, or choosing once: divide each weight by an exponential number and take the largest quotients.
  The largest belongs to category i with probability wᵢ / Σw; so does the next among the others, and so on
  (an "exponential race"; P. S. Efraimidis and P. G. Spirakis, 2006).
"""

from __future__ import annotations

import numpy as np

from .draw_arguments import NAMES
from .errors import message
from .mersenne import Words, by_machine


def check(weights: np.ndarray, n: int, replacement: bool) -> None:
    """Refuse weights of a wrong shape, dtype or value, and more choices than there are."""
    if weights.ndim not in (1, 2):
        raise RuntimeError(message("prob_dist must be 1 or 2 dim", f"its shape is {weights.shape}"))
    if weights.dtype.kind not in "fV":
        name = NAMES[weights.dtype.name]
        raise RuntimeError(
            message(f"multinomial only supports floating-point dtypes for input, got: {name}", "", "weights.float()")
        )
    if n <= 0:
        raise RuntimeError(message("cannot sample n_sample <= 0 samples", f"num_samples is {n}"))
    categories = weights.shape[-1]
    if not replacement and n > categories:
        raise RuntimeError(
            message(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
                f"num_samples is {n}, and there are {categories} categories",
                "replacement=True",
            )
        )
    if categories > 1 << 24:
        raise RuntimeError(message("number of categories cannot exceed 2^24", f"there are {categories}"))
    if not weights.size:
        return
    if weights.dtype.char in "fd" and weights.min() >= 0 and 0 < weights.max(-1).min() and weights.max() < np.inf:
        return
    wide = weights.astype(np.float64)
    valid = (wide >= 0) & (wide < np.inf)
    if not valid.all():
        bad = wide[~valid][0]
        if n == 1 or not replacement:
            what = "probability tensor contains either `inf`, `nan` or element < 0"
        else:
            found = "= infinity or NaN" if bad == np.inf else "< 0"
            what = f"invalid multinomial distribution (encountering probability entry {found})"
        raise RuntimeError(message(what, f"a weight is {bad:g}", "torch.softmax(logits, -1), if those are logits"))
    if not wide.sum(-1).all():
        raise RuntimeError(
            message("invalid multinomial distribution (sum of probabilities <= 0)", "all weights of a row are 0")
        )


def largest_quotients(weights: np.ndarray, exponentials: np.ndarray, n: int) -> np.ndarray:
    """The n categories of largest ``weight / exponential``, largest first: (categories,) -> (n,), rows likewise."""
    with np.errstate(all="ignore"):  # an exponential may be 0, or nearly
        quotients = np.divide(weights, exponentials).astype(np.float64)
    if n == 1:
        return quotients.argmax(-1, keepdims=True)
    return np.argsort(-quotients, axis=-1, kind="stable")[..., :n].copy()


def looked_up(words: Words, weights: np.ndarray, n: int) -> np.ndarray:
    """n categories, put back each time: (categories,) -> (n,), rows likewise. Two words each."""
    precision = np.float64 if weights.dtype == np.float64 else np.float32
    if (draws := by_machine(2 * n * (weights.size // weights.shape[-1]))) is not None:
        running = np.cumsum(weights.reshape(-1, weights.shape[-1]), -1, dtype=precision)
        shares = np.divide(running, running[:, -1:]).astype(np.float64)
        uniforms = words.doubles(n * len(running)).reshape(-1, n)
        return draws.chosen(shares, uniforms).reshape(*weights.shape[:-1], n)
    chosen = np.empty((*weights.shape[:-1], n), np.int64)
    for row, target in zip(weights.reshape(-1, weights.shape[-1]), chosen.reshape(-1, n)):
        running = np.cumsum(row, dtype=precision)
        shares = np.divide(running, running[-1])
        target[...] = np.searchsorted(shares.astype(np.float64), words.doubles(n))
    return chosen
