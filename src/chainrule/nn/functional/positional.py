"""Functions of ``torch.nn.functional`` under the names they have in ``torch`` itself, where arguments come by position.

There a reduction is a number (0 none, which PyTorch takes if none is given, 1 mean, 2 sum), as is a mode; weights of a
normalisation come before its running statistics, an embedding's weight before the indices.
"""

from __future__ import annotations

from typing import Any

from ...base.errors import message
from .. import functional as F

REDUCTIONS = ("none", "mean", "sum")
INTERPOLATIONS, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")


def reduction_of(number: int) -> str:
    if number not in (0, 1, 2):
        raise RuntimeError(message(f"{number} is not a valid value for reduction", "0 is none, 1 mean, 2 sum"))
    return REDUCTIONS[number]


# ---------------------------------------------------------------------- losses


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 0
) -> Any:
    """See `torch.nn.functional.binary_cross_entropy_with_logits`."""
    return F.binary_cross_entropy_with_logits(
        input, target, weight, reduction=reduction_of(reduction), pos_weight=pos_weight
    )


def cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0) -> Any:
    """See `torch.nn.functional.cosine_embedding_loss`."""
    return F.cosine_embedding_loss(input1, input2, target, margin, reduction=reduction_of(reduction))


def ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: int = 0,
    zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """See `torch.nn.functional.ctc_loss`."""
    return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction_of(reduction), zero_infinity)


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: int = 0) -> Any:
    """See `torch.nn.functional.hinge_embedding_loss`."""
    return F.hinge_embedding_loss(input, target, margin, reduction=reduction_of(reduction))


def kl_div(input: Any, target: Any, reduction: int = 0, *, log_target: bool = False) -> Any:
    """target · (ln target − input); see `torch.nn.functional.kl_div`.

    >>> torch.kl_div(torch.tensor([0.5]).log(), torch.tensor([0.5]))
    tensor([0.])
    """
    return F.kl_div(input, target, reduction=reduction_of(reduction), log_target=log_target)


def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0) -> Any:
    """See `torch.nn.functional.margin_ranking_loss`."""
    return F.margin_ranking_loss(input1, input2, target, margin, reduction=reduction_of(reduction))


def poisson_nll_loss(input: Any, target: Any, log_input: bool, full: bool, eps: float, reduction: int) -> Any:
    """See `torch.nn.functional.poisson_nll_loss`."""
    return F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=reduction_of(reduction))


def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False,
    reduction: int = 0,
) -> Any:  # fmt: skip
    """See `torch.nn.functional.triplet_margin_loss`."""
    return F.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction=reduction_of(reduction))


# ---------------------------------------------------------------------- layers


def batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float, eps: float,
    cudnn_enabled: bool = False,
) -> Any:  # fmt: skip
    """See `torch.nn.functional.batch_norm`, which takes the running statistics first."""
    return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: bool, momentum: float,
    eps: float, cudnn_enabled: bool = False,
) -> Any:  # fmt: skip
    """See `torch.nn.functional.instance_norm`, which takes the running statistics first."""
    return F.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def embedding(
    weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Any:
    """The rows of ``weight`` that ``indices`` name; see `torch.nn.functional.embedding`, which takes the indices first.

    >>> torch.embedding(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1]))
    tensor([[3., 4.]])
    """
    padding = None if padding_idx < 0 else padding_idx
    return F.embedding(indices, weight, padding, None, 2.0, scale_grad_by_freq, sparse)


def convolution(
    input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, transposed: bool, output_padding: Any,
    groups: int,
) -> Any:  # fmt: skip
    """A convolution over as many axes as ``stride`` has; see `torch.nn.functional.conv2d` and `conv_transpose2d`."""
    n = weight.array.ndim - 2
    stride, padding, dilation, output_padding = (tuple(s) for s in (stride, padding, dilation, output_padding))
    if transposed:
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[n - 1]
        return function(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return (F.conv1d, F.conv2d, F.conv3d)[n - 1](input, weight, bias, stride, padding, dilation, groups)


def constant_pad_nd(input: Any, pad: Any, value: Any = 0) -> Any:
    """The input with ``value`` around it, ``pad`` giving the widths from the last axis on.

    >>> torch.constant_pad_nd(torch.ones(2), (1, 0), 5)
    tensor([5., 1., 1.])
    """
    return F.pad(input, pad, "constant", value)


def grid_sampler(input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Any:
    """See `torch.nn.functional.grid_sample`; the modes count from 0: bilinear, nearest, bicubic; zeros, border, reflection."""
    return F.grid_sample(input, grid, INTERPOLATIONS[interpolation_mode], PADDINGS[padding_mode], align_corners)


grid_sampler_2d = grid_sampler_3d = grid_sampler


def affine_grid_generator(theta: Any, size: Any, align_corners: bool) -> Any:
    """See `torch.nn.functional.affine_grid`."""
    return F.affine_grid(theta, size, align_corners)


def adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """(the largest entry of each part, where it was); see `torch.nn.functional.adaptive_max_pool1d`."""
    return F.adaptive_max_pool1d(input, output_size, return_indices=True)


def max_pool1d_with_indices(
    input: Any, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """(the largest entry of each window, where it was); see `torch.nn.functional.max_pool1d`."""
    return F.max_pool1d(input, kernel_size, stride or None, padding, dilation, ceil_mode, True)


def dropout_(input: Any, p: float, train: bool) -> Any:
    """See `torch.nn.functional.dropout`; the tensor itself is written to."""
    return F.dropout(input, p, train, inplace=True)


def alpha_dropout_(input: Any, p: float, train: bool) -> Any:
    """See `torch.nn.functional.alpha_dropout`; the tensor itself is written to."""
    return F.alpha_dropout(input, p, train, inplace=True)


def feature_alpha_dropout_(input: Any, p: float, train: bool) -> Any:
    """See `torch.nn.functional.feature_alpha_dropout`; the tensor itself is written to."""
    return F.feature_alpha_dropout(input, p, train, inplace=True)


# ---------------------------------------------------------------------- cells of recurrent layers


def gates(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> tuple[Any, Any]:
    """What the input and what the state say to each gate."""
    return F.linear(input, w_ih, b_ih), F.linear(hx, w_hh, b_hh)


def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> tuple[Any, Any]:
    """(h, c) after one step of an LSTM; see `torch.nn.LSTMCell` for the formula."""
    a, b = gates(input, hx[0], w_ih, w_hh, b_ih, b_hh)
    i, f, g, o = (a + b).chunk(4, 1)
    c = f.sigmoid() * hx[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """The state after one step of a GRU; see `torch.nn.GRUCell` for the formula."""
    a, b = (s.chunk(3, 1) for s in gates(input, hx, w_ih, w_hh, b_ih, b_hh))
    r, z = (a[0] + b[0]).sigmoid(), (a[1] + b[1]).sigmoid()
    n = (a[2] + r * b[2]).tanh()
    return (hx - n) * z + n


def rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """tanh(W x + b + V h + d)"""
    a, b = gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    return (a + b).tanh()


def rnn_relu_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """relu(W x + b + V h + d)"""
    a, b = gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    return (a + b).relu()
