"""Attention in several heads, as a layer."""

from __future__ import annotations

from typing import Any

from ..base.errors import message
from . import functional as F
from . import init
from .backends import SDPBackend as SDPBackend
from .backends import sdpa_kernel as sdpa_kernel
from .functional import flexible as flex_attention  # noqa: F401  (torch.nn.attention.flex_attention)
from .linear import Linear
from .module import Module
from .parameter import fresh

__path__: list[str] = []  # `import torch.nn.attention.flex_attention` asks for a package


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear` under the name that PyTorch prints for the output projection."""


class MultiheadAttention(Module):
    """y = W_o [head₁, …, head_h] with headᵢ = attention(W_q,i query, W_k,i key, W_v,i value) (Vaswani et al., 2017)

    Shapes: query (L, N, E), key (S, N, kdim), value (S, N, vdim), with ``batch_first`` (N, L, E) and so on, or without N;
    results y like query, and the shares (N, L, S), averaged over the heads unless told otherwise, or None.
    ``key_padding_mask`` (N, S) and ``attn_mask`` (L, S) or (N · heads, L, S) are added to the scores, or, if they hold truth
    values, are True where a query may *not* look.

    >>> y, shares = nn.MultiheadAttention(8, 2)(*[torch.zeros(5, 3, 8)] * 3)
    >>> y.shape, shares.shape
    (torch.Size([5, 3, 8]), torch.Size([3, 5, 5]))
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        super().__init__()
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.kdim, self.vdim = embed_dim if kdim is None else kdim, embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError(
                message(
                    "embed_dim must be divisible by num_heads",
                    f"{embed_dim} features do not fall into {num_heads} heads of equal width",
                    f"num_heads={max(h for h in range(1, num_heads) if embed_dim % h == 0)}, "
                    f"or embed_dim={-(-embed_dim // num_heads) * num_heads}",
                )
            )
        same = self._qkv_same_embed_dim
        for name, inputs in (("q_proj_weight", embed_dim), ("k_proj_weight", self.kdim), ("v_proj_weight", self.vdim)):
            self.register_parameter(name, None if same else fresh((embed_dim, inputs), dtype, device))
        whole = fresh((3 * embed_dim, embed_dim), dtype, device) if same else None
        self.register_parameter("in_proj_weight", whole)
        self.register_parameter("in_proj_bias", fresh((3 * embed_dim,), dtype, device) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        self.register_parameter("bias_k", fresh((1, 1, embed_dim), dtype, device) if add_bias_kv else None)
        self.register_parameter("bias_v", fresh((1, 1, embed_dim), dtype, device) if add_bias_kv else None)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw new weights."""
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if getattr(self, name) is not None:
                init.xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self, query: Any, key: Any, value: Any, key_padding_mask: Any = None, need_weights: bool = True,
        attn_mask: Any = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[Any, Any]:  # fmt: skip
        turn = self.batch_first and query.dim() == 3
        if turn:
            turned = {id(t): t.transpose(1, 0) for t in (query, key, value)}  # so that equal ones stay the same object
            query, key, value = turned[id(query)], turned[id(key)], turned[id(value)]
        y, shares = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k,
            self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias, self.training,
            key_padding_mask, need_weights, attn_mask, not self._qkv_same_embed_dim, self.q_proj_weight,
            self.k_proj_weight, self.v_proj_weight, average_attn_weights=average_attn_weights, is_causal=is_causal,
        )  # fmt: skip
        return (y.transpose(1, 0) if turn else y), shares
