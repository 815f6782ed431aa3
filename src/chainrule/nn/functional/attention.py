"""Attention: means of values, weighted by how well queries and keys agree; in several heads."""

from __future__ import annotations

import math
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from ...base.dtypes import of
from ...base.errors import DtypeError, ShapeError, message
from ...base.shapes import broadcast
from ...graph.apply import joint
from ...graph.value import wrap
from ...ops import attention as op
from ...tensors.coerce import tensor_like
from ...tensors.joining import cat
from ...tensors.rearranging import pad
from .affine import linear
from .classification import softmax
from .dropouts import dropout

made = lru_cache(maxsize=64)(lambda kind, *how: kind(*how))


def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: float | None = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """y = softmax(scale · q kᵀ + mask) v, the softmax over the keys; scale is 1/√E unless given

    ``attn_mask`` is added to the scores, or, if it holds truth values, says where a query may look; ``is_causal`` lets query i
    see keys 0 … i. ``enable_gqa`` lets several query heads share one of key and value.

    Shapes: query (…, L, E), key (…, S, E), value (…, S, F), mask broadcast to (…, L, S), y (…, L, F).

    >>> x = torch.tensor([[1.], [2.]])
    >>> F.scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[1.0000],
            [1.8808]])
    """
    q, k, v = (tensor_like(t, n, "scaled_dot_product_attention").array
               for t, n in ((query, "query"), (key, "key"), (value, "value")))  # fmt: skip
    check_tensors(q, k, v, attn_mask, is_causal)
    if enable_gqa and q.ndim > 2:
        key, value = (t.repeat_interleave(q.shape[-3] // t.size(-3), -3) for t in (key, value))
        k, v = key.array, value.array
    if k.shape[:-2] != q.shape[:-2] or v.shape[:-2] != q.shape[:-2]:
        lead = broadcast(q.shape[:-2], k.shape[:-2], v.shape[:-2])
        query, key, value = (t.expand(*lead, *t.shape[-2:]) for t in (query, key, value))
    if attn_mask is not None:
        broadcast((q.shape[-2], k.shape[-2]), attn_mask.array.shape[-2:])
    learned = attn_mask is not None and attn_mask.node is not None
    if dropout_p > 0 or learned:
        return step_by_step(query, key, value, attn_mask, dropout_p, is_causal, scale)
    kind = op.ScaledDotProductAttention if q.ndim == 4 else op.ScaledDotProductAttentionMath
    attention = made(kind, bool(is_causal), scale)
    return joint(attention, query, key, value) if attn_mask is None else joint(attention, query, key, value, attn_mask)


def step_by_step(q: Any, k: Any, v: Any, mask: Any, p: float, causal: bool, scale: float | None) -> Any:
    """The same with shares that can be dropped, and masks that can be learned."""
    scores = (q * (1 / math.sqrt(q.size(-1)) if scale is None else scale)) @ k.mT
    if causal:
        scores = scores + wrap(op.hidden(np.tril(np.ones(scores.shape[-2:], bool)), scores))
    if mask is not None:
        scores = scores + (wrap(op.hidden(mask.array, scores)) if mask.array.dtype.kind == "b" else mask)
    return dropout(softmax(scores, -1), p) @ v


def check_tensors(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any, causal: bool) -> None:
    """Refuse what does not go together."""
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ShapeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{q.ndim} key.dim: {k.ndim} and value.dim: {v.ndim} instead."
        )
    if not q.dtype == k.dtype == v.dtype:
        raise DtypeError(
            f"Expected query, key, and value to have the same dtype, but got query.dtype: {of(q).alias} key.dtype: "
            f"{of(k).alias} and value.dtype: {of(v).alias} instead."
        )
    if mask is not None and causal:
        raise RuntimeError(
            message(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
                "is_causal stands for a mask of its own",
                "attn_mask=mask & torch.ones(L, S, dtype=torch.bool).tril()",
            )
        )
    if mask is not None and mask.array.dtype.kind != "b" and mask.array.dtype != q.dtype:
        if mask.array.dtype.kind not in "fV":
            raise DtypeError(
                "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
                f"{of(mask.array)} and  query.dtype: {of(q)} instead."
            )
    if q.shape[-1] != k.shape[-1]:
        raise ShapeError(
            message(
                f"Expected size for first two dimensions of batch2 tensor to be: [{q.shape[0]}, {q.shape[-1]}] but got: "
                f"[{k.shape[0]}, {k.shape[-1]}].",
                f"queries have {q.shape[-1]} features, keys {k.shape[-1]}; their products need as many of both",
            )
        )
    if k.shape[-2] != v.shape[-2]:
        raise ShapeError(f"there are {k.shape[-2]} keys and {v.shape[-2]} values; each key stands for one value")


def multi_head_attention_forward(
    query: Any, key: Any, value: Any, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any, in_proj_bias: Any,
    bias_k: Any, bias_v: Any, add_zero_attn: bool, dropout_p: float, out_proj_weight: Any, out_proj_bias: Any,
    training: bool = True, key_padding_mask: Any = None, need_weights: bool = True, attn_mask: Any = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Any = None, k_proj_weight: Any = None,
    v_proj_weight: Any = None, static_k: Any = None, static_v: Any = None, average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    """Attention in ``num_heads`` subspaces, with its projections: see `chainrule.nn.MultiheadAttention`

    Shapes: query (L, N, E), key (S, N, Ek), value (S, N, Ev), or all without N; results (L, N, E) and, if needed, the shares
    (N, L, S), or (N, heads, L, S) without averaging.
    """
    alone = batchless(query, key, value, key_padding_mask, attn_mask)
    if alone:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    steps, batch, size = query.shape
    if size != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {size}")
    same_kind(key_padding_mask, attn_mask)
    mask = checked_mask(attn_mask, query, key, num_heads, is_causal)
    padding = as_scores(key_padding_mask, "key_padding_mask", query)
    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight
    q, k, v = projected(query, key, value, weights, in_proj_bias)
    if not need_weights and bias_k is None and static_k is None and static_v is None and not add_zero_attn:
        q, k, v = (t.view(t.size(0), batch, num_heads, size // num_heads).permute(1, 2, 0, 3) for t in (q, k, v))
        mask = with_padding(mask, padding, num_heads, k.size(2))
        y = scaled_dot_product_attention(q, k, v, by_sequences(mask, batch), dropout_p if training else 0.0)
        by_samples = turned(query)
        y = (y.permute(0, 2, 1, 3) if by_samples else y.permute(2, 0, 1, 3)).reshape(steps * batch, size)
        y = linear(y, out_proj_weight, out_proj_bias)
        y = y.view(batch, steps, size).transpose(0, 1) if by_samples else y.view(steps, batch, size)
        return (y.squeeze(1) if alone else y), None
    extra = 0  # keys that every query may see
    if bias_k is not None:
        k, v, extra = cat([k, bias_k.repeat(1, batch, 1)]), cat([v, bias_v.repeat(1, batch, 1)]), 1
    q = heads(q, num_heads)
    k = heads(k, num_heads) if static_k is None else static_k
    v = heads(v, num_heads) if static_v is None else static_v
    if add_zero_attn:
        k, v = (cat([t, t.new_zeros((t.size(0), 1, t.size(2)))], 1) for t in (k, v))
        extra += 1
    mask = with_padding(visible(mask, extra), visible(padding, extra), num_heads, k.size(1))
    y, shares = attend(q, k, v, mask, dropout_p if training else 0.0, need_weights, batch)
    y = y.transpose(0, 1).reshape(steps * batch, size)
    y = linear(y, out_proj_weight, out_proj_bias).view(steps, batch, size)
    if shares is not None:
        shares = shares.view(batch, num_heads, steps, k.size(1))
        shares = shares.mean(1) if average_attn_weights else shares
        shares = shares.squeeze(0) if alone else shares
    return (y.squeeze(1) if alone else y), shares


def attend(q: Any, k: Any, v: Any, mask: Any, p: float, need_weights: bool, batch: int) -> tuple[Any, Any]:
    """Attention of all heads, (batch · heads, L, E); with the shares if they are needed."""
    if not need_weights:
        shape = (batch, -1)
        q, k, v = (t.view(*shape, *t.shape[1:]) for t in (q, k, v))
        y = scaled_dot_product_attention(q, k, v, by_sequences(mask, batch), p)
        return y.flatten(0, 1), None
    scores = (q * math.sqrt(1.0 / q.size(-1))) @ k.mT
    shares = softmax(scores if mask is None else scores + mask, -1)
    shares = dropout(shares, p) if p > 0 else shares
    return shares @ v, shares


def by_sequences(mask: Any, batch: int) -> Any:
    """A mask (1 or batch · heads, L, S) as (1 or batch, 1 or heads, L, S)."""
    if mask is None:
        return None
    return mask.unsqueeze(0) if mask.size(0) == 1 else mask.view(batch, -1, *mask.shape[1:])


def heads(x: Any, count: int) -> Any:
    """(T, N, count · width) as (N · count, T, width)."""
    return x.reshape(x.size(0), x.size(1) * count, x.size(2) // count).transpose(0, 1)


def projected(query: Any, key: Any, value: Any, w: Any, b: Any) -> tuple[Any, Any, Any]:
    """The three projections, in as few products as the inputs allow; ``w`` is one weight for all, or three."""
    biases = [None] * 3 if b is None else b.chunk(3)
    if isinstance(w, tuple):
        return tuple(parts(x, part, bias, 1)[0] for x, part, bias in zip((query, key, value), w, biases))  # type: ignore[return-value]
    if key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
    if key is value and query is key:
        return parts(query, w, b, 3)
    size = query.size(-1)
    if key is value:
        w_q, w_kv = w.split([size, 2 * size])
        b_q, b_kv = (None, None) if b is None else b.split([size, 2 * size])
        return (*parts(query, w_q, b_q, 1), *parts(key, w_kv, b_kv, 2))
    return tuple(parts(x, part, bias, 1)[0] for x, part, bias in zip((query, key, value), w.chunk(3), biases))  # type: ignore[return-value]


def turned(x: Any) -> bool:
    """Whether the samples of (L, N, E) lie one after the other, as with ``batch_first``; then their rows are multiplied in that
    order, and need not be copied."""
    return x.array.strides[0] < x.array.strides[1]


def parts(x: Any, w: Any, b: Any, count: int) -> Any:
    """W x + b for (L, N, E), in so many parts."""
    if not turned(x):
        return linear(x, w, b).chunk(count, -1) if count > 1 else (linear(x, w, b),)
    return tuple([y.transpose(0, 1) for y in parts(x.transpose(0, 1), w, b, count)])


def visible(mask: Any, keys: int) -> Any:
    """A mask that lets more keys be seen."""
    return mask if mask is None or not keys else pad(mask, (0, keys))


def with_padding(mask: Any, padding: Any, num_heads: int, keys: int) -> Any:
    """A mask with what hides the padding of each sequence added to it."""
    if padding is None:
        return mask
    batch = padding.size(0)
    if padding.size(1) != keys:
        raise AssertionError(f"expecting key_padding_mask shape of {(batch, keys)}, but got {padding.shape}")
    wide = padding.view(batch, 1, 1, keys).expand(-1, num_heads, -1, -1).reshape(batch * num_heads, 1, keys)
    return wide if mask is None else mask + wide


def batchless(query: Any, key: Any, value: Any, padding: Any, mask: Any) -> bool:
    """Whether there is no batch axis; refuses tensors of which some have one and others not."""
    dims = query.dim()
    if dims not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {dims}-D query tensor")
    if key.dim() != dims or value.dim() != dims:
        kind = "3-D" if dims == 3 else "2-D"
        raise AssertionError(
            f"For {'batched (3-D)' if dims == 3 else 'unbatched (2-D)'} `query`, expected `key` and `value` to be {kind} but "
            f"found {key.dim()}-D and {value.dim()}-D tensors respectively"
        )
    if padding is not None:
        if padding.dim() != dims - 1:
            raise AssertionError(
                f"For {'batched (3-D)' if dims == 3 else 'unbatched (2-D)'} `query`, expected `key_padding_mask` to be `None` or "
                f"{dims - 1}-D but found {padding.dim()}-D tensor instead"
            )
        if dims == 3 and padding.size(0) != key.size(1):
            raise AssertionError(f"Expected key_padded_mask.shape[0] to be {key.size(1)}, but got {padding.size(0)}")
    if mask is not None and mask.dim() not in (2, 3):
        raise AssertionError(f"expected `attn_mask` to be `None`, 2-D or 3-D but found {mask.dim()}-D tensor instead")
    return dims == 2


def same_kind(padding: Any, mask: Any) -> None:
    if padding is not None and mask is not None:
        if (padding.array.dtype.kind == "b") != (mask.array.dtype.kind == "b"):
            warnings.warn(
                "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for both instead.",
                UserWarning,
                stacklevel=4,
            )


def as_scores(mask: Any, name: str, like: Any) -> Any:
    """A mask as numbers to add: −∞ where a mask of truth values forbids looking."""
    if mask is None:
        return None
    m = mask.array
    if m.dtype.kind == "b":
        return wrap(np.where(m, -np.inf, 0).astype(like.array.dtype))
    if m.dtype.kind not in "fV":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return mask


def checked_mask(mask: Any, query: Any, key: Any, num_heads: int, is_causal: bool) -> Any:
    """A mask as scores (1 or batch · heads, L, S)."""
    if mask is None:
        if is_causal:
            raise RuntimeError(
                "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
                "`generate_square_subsequent_mask` to create this mask."
            )
        return None
    mask = as_scores(mask, "attn_mask", query)
    steps, batch, keys = query.size(0), query.size(1), key.size(0)
    if mask.dim() == 2:
        if tuple(mask.shape) != (steps, keys):
            raise RuntimeError(f"The shape of the 2D attn_mask is {mask.shape}, but should be {(steps, keys)}.")
        return mask.unsqueeze(0)
    wanted = (batch * num_heads, steps, keys)
    if tuple(mask.shape) != wanted:
        raise RuntimeError(
            message(
                f"The shape of the 3D attn_mask is {mask.shape}, but should be {wanted}.",
                "a 3D mask has one part for each head of each sequence",
                f"attn_mask.repeat_interleave({num_heads}, 0)" if tuple(mask.shape) == (batch, steps, keys) else "",
            )
        )
    return mask
