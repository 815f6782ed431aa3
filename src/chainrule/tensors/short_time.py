"""The short-time Fourier transform: the spectrum of a signal piece by piece, and the signal from such spectra."""

from __future__ import annotations

import warnings
from typing import Any

from ..base import dtypes
from ..base.errors import message
from .coerce import tensor_like
from .filled import ones


def stft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:
    """X[f, t] = Σₖ w[k] · x[t·hop + k] · e^(−2πi·fk/n_fft)

    (*, L) ↦ (*, frequencies, pieces). ``center`` puts the t-th piece's middle, not its begin, at t·hop, with
    n_fft/2 entries put before and after the signal; ``normalized`` divides by √n_fft.

    >>> torch.stft(torch.ones(4), 4, window=torch.ones(4), center=False, return_complex=True)
    tensor([[4.+0.j],
            [0.+0.j],
            [0.+0.j]])
    """
    x = tensor_like(input, "input", "stft")
    hop, size = n_fft // 4 if hop_length is None else hop_length, n_fft if win_length is None else win_length
    if center and x.array.ndim in (1, 2):
        x = centered(x, n_fft, pad_mode)
    check_stft(x, n_fft, hop, size, window)
    whole = all_frequencies(x, window, center, onesided, return_complex, align_to_window)
    if window is None:
        unweighted()
    pieces = x.unfold(-1, size if align_to_window else n_fft, hop)
    weights = ones(size, dtype=x.dtype.to_real()) if window is None else window
    pieces = widened(pieces * weights, n_fft) if align_to_window else pieces * widened(weights, n_fft)
    from .fourier import fft, rfft

    transform = fft if whole else rfft
    y = transform(pieces, norm="ortho" if normalized else None).transpose(-1, -2)
    if return_complex or return_complex is None:
        return y
    from .complex import view_as_real

    return view_as_real(y)


def all_frequencies(
    x: Any, window: Any, center: bool, onesided: Any, return_complex: Any, align_to_window: Any
) -> bool:
    """Whether all frequencies are wanted, not the half that says all of real numbers; what goes ill together is refused."""
    complex_numbers = x.is_complex() or (window is not None and window.is_complex())
    if return_complex is None and not complex_numbers:
        raise RuntimeError(
            message(
                "stft requires the return_complex parameter be given for real inputs, and will further require that "
                "return_complex=True in a future PyTorch release.",
                instead="torch.stft(..., return_complex=True)",
            )
        )
    if onesided and complex_numbers:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    if align_to_window and center:
        raise RuntimeError("stft only supports align_to_window for center = False.")
    return complex_numbers or onesided is False


