"""Convolution along 1, 2 or 3 axes, its transpose, and windows laid out as columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ...base.dtypes import of, title
from ...base.errors import DtypeError, ShapeError, message
from ...base.shapes import Shape
from ...graph.apply import apply, joint
from ...ops import conv as op
from ...ops.kernels.windows import resolve, spread
from ...tensors.coerce import tensor_like

Sizes = int | Sequence[int]


@lru_cache(maxsize=512)
def convolution(taps: Shape, stride: Sizes, padding: Any, dilation: Sizes, groups: int) -> op.Convolution:
    """The op for a kernel of these sizes."""
    n = len(taps)
    stride, dilation = spread(stride, n, "stride"), spread(dilation, n, "dilation")
    before, after = resolve(padding, taps, stride, dilation)
    return op.Convolution(stride, tuple(zip(before, after)), dilation, groups)


@lru_cache(maxsize=512)
def transposed(n: int, stride: Sizes, padding: Sizes, extra: Sizes, groups: int, dilation: Sizes) -> Any:
    """The op for a transposed convolution along n axes."""
    return op.ConvolutionTranspose(
        spread(stride, n, "stride"), spread(padding, n, "padding"), spread(extra, n, "output_padding"), groups,
        spread(dilation, n, "dilation"),
    )  # fmt: skip


def hashable(sizes: Any) -> Any:
    return tuple(sizes) if isinstance(sizes, list) else sizes


def conv_along(n: int) -> Callable[..., Any]:
    """The function ``conv{n}d``."""
    name = f"conv{n}d"

    def conv(
        input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Any = 0, dilation: Sizes = 1, groups: int = 1
    ) -> Any:
        x, w = tensor_like(input, "input", name).array, tensor_like(weight, "weight", name).array
        alone = check(name, n, x, w, bias)
        if alone:
            input = input.unsqueeze(0)
        if x.shape[-n - 1] != w.shape[1] * groups and groups > 0 and not w.shape[0] % groups:
            raise ShapeError(wrong_channels(x.shape, w.shape, groups, n))
        check_bias(w, bias, w.shape[0])
        made = convolution(w.shape[2:], hashable(stride), hashable(padding), hashable(dilation), groups)
        y = joint(made, input, weight) if bias is None else joint(made, input, weight, bias)
        return y.squeeze(0) if alone else y

    conv.__name__ = conv.__qualname__ = name
    conv.__doc__ = f"""y[n, o, i] = bias[o] + Σ_(c, t) weight[o, c, t] · x̂[n, c, s·i + d·t] along {n} ax{"i" if n == 1 else "e"}s

    x̂ is the input with ``padding`` zeros before and after each axis; s is the stride, d the dilation.

    Shapes: input (N, C, {"L" if n == 1 else "H, W" if n == 2 else "D, H, W"}) or without N, weight (O, C / groups, *kernel),
    bias (O,). ``padding`` may be "same" (as many places as entries) or "valid" (none).
    """
    return conv


def conv_transpose_along(n: int) -> Callable[..., Any]:
    """The function ``conv_transpose{n}d``."""
    name = f"conv_transpose{n}d"

    def conv_transpose(
        input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0,
        groups: int = 1, dilation: Sizes = 1,
    ) -> Any:  # fmt: skip
        x, w = tensor_like(input, "input", name).array, tensor_like(weight, "weight", name).array
        alone = check(name, n, x, w, bias)
        if alone:
            input = input.unsqueeze(0)
        made = transposed(n, hashable(stride), hashable(padding), hashable(output_padding), groups, hashable(dilation))
        check_extra(made)
        y = joint(made, input, weight) if bias is None else joint(made, input, weight, bias)
        return y.squeeze(0) if alone else y

    conv_transpose.__name__ = conv_transpose.__qualname__ = name
    conv_transpose.__doc__ = f"""ŷ[n, o, s·i + d·t] = Σ_c weight[c, o, t] · input[n, c, i], less ``padding`` on all sides, + bias[o]

    The adjoint of `conv{n}d`: it spreads each entry where that would have gathered it. ``output_padding`` adds entries at
    the end that a convolution with this stride would have left out.

    Shapes: input (N, C, {"L" if n == 1 else "H, W" if n == 2 else "D, H, W"}) or without N, weight (C, O / groups, *kernel),
    bias (O,).
    """
    return conv_transpose


def check(name: str, n: int, x: Any, w: Any, bias: Any) -> bool:
    """Refuse tensors that do not go together; say whether the input is a single sample."""
    if x.ndim not in (n + 1, n + 2):
        raise ShapeError(
            message(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: {list(x.shape)}",
                f"a sample is (channels, {', '.join(['size'] * n)}), and a batch has one more axis in front",
                "x.unsqueeze(0), if the only channel is missing" if x.ndim == n else "",
            )
        )
    if w.ndim != n + 2:
        raise ShapeError(
            message(
                f"weight should have {n + 2} dimensions for {name}, but got weight of size {list(w.shape)}",
                f"a weight is (out, in, {', '.join(['taps'] * n)})",
            )
        )
    for other, what in ((w, "weight"), (None if bias is None else bias.array, "bias")):
        if other is not None and other.dtype is not x.dtype and other.dtype != x.dtype:
            from ...base.operands import came_in  # only once something has gone wrong

            here, there = of(x), of(other)
            raise DtypeError(
                message(
                    f"expected scalar type {title(here)} but found {title(there)}"
                    if what == "weight"
                    else f"Input type ({here.alias}) and bias type ({there.alias}) should be the same",
                    f"the input holds {here}, the {what} {there}{came_in(x.dtype)}",
                    f"x.to(torch.{there.name})",
                )
            )
    return x.ndim == n + 1


def wrong_channels(x: Shape, w: Shape, groups: int, n: int) -> str:
    """What is said of an input that has other channels than the kernels were made for."""
    from ...base.operands import argument  # only once something has gone wrong

    wanted, found, name = w[1] * groups, x[-n - 1], argument(x) or "x"
    axes = ", ".join(("samples",) * (len(x) - n - 1) + ("channels", *("depth", "height", "width")[-n:])) if n > 1 else "channels, length"
    instead = f"in_channels={found}" if groups == 1 else ""
    if x[-1] == wanted:
        order = (*range(len(x) - n - 1), len(x) - 1, *range(len(x) - n - 1, len(x) - 1))
        instead = f"{name}.permute({', '.join(map(str, order))}), if its channels stand last"
    return message(
        f"Given groups={groups}, weight of size {list(w)}, expected input{list(x)} to have {wanted} channels, but got {found} "
        "channels instead",
        f"the input {f'`{name}` ' * (name != 'x')}is read as ({axes}): {found} channels; the layer was made for in_channels={wanted}",
        instead,
    )


def check_bias(w: Any, bias: Any, outs: int) -> None:
    """Refuse biases that are not one number for each output channel."""
    if bias is not None and bias.array.shape != (outs,):
        b = bias.array.shape
        raise ShapeError(
            message(
                f"Given weight of size {list(w.shape)}, expected bias to be 1-dimensional with {outs} elements, but got bias of "
                f"size {list(b)} instead",
                "every output channel has one bias",
            )
        )


def check_extra(made: Any) -> None:
    """Refuse output padding that the stride could have produced in another way."""
    if any(e >= s and e >= d for e, s, d in zip(made.extra, made.stride, made.dilation)):
        names = ("height", "width") if len(made.extra) < 3 else ("depth", "height", "width")
        spelled = " ".join(
            f"{what}_{name}: {value}"
            for what, values in (("output_padding", made.extra), ("stride", made.stride), ("dilation", made.dilation))
            for name, value in zip(names, values if len(values) > 1 else (1 if what != "output_padding" else 0, *values))
        )
        raise RuntimeError(
            message(
                f"output padding must be smaller than either stride or dilation, but got {spelled}",
                "it only chooses among the sizes that convolve to this input",
            )
        )


conv1d, conv2d, conv3d = map(conv_along, (1, 2, 3))
conv_transpose1d, conv_transpose2d, conv_transpose3d = map(conv_transpose_along, (1, 2, 3))


def conv_tbc(input: Any, weight: Any, bias: Any, pad: int = 0) -> Any:
    """`conv1d` of sequences with time first: input (T, N, C), weight (taps, C, O), y (T′, N, O)."""
    return conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)


def unfold(input: Any, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Any:
    """X[n, (c, t), i] = x̂[n, c, s·i + d·t]: what each tap of a window over an image reads at each place (im2col)

    Shapes: input (N, C, H, W) or (C, H, W), X (N, C · taps, places) or without N.

    >>> F.unfold(torch.arange(4.).reshape(1, 1, 2, 2), (1, 2))
    tensor([[[0., 2.],
             [1., 3.]]])
    """
    x = tensor_like(input, "input", "unfold").array
    if x.ndim not in (3, 4):
        raise ShapeError(
            f"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but "
            f"got: {list(x.shape)}"
        )
    kernel, gaps, borders, steps = two(kernel_size, dilation, padding, stride)
    places = places_of(x.shape[-2:], kernel, gaps, borders, steps)
    if min(places) < 1:
        raise ShapeError(
            f"Given input with spatial size {tuple(x.shape[-2:])}, kernel_size={kernel}, dilation={gaps}, "
            f"padding={borders}, calculated shape of the array of sliding blocks as {places}, but its components must be at "
            "least one."
        )
    made = op.Im2Col(kernel, gaps, tuple((p, p) for p in borders), steps)
    return apply(made, input.unsqueeze(0)).squeeze(0) if x.ndim == 3 else apply(made, input)


def fold(
    input: Any, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Any:
    """The adjoint of `unfold`: every column entry is added back where it had been read (col2im).

    Shapes: input (N, C · taps, places) or without N, y (N, C, *output_size).

    >>> F.fold(torch.ones(1, 2, 3), (1, 4), (1, 2))
    tensor([[[[1., 2., 2., 1.]]]])
    """
    x = tensor_like(input, "input", "fold").array
    if x.ndim not in (2, 3):
        raise ShapeError(f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size, but got: {list(x.shape)}")
    kernel, gaps, borders, steps = two(kernel_size, dilation, padding, stride)
    (size,) = two(output_size)
    if x.shape[-2] % (kernel[0] * kernel[1]):
        raise ShapeError(
            f"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={x.shape[-2]} and kernel_size={kernel}."
        )
    places = places_of(size, kernel, gaps, borders, steps)
    if x.shape[-1] != places[0] * places[1]:
        raise ShapeError(
            message(
                f"Given output_size={size}, kernel_size={kernel}, dilation={gaps}, padding={borders}, stride={steps}, "
                f"expected size of input's dimension 2 to match the calculated number of sliding blocks {places[0]} * "
                f"{places[1]} = {places[0] * places[1]}, but got input.size(2)={x.shape[-1]}.",
                "there is one column for each place of the window",
            )
        )
    made = op.Col2Im(size, kernel, gaps, tuple((p, p) for p in borders), steps)
    return apply(made, input.unsqueeze(0)).squeeze(0) if x.ndim == 2 else apply(made, input)


def two(*sizes: Sizes) -> list[Any]:
    return [spread(s, 2, "size") for s in sizes]


def places_of(size: Shape, kernel: Shape, dilation: Shape, padding: Shape, stride: Shape) -> Shape:
    """How many places the window has along each axis."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in zip(size, kernel, dilation, padding, stride)
    )
