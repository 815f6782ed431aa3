"""The short-time Fourier transform, and windows: PyTorch's values and gradients; then bad input."""

import numpy as np
import pytest

import chainrule
from tests.tensors.against import same_as_pytorch
from tests.tensors.compare import check, normal

STFT = [
    {}, {"hop_length": 2}, {"center": False}, {"normalized": True}, {"onesided": False}, {"pad_mode": "constant"},
    {"win_length": 3}, {"pad_mode": "circular", "hop_length": 3},
]  # fmt: skip


@pytest.mark.parametrize("options", STFT)
def test_stft(options):
    size = options.get("win_length", 5)
    program = lambda t, x, w: t.view_as_real(t.stft(x, 5, window=w, return_complex=True, **options))  # noqa: E731
    check(program, [normal(2, 12), normal(size, seed=1)], names=False)


def test_stft_of_one_signal_and_of_complex_numbers():
    w = np.hanning(6)[:4]
    check(lambda t, x, w: t.view_as_real(x.stft(4, window=w, return_complex=True)), [normal(9), w], names=False)
    check(lambda t, x, w: t.view_as_real(t.stft(x * (1 + 2j), 4, window=w)), [normal(9), w], names=False)


@pytest.mark.parametrize(
    "options", [{}, {"hop_length": 2}, {"normalized": True}, {"length": 5}, {"center": False, "length": 6}]
)
def test_istft(options):
    program = lambda t, x, w: t.istft(t.view_as_complex(x), 5, window=w, **options)  # noqa: E731
    check(program, [normal(3, 4, 2), 1 + normal(5, seed=1) ** 2], names=False, second=False)


def test_istft_undoes_stft():
    x, w = chainrule.tensor(normal(2, 20)), chainrule.hann_window(8, dtype=chainrule.float64)
    for options in ({}, {"normalized": True}, {"onesided": False}):
        y = chainrule.istft(
            chainrule.stft(x, 8, window=w, return_complex=True, **options), 8, window=w, length=20, **options
        )
        np.testing.assert_allclose(y.numpy(), x.numpy(), atol=1e-12)


WINDOWS = [
    "hann_window(7)", "hann_window(7, periodic=False)", "hamming_window(6)", "hamming_window(6, False, 0.5, 0.4)",
    "blackman_window(9)", "bartlett_window(6)", "bartlett_window(7, False)", "kaiser_window(7)", "kaiser_window(8, False, 3.0)",
    "hann_window(0)", "hann_window(1)", "hann_window(4, dtype=torch.float64)", "signal.windows.bartlett(6)", "signal.windows.blackman(6)",
    "signal.windows.cosine(5, sym=False)", "signal.windows.cosine(5)", "signal.windows.exponential(5, tau=2.0, sym=False)",
    "signal.windows.exponential(6, center=2, sym=False)", "signal.windows.exponential(5)", "signal.windows.gaussian(5, std=2.0, sym=False)",
    "signal.windows.gaussian(5)", "signal.windows.general_cosine(5, a=[1, 0.5, 0.25])", "signal.windows.general_hamming(4, alpha=0.5)",
    "signal.windows.hamming(5)", "signal.windows.hann(5, sym=False)", "signal.windows.kaiser(5, beta=3.0)", "signal.windows.nuttall(6)",
]  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS)
def test_windows(window):
    torch = pytest.importorskip("torch")
    ours, theirs = (eval("torch." + window, {"torch": t}) for t in (chainrule, torch))
    assert str(ours.dtype) == str(theirs.dtype)
    np.testing.assert_allclose(
        ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-7 if ours.dtype is chainrule.float32 else 1e-15
    )


ERRORS = [
    "torch.stft(torch.ones(10), 4, window=torch.ones(4))", "torch.stft(torch.ones(10), 40, return_complex=True)",
    "torch.stft(torch.ones(10), 4, hop_length=0, return_complex=True)", "torch.stft(torch.ones(10), 4, win_length=5, return_complex=True)",
    "torch.stft(torch.ones(10), 4, window=torch.ones(3), return_complex=True)", "torch.stft(torch.ones(2, 2, 10), 4, return_complex=True)",
    "torch.stft(torch.ones(10, dtype=torch.int), 4, center=False, return_complex=True)", "torch.stft(torch.ones(10), 20, center=False)",
    "torch.stft(torch.ones(10) + 1j, 4, window=torch.ones(4), onesided=True)", "torch.istft(torch.ones(3, 4), 4)",
    "torch.istft(torch.ones(3, 4) + 0j, 4, window=torch.hann_window(4), center=False)", "torch.istft(torch.ones(3, 0) + 0j, 4)",
    "torch.istft(torch.ones(3, 4) + 0j, 4, hop_length=5)", "torch.istft(torch.ones(3, 4) + 0j, 4, window=torch.ones(3))",
    "torch.istft(torch.ones(3, 4) + 0j, 4, window=torch.ones(4), return_complex=True)", "torch.hann_window(-1)", "torch.hann_window(2.5)",
    "torch.hann_window(4, dtype=torch.int)", "torch.signal.windows.hann(-1)", "torch.signal.windows.gaussian(3, std=0)",
    "torch.signal.windows.kaiser(3, beta=-1)", "torch.signal.windows.exponential(3, center=2)", "torch.signal.windows.exponential(3, tau=0)",
    "torch.signal.windows.general_cosine(3, a=[])", "torch.signal.windows.general_cosine(3, a=2)",
]  # fmt: skip


@pytest.mark.parametrize("expression", ERRORS)
def test_bad_input(expression):
    same_as_pytorch(expression)


def test_errors_say_what_to_write_instead():
    with pytest.raises(RuntimeError, match=r"instead: torch.stft\(..., return_complex=True\)"):
        chainrule.stft(chainrule.ones(10), 4)
    with pytest.raises(RuntimeError, match="why: some entries of the signal are in no piece"):
        chainrule.istft(chainrule.ones(3, 4) + 0j, 4, window=chainrule.hann_window(4), center=False)
    with pytest.warns(UserWarning, match="A window was not provided"):
        chainrule.stft(chainrule.ones(10), 4, return_complex=True)