def centered(x: Any, n_fft: int, pad_mode: str) -> Any:
    """The signal with n_fft/2 entries put before and after it."""
    from ..ops.pad import ConstantPadNd, Pad

    half, n = max(n_fft // 2, 0), x.array.shape[-1]
    if pad_mode == "reflect" and half >= n:
        raise RuntimeError(
            message(
                f"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
                f"({half}, {half}) at dimension 2 of input {[1] * (3 - x.array.ndim) + list(x.array.shape)}",
                f"center=True mirrors n_fft // 2 = {half} entries at each end, and the signal has {n}",
                'a smaller n_fft, center=False, or pad_mode="constant"',
            )
        )
    pads = ((0, 0),) * (x.array.ndim - 1) + ((half, half),)
    if pad_mode == "constant":
        return ConstantPadNd(pads, 0)(x)
    if pad_mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {pad_mode}")
    return Pad(pad_mode, pads)(x)


def check_stft(x: Any, n_fft: int, hop: int, size: int, window: Any) -> None:
    shape = x.array.shape
    where = f"stft(torch.{dtypes.title(x.dtype)}Tensor{list(shape)}, n_fft={n_fft}, hop_length={hop}, win_length={size}): expected "
    if x.array.dtype.kind not in "fc":
        raise RuntimeError(message(f"{where}a tensor of floating point or complex values", instead="x.float()"))
    if len(shape) not in (1, 2):
        raise RuntimeError(f"{where}a 1D or 2D tensor")
    if not 0 < n_fft <= shape[-1]:
        raise RuntimeError(
            message(f"{where}0 < n_fft < {shape[-1]}, but got n_fft={n_fft}", f"the signal has {shape[-1]} entries")
        )
    if hop <= 0:
        raise RuntimeError(f"{where}hop_length > 0, but got hop_length={hop}")
    if not 0 < size <= n_fft:
        raise RuntimeError(f"{where}0 < win_length <= n_fft, but got win_length={size}")
    if window is not None and tuple(window.array.shape) != (size,):
        raise RuntimeError(
            f"{where}a 1D window tensor of size equal to win_length={size}, but got window with size {list(window.array.shape)}"
        )


def unweighted() -> None:
    warnings.warn(
        "A window was not provided. A rectangular window will be applied, which is known to cause spectral leakage. Other "
        "windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage. To suppress "
        "this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft)`.",
        UserWarning,
        stacklevel=3,
    )


def widened(x: Any, size: int) -> Any:
    """x with zeros at both ends of its last axis, so that there are ``size`` entries and x is in the middle."""
    from ..ops.pad import ConstantPadNd

    n = x.array.shape[-1]
    left = (size - n) // 2
    return x if n == size else ConstantPadNd(((0, 0),) * (x.array.ndim - 1) + ((left, size - n - left),), 0)(x)


def istft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Any:
    """x = Σₜ w · yₜ / Σₜ w², each piece yₜ (the inverse transform of a column) at its place: what undoes `stft`.

    (*, frequencies, pieces) ↦ (*, L). It is the signal whose spectra are nearest to the given ones (Griffin and Lim,
    1984, "Signal estimation from modified short-time Fourier transform").

    >>> w = torch.hann_window(4)
    >>> torch.istft(torch.stft(torch.tensor([1., 2., 3., 4.]), 4, window=w, return_complex=True), 4, window=w)
    tensor([1., 2., 3., 4.])
    """
    x = tensor_like(input, "input", "istft")
    hop, size = n_fft // 4 if hop_length is None else hop_length, n_fft if win_length is None else win_length
    check_istft(x, n_fft, hop, size, window, return_complex)
    from .fourier import ifft, irfft

    if onesided is None:
        onesided = x.array.shape[-2] != n_fft
    if return_complex and onesided:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    norm = "ortho" if normalized else None
    columns = x.transpose(-1, -2)
    pieces = ifft(columns, norm=norm) if return_complex else irfft(columns[..., : n_fft // 2 + 1], n_fft, norm=norm)
    weights = widened(ones(size, dtype=x.dtype.to_real()) if window is None else window, n_fft)
    total = overlapped(pieces * weights, hop)
    share = overlapped((weights * weights).expand(pieces.array.shape[-2:]), hop)
    begin = n_fft // 2 if center else 0
    reach = total.array.shape[-1]
    end = begin + length if length is not None else reach - begin if center else reach
    total, share = total[..., begin:end], share[begin:end]
    if not (abs(share.array) > 1e-11).all():
        raise RuntimeError(
            message(
                f"istft(n_fft={n_fft}, hop_length={hop}, win_length={size}) window overlap add min: {float(abs(share.array).min())}",
                "some entries of the signal are in no piece, or only where the window is 0",
                "center=True, a smaller hop_length, or another window",
            )
        )
    return lengthened(total / share, length)


def lengthened(y: Any, length: int | None) -> Any:
    """The signal with zeros behind it up to the length that was asked for."""
    missing = 0 if length is None else length - y.array.shape[-1]
    if missing <= 0:
        return y
    from ..ops.pad import ConstantPadNd

    warnings.warn(
        "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. Please "
        "check your center and hop_length settings.",
        UserWarning,
        stacklevel=3,
    )
    return ConstantPadNd(((0, 0),) * (y.array.ndim - 1) + ((0, missing),), 0)(y)


def overlapped(pieces: Any, hop: int) -> Any:
    """(*, pieces, n) ↦ (*, L): each piece ``hop`` entries after the one before, added up where they overlap."""
    from .filled import arange

    count, n = pieces.array.shape[-2:]
    lead = pieces.array.shape[:-2]
    places = (arange(count).unsqueeze(1) * hop + arange(n)).reshape(-1)
    zeros = pieces.new_zeros((*lead, (count - 1) * hop + n))
    return zeros.index_add(len(lead), places, pieces.reshape(*lead, count * n))


def check_istft(x: Any, n_fft: int, hop: int, size: int, window: Any, return_complex: bool) -> None:
    shape = x.array.shape
    where = f"istft({dtypes.title(x.dtype)}Tensor{list(shape)}, n_fft={n_fft}, hop_length={hop}, win_length={size}) : "
    if x.array.dtype.kind != "c":
        raise RuntimeError(
            message(
                "istft requires a complex-valued input tensor matching the output from stft with return_complex=True.",
                f"this tensor holds {x.dtype}",
                "torch.view_as_complex(x), if its last axis holds real and imaginary parts",
            )
        )
    if x.array.size == 0:
        raise RuntimeError(f"{where}input tensor cannot be empty.")
    if len(shape) not in (2, 3):
        raise RuntimeError(f"{where}expected a tensor with 3 or 4 dimensions, but got {len(shape) + 1}")
    if not 0 < hop <= size:
        raise RuntimeError(f"{where}expected 0 < hop_length <= win_length")
    if not 0 < size <= n_fft:
        raise RuntimeError(f"{where}expected 0 < win_length <= n_fft")
    if shape[-2] not in (n_fft, n_fft // 2 + 1):
        raise RuntimeError(
            message(
                f"{where}expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when "
                f"onesided=True, but got {shape[-2]}",
                f"n_fft = {n_fft} gives {n_fft // 2 + 1} frequencies, or {n_fft} with onesided=False",
            )
        )
    if window is not None and tuple(window.array.shape) != (size,):
        raise RuntimeError(f"{where}Invalid window shape. window has to be 1D and length of `win_length`")
    if window is not None and window.is_complex() and not return_complex:
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    if window is None:
        unweighted()
