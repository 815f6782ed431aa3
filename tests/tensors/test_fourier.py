"""``torch.fft``: PyTorch's values, dtypes and gradients to the second order; then bad input."""

import numpy as np
import pytest

import chainrule
from tests.tensors.against import same_as_pytorch
from tests.tensors.compare import check, normal

OF_COMPLEX = [
    ("fft", {}), ("fft", {"n": 3, "dim": 0}), ("fft", {"n": 7, "norm": "ortho"}), ("ifft", {}), ("ifft", {"norm": "forward"}),
    ("irfft", {}), ("irfft", {"n": 5}), ("irfft", {"n": 4, "norm": "ortho"}), ("hfft", {}), ("hfft", {"n": 7, "norm": "forward"}),
    ("fftn", {}), ("fftn", {"s": (2, 6)}), ("ifftn", {"dim": (0, -1)}), ("irfftn", {}), ("irfftn", {"s": (3, 5), "dim": (0, 1)}),
    ("hfftn", {}), ("hfftn", {"s": (-1, 5), "norm": "ortho"}), ("fft2", {}), ("ifft2", {"norm": "ortho"}), ("irfft2", {}),
    ("hfft2", {"s": (2, 3)}),
]  # fmt: skip
OF_REALS = [
    ("fft", {}), ("ifft", {"norm": "ortho"}), ("rfft", {}), ("rfft", {"n": 5}), ("rfft", {"n": 2, "dim": 0, "norm": "forward"}),
    ("ihfft", {}), ("ihfft", {"n": 5, "norm": "ortho"}), ("rfftn", {}), ("rfftn", {"s": 3}), ("rfftn", {"dim": (2, 0)}),
    ("ihfftn", {}), ("ihfftn", {"s": (2, 5), "norm": "forward"}), ("rfft2", {}), ("ihfft2", {}), ("fftn", {"dim": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), OF_COMPLEX)
def test_of_complex_numbers(name, options):
    def program(t, a, b):
        y = getattr(t.fft, name)(t.complex(a, b) * (1 + 0j), **options)
        return t.view_as_real(y) if y.is_complex() else y

    check(program, [normal(2, 3, 4), normal(2, 3, 4, seed=1)])


@pytest.mark.parametrize(("name", "options"), OF_REALS)
def test_of_real_numbers(name, options):
    check(
        lambda t, x: t.view_as_real(getattr(t.fft, name)(x, **options).resolve_conj()), [normal(2, 3, 4)], names=False
    )


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "rfft2", "hfft2", "ihfftn"])
def test_the_way_there_and_back(name):
    inverse = {"i": name[1:], "f": "i" + name, "r": "i" + name, "h": "i" + name}[name[0]]
    x = chainrule.tensor(normal(3, 6))
    if name[0] == "i" and name != "ihfft" and name != "ihfftn" or name in ("hfft", "hfft2"):
        x = getattr(chainrule.fft, inverse)(x)  # an input whose imaginary parts are as they must be
    y = getattr(chainrule.fft, inverse)(getattr(chainrule.fft, name)(x))
    np.testing.assert_allclose(y.numpy(), x.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "int64", "bool"])
@pytest.mark.parametrize("name", ["fft", "irfft", "hfftn", "rfft", "ihfft"])
def test_dtypes_like_torch(name, dtype):
    torch = pytest.importorskip("torch")
    if dtype.startswith("complex") and name in ("rfft", "ihfft"):
        return
    x = np.random.default_rng(0).integers(0, 2, (3, 4)).astype(dtype)
    ours, theirs = (getattr(t.fft, name)(t.tensor(x)).resolve_conj() for t in (chainrule, torch))
    assert str(ours.dtype) == str(theirs.dtype)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("expression", [
    "torch.fft.fftfreq(5)", "torch.fft.fftfreq(6, 0.5)", "torch.fft.rfftfreq(7, d=2.0)", "torch.fft.fftfreq(0)",
    "torch.fft.rfftfreq(4, dtype=torch.float64)", "torch.fft.fftfreq(4, requires_grad=True)",
    "torch.fft.fftshift(torch.arange(6).reshape(2, 3))", "torch.fft.ifftshift(torch.arange(6).reshape(2, 3), dim=1)",
    "torch.fft.fftshift(torch.arange(5), dim=(0,))", "torch.fft.fftn(torch.tensor(2.))", "torch.fft.fftn(torch.ones(2), dim=())",
    "torch.fft.fft(torch.ones(2, requires_grad=True))", "torch.fft.rfftn(torch.ones(2, 2, requires_grad=True)).grad_fn.name()",
])  # fmt: skip
def test_prints_as_pytorch(expression):
    same_as_pytorch(expression)


ERRORS = {
    "torch.fft.fft(torch.ones(3), 0)": r"Invalid number of data points \(0\) specified\n  why: a transform needs",
    "torch.fft.fft(torch.ones(3), norm='x')": 'Invalid normalization mode: "x"\n  why: the modes are backward',
    "torch.fft.fft(torch.ones(3), n='a')": "fft_fft\\(\\): argument 'n' must be int, not str",
    "torch.fft.fft(torch.tensor(1.))": "Dimension specified as -1 but tensor has no dimensions\n  why: fft runs along",
    "torch.fft.fft(torch.ones(3), dim=2)": "Dimension out of range",
    "torch.fft.fft([1.])": r"fft_fft\(\): argument 'input' \(position 1\) must be Tensor, not list",
    "torch.fft.fft(torch.ones(3).half())": "Unsupported dtype Half\n  why: transforms are computed in 32 or 64 bits",
    "torch.fft.rfft(torch.ones(3) + 1j)": r"rfft expects a real input tensor, but got ComplexFloat\n.*\n  instead: torch.fft.fft\(x\)",
    "torch.fft.ihfft(torch.ones(3) + 1j)": r"ihfft expects a real input tensor, but got ComplexFloat\n.*\n  instead: torch.fft.ifft\(x\)",
    "torch.fft.rfftn(torch.ones(3) + 1j)": "rfftn expects a real-valued input tensor, but got ComplexFloat",
    "torch.fft.ihfftn(torch.ones(3) + 1j)": "Only supports floating-point dtypes, but found: ComplexFloat",
    "torch.fft.fftn(torch.ones(3, 3), s=(2, 2), dim=(0,))": "When given, dim and shape arguments must have the same length\n  why: dim has 1",
    "torch.fft.fftn(torch.ones(3, 3), dim=(0, 0))": "FFT dims must be unique",
    "torch.fft.fftn(torch.ones(3, 3), s=(2, 2, 2))": "Got shape with 3 values but input tensor only has 2 dimensions.",
    "torch.fft.fftn(torch.ones(3, 3), s=(-2, 2))": r"Invalid number of data points \(-2\) specified",
    "torch.fft.rfftn(torch.ones(3, 3), dim=())": "rfftn must transform at least one axis",
    "torch.fft.irfft(torch.ones(1))": r"Invalid number of data points \(0\) specified",
    "torch.fft.fftfreq(4, dtype=torch.int64)": "fftfreq requires a floating point or complex dtype",
}  # fmt: skip


@pytest.mark.parametrize("expression", ERRORS)
def test_bad_input(expression):
    same_as_pytorch(expression)
    with pytest.raises((RuntimeError, TypeError, IndexError), match=ERRORS[expression]):
        eval(expression, {"torch": chainrule})
