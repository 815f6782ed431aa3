"""``torch.backends.cuda``: switches for products on a GPU. They hold what they are set to; here is no GPU to mind them."""

from __future__ import annotations

from types import SimpleNamespace

from ..base.absent import answering

is_built = answering("is_built", False, "Whether the library was built with CUDA: False.")

matmul = SimpleNamespace(
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=True,
    allow_bf16_reduced_precision_reduction=True,
)

attention = {"flash": True, "mem_efficient": True, "math": True}  # which ways to compute attention a GPU may use


def flash_sdp_enabled() -> bool:
    return attention["flash"]


def mem_efficient_sdp_enabled() -> bool:
    return attention["mem_efficient"]


def math_sdp_enabled() -> bool:
    return attention["math"]


def enable_flash_sdp(enabled: bool) -> None:
    attention["flash"] = enabled


def enable_mem_efficient_sdp(enabled: bool) -> None:
    attention["mem_efficient"] = enabled


def enable_math_sdp(enabled: bool) -> None:
    attention["math"] = enabled
