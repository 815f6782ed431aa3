"""Connectionist temporal classification: how likely the frames of a sequence spell a target, blanks and repeats left out.

Put a blank before, between and behind the S labels of the target: ℓ has 2S + 1 places. A spelling walks along ℓ; from
one frame to the next it stays, moves on by one, or skips a blank between two different labels. With x[t, c] the
log-probability of class c in frame t,

    α[t, s] = x[t, ℓ[s]] + ln(e^α[t−1, s] + e^α[t−1, s−1] + e^α[t−1, s−2] where skipping is allowed)
    loss    = −ln(e^α[T−1, 2S] + e^α[T−1, 2S−1])

(A. Graves et al., 2006). β is the same from the other end, so that α + β − x is the log-probability of all spellings
that are at place s in frame t.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base.errors import message
from ..graph.op import Joint

NEVER = -np.inf  # the logarithm of the probability of what cannot happen


class Kept(NamedTuple):
    """What the backward pass needs."""

    x: np.ndarray  # (T, N, C)
    places: np.ndarray  # ℓ, (N, 2S + 1)
    skips: np.ndarray  # where the place two before may be skipped to, (N, 2S + 1)
    frames: np.ndarray  # (N,)
    labels: np.ndarray  # (N,)
    alpha: np.ndarray  # (T, N, 2S + 1)
    loss: np.ndarray  # (N,)


class CtcLoss(Joint):
    """y[n] = −ln P(target n | frames n)

    Shapes: x (T, N, C), targets (N, S), the numbers of frames and labels of each sequence (N,).
    """

    fields = ("blank", "zero_infinity")

    def forward(self, x: Any, targets: Any, frames: Any, labels: Any) -> tuple[Any, Kept]:
        places, skips = spelled(targets, self.blank)
        alpha = walk(along(x, places), skips)
        n = np.arange(len(frames))
        last = alpha[np.maximum(frames - 1, 0), n]
        ends = last[n, 2 * labels]
        before = np.where(labels > 0, last[n, np.maximum(2 * labels - 1, 0)], NEVER)
        loss = -np.logaddexp(ends, before)
        loss = np.where(frames > 0, loss, np.where(labels > 0, np.inf, 0)).astype(x.dtype)
        y = np.where(np.isinf(loss), 0, loss).astype(x.dtype) if self.zero_infinity else loss
        return y, Kept(x, places, skips, frames, labels, alpha, loss)

    def pullback(self, g: Any, kept: Kept, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        """∂L/∂x as PyTorch has it: P(c in frame t) by the model less that by the spellings of the target.

        The first term, eˣ, is not part of the derivative; but behind a log_softmax, whose gradient takes any multiple
        of eˣ off, it makes no difference, and it makes the result sum to zero.
        """
        x, loss = kept.x, kept.loss
        beta = backwards(kept)
        at = along(x, kept.places)
        with np.errstate(invalid="ignore", over="ignore"):
            share = np.exp(kept.alpha + beta - at + loss[:, None])  # of the spellings at place s in frame t
        share = np.where(np.isnan(share), 0, share)
        spelled_as = np.zeros(x.shape, x.dtype)
        t, n = np.ogrid[: x.shape[0], : x.shape[1]]
        np.add.at(spelled_as, (t[..., None], n[..., None], kept.places[None]), share)
        d = (np.exp(x) - spelled_as) * g[:, None]
        d[t >= kept.frames] = 0
        impossible = np.isinf(loss)
        if impossible.any():
            d[:, impossible] = 0 if self.zero_infinity else np.nan
        return d.astype(x.dtype, copy=False), None, None, None

    def formula(self, *inputs: Any) -> Any:
        raise RuntimeError(
            message(
                "derivative for aten::_ctc_loss_backward is not implemented",
                "second derivatives of the CTC loss are not available",
                "loss.backward() without create_graph=True",
            )
        )


def spelled(targets: np.ndarray, blank: int) -> tuple[np.ndarray, np.ndarray]:
    """ℓ, and where a blank may be skipped: behind it stands another label than before it."""
    samples, count = targets.shape
    places = np.full((samples, 2 * count + 1), blank, np.int64)
    places[:, 1::2] = targets
    skips = np.zeros(places.shape, bool)
    skips[:, 3::2] = targets[:, 1:] != targets[:, :-1]
    return places, skips


def along(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """x[t, n, ℓ[n, s]], shape (T, N, 2S + 1)."""
    return x[:, np.arange(len(places))[:, None], places]


def walk(at: np.ndarray, skips: np.ndarray) -> np.ndarray:
    """α, from the log-probabilities along ℓ."""
    alpha = np.full(at.shape, NEVER, at.dtype)
    if not len(at):
        return alpha
    alpha[0, :, :2] = at[0, :, :2]
    for t in range(1, len(at)):
        before = alpha[t - 1]
        reach = before.copy()
        reach[:, 1:] = np.logaddexp(reach[:, 1:], before[:, :-1])
        reach[:, 2:] = np.logaddexp(reach[:, 2:], np.where(skips[:, 2:], before[:, :-2], NEVER))
        alpha[t] = reach + at[t]
    return alpha


def backwards(kept: Kept) -> np.ndarray:
    """β: `walk` over each sequence from its own last frame and place, turned back into the order of the sequence."""
    frames, labels = kept.frames, kept.labels
    at = along(kept.x, kept.places)
    steps, samples, count = at.shape
    t, n, s = np.ogrid[:steps, :samples, :count]
    turned_t = np.maximum(frames[None, :, None] - 1 - t, 0)
    turned_s = np.maximum(2 * labels[None, :, None] - s, 0)
    inside = (t < frames[None, :, None]) & (s <= 2 * labels[None, :, None])
    reverse = np.where(inside, at[turned_t, n, turned_s], NEVER)
    # Skipping from place s to s − 2 going forwards is skipping to the mirror image of s + 2 going back.
    skips = np.zeros_like(kept.skips)
    mirrored = 2 * labels[:, None] - np.arange(count)[None, :] + 2
    valid = (mirrored >= 2) & (mirrored < count)
    skips[valid] = np.take_along_axis(kept.skips, np.clip(mirrored, 0, count - 1), 1)[valid]
    beta = walk(reverse, skips)
    return np.where(inside, beta[turned_t, n, turned_s], NEVER)
