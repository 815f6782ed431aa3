"""Attention whose scores and masks are functions: ``torch.nn.attention.flex_attention``.

    y[b, h, i] = Σⱼ softmaxⱼ(score_mod(scale · q[b, h, i] · k[b, h, j], b, h, i, j)) v[b, h, j]

The functions are written for one score and its four indices. They are called once, with all scores and with indices that
broadcast against them, so they may use arithmetic, comparisons, `torch.where` and tables indexed by ``b``, ``h``, ``i``, ``j``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from ...base.dtypes import bool_
from ...base.errors import message
from ...tensors.filled import arange, ones, zeros
from ...tensors.logic import where
from .classification import softmax

Score = Callable[[Any, Any, Any, Any, Any], Any]
Mask = Callable[[Any, Any, Any, Any], Any]


def places(b: int, h: int, q: int, k: int) -> list[Any]:
    """Batch, head, query and key indices of shape (b, 1, 1, 1), (1, h, 1, 1), (1, 1, q, 1) and (1, 1, 1, k)."""
    return [
        arange(n).reshape([n if d == axis else 1 for d in range(4)]) for axis, n in enumerate((b, h, q, k))
    ]


class BlockMask:
    """Where each query may look, for all batches and heads: what `create_block_mask` makes."""

    def __init__(self, mask_mod: Mask, shape: tuple[int, int, int, int], block_size: Any) -> None:
        self.mask_mod, self.shape, self.BLOCK_SIZE = mask_mod, shape, block_size
        self.allowed = create_mask(mask_mod, *shape)

    def to_dense(self) -> Any:
        """True where a query may look, (B, H, Q_LEN, KV_LEN)."""
        return self.allowed

    def sparsity(self) -> float:
        """The percentage of pairs of query and key that are masked out."""
        return 100.0 * (1 - self.allowed.float().mean().item())

    def __repr__(self) -> str:
        return f"BlockMask(shape={self.shape}, sparsity={self.sparsity():.2f}%)"


def create_mask(mod_fn: Mask, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None) -> Any:  # noqa: N803
    """``mod_fn(b, h, q, k)`` for all indices, (B, H, Q_LEN, KV_LEN)."""
    shape = (B or 1, H or 1, Q_LEN, KV_LEN)
    return mod_fn(*places(*shape)).expand(*shape)


def create_block_mask(
    mask_mod: Mask, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = None,  # noqa: N803
    BLOCK_SIZE: Any = 128, _compile: bool = False, separate_full_blocks: bool = True,  # noqa: N803
) -> BlockMask:  # fmt: skip
    """The mask of a function ``mask_mod(b, h, q, k)`` that is True where a query may look; B or H None means all alike.

    >>> from chainrule.nn.functional.flexible import create_block_mask
    >>> create_block_mask(lambda b, h, q, k: q >= k, None, None, 3, 3).to_dense()[0, 0]
    tensor([[ True, False, False],
            [ True,  True, False],
            [ True,  True,  True]])
    """
    return BlockMask(mask_mod, (B or 1, H or 1, Q_LEN, KV_LEN), BLOCK_SIZE)


def and_masks(*mask_mods: Mask) -> Mask:
    """The mask that is True where all are."""

    def both(b: Any, h: Any, q: Any, k: Any) -> Any:
        result = ones((), dtype=bool_)
        for mask in mask_mods:
            result = result & mask(b, h, q, k)
        return result

    return both


def or_masks(*mask_mods: Mask) -> Mask:
    """The mask that is True where some is."""

    def either(b: Any, h: Any, q: Any, k: Any) -> Any:
        result = zeros((), dtype=bool_)
        for mask in mask_mods:
            result = result | mask(b, h, q, k)
        return result

    return either


def noop_mask(batch: Any, head: Any, token_q: Any, token_kv: Any) -> Any:
    """The mask that hides nothing."""
    return ones((), dtype=bool_)


def flex_attention(
    query: Any, key: Any, value: Any, score_mod: Score | None = None, block_mask: BlockMask | None = None,
    scale: float | None = None, enable_gqa: bool = False, return_lse: bool = False, kernel_options: Any = None,
) -> Any:  # fmt: skip
    """Attention with scores changed by ``score_mod(score, b, h, q, k)``, over the keys that ``block_mask`` allows.

    Shapes: query (B, H, L, E), key (B, H, S, E), value (B, H, S, F); result (B, H, L, F), and with ``return_lse`` the
    logarithms of the sums of the shares, (B, H, L). A query that may look nowhere gives zeros.
    """
    if query.dim() != 4:
        raise ValueError(
            message("NYI: flex_attention with query that is not 4 dimensional", f"its shape is {list(query.shape)}",
                    "x.unsqueeze(0) for a batch of one")
        )  # fmt: skip
    if query.size(1) != key.size(1):
        if not enable_gqa:
            raise ValueError(
                f"Expect query and key/value to have the same number of heads but got Hq={query.size(1)} and Hkv={key.size(1)}. "
                "Try setting enable_gqa=True for GQA."
            )
        key, value = (t.repeat_interleave(query.size(1) // t.size(1), 1) for t in (key, value))
    scores = (query @ key.mT) * (query.size(-1) ** -0.5 if scale is None else scale)
    if score_mod is not None:
        scores = score_mod(scores, *places(*scores.shape))
    if block_mask is None:
        y = softmax(scores, -1) @ value
        return (y, scores.logsumexp(-1)) if return_lse else y
    allowed = block_mask.allowed
    scores = where(allowed, scores, -inf)
    somewhere = allowed.any(-1, keepdim=True)
    y = softmax(where(somewhere, scores, 0.0), -1) @ value
    y = where(somewhere, y, 0.0)
    return (y, scores.logsumexp(-1)) if return_lse else y
