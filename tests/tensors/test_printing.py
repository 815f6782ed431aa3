"""Tensors print as in PyTorch: frozen texts that need no PyTorch, then a search for differences beside it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from chainrule.tensors import printing
from chainrule.tensors.printing import format_spec, format_tensor, get_printoptions, parameter_repr, printoptions

NAN, INF = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    yield
    printing.set_printoptions(profile="default")


# fmt: off
# What PyTorch 2.13 prints: (what is shown, array, print options, keywords, text).
GOLDEN: list[tuple[str, Any, dict[str, Any], dict[str, Any], str]] = [
    ("zeros of either sign", np.float32([0.0, -0.0, 1.0]), {}, {},
        "tensor([0., -0., 1.])"),
    ("whole", np.float32([1, -20, 300]), {}, {},
        "tensor([  1., -20., 300.])"),
    ("whole, not finite", np.float32([1, np.nan, np.inf, -np.inf]), {}, {},
        "tensor([1., nan, inf, -inf])"),
    ("fixed", np.float32([0.5, -20.25, np.nan, -np.inf]), {}, {},
        "tensor([  0.5000, -20.2500,      nan,     -inf])"),
    ("float32 is not decimal", np.float32([0.1, 16777217.0]), dict(precision=12, sci_mode=False), {},
        "tensor([       0.100000001490, 16777216.000000000000])"),
    ("scientific: ratio above 1000", np.float32([1.5, 1501.0]), {}, {},
        "tensor([1.5000e+00, 1.5010e+03])"),
    ("fixed: ratio 1000", np.float32([1.5, 1500.0]), {}, {},
        "tensor([   1.5000, 1500.0000])"),
    ("scientific: whole and above 10⁸", np.float64([100000001.0]), {}, {},
        "tensor([1.0000e+08], dtype=torch.float64)"),
    ("whole: 10⁸", np.float64([1e8]), {}, {},
        "tensor([100000000.], dtype=torch.float64)"),
    ("scientific: below 10⁻⁴", np.float32([0.00009]), {}, {},
        "tensor([9.0000e-05])"),
    ("fixed: 10⁻⁴", np.float64([1e-4]), {}, {},
        "tensor([0.0001], dtype=torch.float64)"),
    ("float16 above 10⁴", np.float16([65504, 70]), {}, {},
        "tensor([65504.,    70.], dtype=torch.float16)"),
    ("scientific: ratio 1000.24, which float16 rounds to 1000", np.float16([0.1, 100]), {}, {},
        "tensor([9.9976e-02, 1.0000e+02], dtype=torch.float16)"),
    ("nothing finite", np.float32([np.nan, np.inf, 0.0]), dict(sci_mode=True), {},
        "tensor([nan, inf, 0.])"),
    ("0-dim", np.float32(3.14159), {}, dict(requires_grad=True),
        "tensor(3.1416, requires_grad=True)"),
    ("0-dim integer", np.int64(7), {}, {},
        "tensor(7)"),
    ("0-dim boolean", np.bool_(True), {}, {},
        "tensor(True)"),
    ("integers", np.int32([[1, -10], [100, 0]]), {}, {},
        "tensor([[  1, -10],\n"
        "        [100,   0]], dtype=torch.int32)"),
    ("booleans", np.array([True, False]), {}, {},
        "tensor([ True, False])"),
    ("uint8", np.uint8([0, 255]), {}, {},
        "tensor([  0, 255], dtype=torch.uint8)"),
    ("complex", np.complex64([1.5 - 2j, -0.25 + 10j, complex(0, np.nan)]), {}, {},
        "tensor([ 1.5000-2.j, -0.2500+10.j,  0.0000+nanj])"),
    ("complex: the widths of both parts count", np.complex64([1.5 + 2.5j] * 5), {}, {},
        "tensor([1.5000+2.5000j, 1.5000+2.5000j, 1.5000+2.5000j, 1.5000+2.5000j,\n"
        "        1.5000+2.5000j])"),
    ("complex: imaginary parts are not aligned", np.complex64([1 + 10j, 1 - 200j]), {}, {},
        "tensor([1.+10.j, 1.-200.j])"),
    ("complex128 0-dim", np.complex128(-0.5j), {}, {},
        "tensor(-0.-0.5000j, dtype=torch.complex128)"),
    ("empty", np.zeros(0, np.float32), {}, {},
        "tensor([])"),
    ("empty, integer", np.zeros(0, np.int64), {}, {},
        "tensor([], dtype=torch.int64)"),
    ("empty, two axes", np.zeros((0, 3), np.float64), {}, dict(requires_grad=True),
        "tensor([], size=(0, 3), dtype=torch.float64, requires_grad=True)"),
    ("another default dtype", np.float64([1.0]), {}, dict(default_dtype="float64"),
        "tensor([1.])"),
    ("not the default dtype any more", np.float32([1.0]), {}, dict(default_dtype="float64"),
        "tensor([1.], dtype=torch.float32)"),
    ("three axes", np.arange(8.0, dtype=np.float32).reshape(2, 2, 2), {}, {},
        "tensor([[[0., 1.],\n"
        "         [2., 3.]],\n"
        "\n"
        "        [[4., 5.],\n"
        "         [6., 7.]]])"),
    ("four axes", np.arange(4).reshape(2, 1, 2, 1), {}, {},
        "tensor([[[[0],\n"
        "          [1]]],\n"
        "\n"
        "\n"
        "        [[[2],\n"
        "          [3]]]])"),
    ("a long vector", np.arange(24, dtype=np.float32) / 2, {}, {},
        "tensor([ 0.0000,  0.5000,  1.0000,  1.5000,  2.0000,  2.5000,  3.0000,  3.5000,\n"
        "         4.0000,  4.5000,  5.0000,  5.5000,  6.0000,  6.5000,  7.0000,  7.5000,\n"
        "         8.0000,  8.5000,  9.0000,  9.5000, 10.0000, 10.5000, 11.0000, 11.5000])"),
    ("zeros reckon too narrow", np.zeros(25, np.float32), {}, {},
        "tensor([0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.,\n"
        "        0.])"),
    ("summarised vector", np.arange(1001, dtype=np.float32), {}, {},
        "tensor([   0.,    1.,    2.,  ...,  998.,  999., 1000.])"),
    ("as many as the threshold", np.arange(6), dict(threshold=6, edgeitems=1), {},
        "tensor([0, 1, 2, 3, 4, 5])"),
    ("an axis as long as both ends", np.arange(12).reshape(2, 6), dict(threshold=6, edgeitems=1), {},
        "tensor([[ 0,  ...,  5],\n"
        "        [ 6,  ..., 11]])"),
    ("summarised matrix, wide", np.arange(2000).reshape(2, 1000), {}, {},
        "tensor([[   0,    1,    2,  ...,  997,  998,  999],\n"
        "        [1000, 1001, 1002,  ..., 1997, 1998, 1999]])"),
    ("summarised, three axes", np.arange(1000.0).reshape(10, 10, 10), dict(threshold=999, edgeitems=1), {},
        "tensor([[[  0.,  ...,   9.],\n"
        "         ...,\n"
        "         [ 90.,  ...,  99.]],\n"
        "\n"
        "        ...,\n"
        "\n"
        "        [[900.,  ..., 909.],\n"
        "         ...,\n"
        "         [990.,  ..., 999.]]], dtype=torch.float64)"),
    ("no ends", np.arange(12.0, dtype=np.float32), dict(threshold=10, edgeitems=0), {},
        "tensor([...], size=(12,))"),
    ("no ends, 0-dim", np.float32(1), dict(threshold=0, edgeitems=0), {},
        "tensor(1., size=())"),
    ("precision", np.float32([2.0, 3.14159]), dict(precision=2), {},
        "tensor([2.00, 3.14])"),
    ("line width", np.float32([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]), dict(linewidth=24), {},
        "tensor([[1.5000, 2.5000,\n"
        "         3.5000],\n"
        "        [4.5000, 5.5000,\n"
        "         6.5000]])"),
    ("line width below one entry", np.float32([1.5, 2.5]), dict(linewidth=9), {},
        "tensor([1.5000,\n"
        "        2.5000])"),
    ("profile", np.float32(range(1001)) / 8, dict(profile="short"), {},
        "tensor([  0.00,   0.12,  ..., 124.88, 125.00])"),
    ("grad_fn", np.float32([[1, 2], [3, 4]]), {}, dict(grad_fn_name="CloneBackward0"),
        "tensor([[1., 2.],\n"
        "        [3., 4.]], grad_fn=<CloneBackward0>)"),
    ("size, dtype, gradient", np.ones(2), dict(edgeitems=0, linewidth=48), dict(requires_grad=True),
        "tensor([1., 1.], size=(2,),\n"
        "       dtype=torch.float64, requires_grad=True)"),
    ("a suffix too long by one column", np.ones(2, np.float32), dict(linewidth=36), dict(requires_grad=True),
        "tensor([1., 1.],\n"
        "       requires_grad=True)"),
    ("a suffix that just fits", np.ones(2, np.float32), dict(linewidth=37), dict(requires_grad=True),
        "tensor([1., 1.], requires_grad=True)"),
    ("a second line takes a column more", np.ones(6), dict(linewidth=46), dict(requires_grad=True),
        "tensor([1., 1., 1., 1., 1., 1.],\n"
        "       dtype=torch.float64, requires_grad=True)"),
    ("suffixes on new lines", np.arange(8.0) + 0.5, {}, dict(requires_grad=True, grad_fn_name="CloneBackward0"),
        "tensor([0.5000, 1.5000, 2.5000, 3.5000, 4.5000, 5.5000, 6.5000, 7.5000],\n"
        "       dtype=torch.float64, grad_fn=<CloneBackward0>)"),
]
# fmt: on
golden = pytest.mark.parametrize("array, options, described, text", [c[1:] for c in GOLDEN], ids=[c[0] for c in GOLDEN])


@golden
def test_frozen_texts(array, options, described, text):
    with printoptions(**options):
        assert format_tensor(array, **described) == text


@golden
def test_frozen_texts_are_those_of_pytorch(array, options, described, text):
    assert torch_text(np.asarray(array), options, **described) == text


def test_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([0.1, 300.0], ml_dtypes.bfloat16)
    assert format_tensor(array) == "tensor([1.0010e-01, 3.0000e+02], dtype=torch.bfloat16)"
    assert format_tensor(array[1:], default_dtype="bfloat16") == "tensor([300.])"
    assert format_spec(array[0:1].reshape(()), ".3f", text=str) == "0.100"


def test_dtype_name_replaces_that_of_the_array():
    assert format_tensor(np.float32([1]), dtype_name="bfloat16") == "tensor([1.], dtype=torch.bfloat16)"


def test_parameter():
    text = parameter_repr(np.float32([1, 2]), requires_grad=True)
    assert text == "Parameter containing:\ntensor([1., 2.], requires_grad=True)"


def test_only_the_ends_are_read():
    """10¹² entries: any pass over all of them would need terabytes."""
    array = np.broadcast_to(np.float32(0.5), (10**6, 10**6))
    row = "[0.5000, 0.5000, 0.5000,  ..., 0.5000, 0.5000, 0.5000]"
    lines = [row, row, row, "...", row, row, row]
    assert format_tensor(array) == "tensor([" + ",\n        ".join(lines) + "])"


def test_arrays_that_no_tensor_holds():
    with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy.object"):
        format_tensor(np.array([None]))


# ---------------------------------------------------------------- options


def test_options_accumulate_and_profiles_start_anew():
    printing.set_printoptions(precision=2, sci_mode=True)
    printing.set_printoptions(linewidth=40)
    assert get_printoptions() == dict(precision=2, threshold=1000, edgeitems=3, linewidth=40, sci_mode=None)
    printing.set_printoptions(profile="Short", threshold=7)
    assert get_printoptions() == dict(precision=2, threshold=7, edgeitems=2, linewidth=80, sci_mode=None)
    printing.set_printoptions(profile="full")
    assert get_printoptions() == dict(precision=4, threshold=INF, edgeitems=3, linewidth=80, sci_mode=None)


def test_scoped_options_end_with_their_block():
    before = get_printoptions()
    with pytest.raises(ZeroDivisionError), printoptions(precision=1, sci_mode=False):
        assert format_tensor(np.float32([0.25])) == "tensor([0.2])"
        raise ZeroDivisionError
    assert get_printoptions() == before


@pytest.mark.parametrize(
    "wrong, what, instead",
    [
        (dict(precision=-1), "got precision=-1", "precision=4"),
        (dict(precision=2.5), "got precision=2.5", "digits after the point"),
        (dict(edgeitems=True), "got edgeitems=True", "edgeitems=3"),
        (dict(threshold="all"), "got threshold='all'", "math.inf"),
        (dict(linewidth=INF), "got linewidth=inf", "a finite number of columns"),
        (dict(sci_mode="yes"), "got sci_mode='yes'", "True, False, or None"),
        (dict(profile="shrt"), "got profile='shrt'. Did you mean 'short'?", "'default', 'short', 'full'"),
    ],
)
def test_wrong_options_are_refused_and_change_nothing(wrong, what, instead):
    before = get_printoptions()
    with pytest.raises(ValueError) as error:
        printing.set_printoptions(**{"threshold": 5, **wrong})
    assert what in str(error.value) and instead in str(error.value)
    assert get_printoptions() == before


# ---------------------------------------------------------------- format()


@pytest.mark.parametrize("number", [np.float32(0.1), np.float64(-2.5), np.int64(3), np.bool_(True), np.complex64(1j)])
@pytest.mark.parametrize("spec", ["", ".3f", "10.2e", ">12"])
def test_0_dim_tensors_format_as_their_number(number, spec):
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(number.item(), dtype=getattr(torch, number.dtype.name))
    assert format_spec(number, spec, text=str) == format(tensor, spec)


def test_other_tensors_format_only_whole():
    assert format_spec(np.ones(2), "", text=lambda: "tensor(...)") == "tensor(...)"
    assert format_spec(np.ones(()), "", text=lambda: "Parameter ...", type_name="Parameter") == "Parameter ..."
    with pytest.raises(TypeError) as error:
        format_spec(np.ones(2), ".3f", text=str)
    assert str(error.value) == (
        "unsupported format string passed to Tensor.__format__: '.3f'\n"
        "  why: it formats one number, and this is a Tensor of shape (2,)\n"
        "  instead: f'{t.item():.3f}' for a single entry; set_printoptions(precision=…) and f'{t}' for all"
    )
    with pytest.raises(TypeError, match="unsupported format string passed to Parameter.__format__"):
        format_spec(np.ones(()), ".3f", text=str, type_name="Parameter")


# ---------------------------------------------------------------- beside PyTorch


def torch_text(array: np.ndarray, options: dict[str, Any], **described: Any) -> str:
    """What PyTorch prints for the tensor that `format_tensor(array, **described)` describes."""
    torch = pytest.importorskip("torch")
    if array.dtype.name == "bfloat16":
        tensor = torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(array.copy())
    tensor.requires_grad_(described.get("requires_grad", False) or "grad_fn_name" in described)
    if "grad_fn_name" in described:
        tensor = tensor.clone()
        assert described["grad_fn_name"] == "CloneBackward0"
    try:
        torch.set_default_dtype(getattr(torch, described.get("default_dtype", "float32")))
        torch.set_printoptions(**options)
        return repr(tensor)
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_printoptions(profile="default")


ZEROS_AND_SPECIALS = [0.0, -0.0, NAN, INF, -INF]
AT_THE_LIMITS = [1.0, -1.0, 1000.0, 1000.5, 1001.0, 1e-4, 9.9e-5, 1e8, 1e8 + 8, 0.99995, 9.99995, 65504.0, 5e-324]
FLOATS = [
    st.integers(-20, 20).map(float),
    st.integers(-(10**12), 10**12).map(float),
    st.floats(-1.0, 1.0),
    st.floats(0.5, 99.0).map(lambda x: round(x, 2)),
    st.builds(lambda x, power: x * 10.0**power, st.floats(-10, 10), st.integers(-12, 12)),
    st.floats(),
    st.sampled_from(ZEROS_AND_SPECIALS),
    st.sampled_from(ZEROS_AND_SPECIALS + AT_THE_LIMITS),
]
SHAPES = st.one_of(
    arrays.array_shapes(min_dims=0, max_dims=1, min_side=0, max_side=40),
    arrays.array_shapes(min_dims=2, max_dims=5, min_side=0, max_side=5),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "profile": st.sampled_from(["default", "short", "full"]),
        "precision": st.integers(0, 12),
        "threshold": st.sampled_from([-1, 0, 1, 5, 20, INF]),
        "edgeitems": st.integers(0, 5),
        "linewidth": st.integers(0, 130),
        "sci_mode": st.sampled_from([True, False, None]),
    },
)
DEFAULT_DTYPES = ["float32", "float64", "float16", "bfloat16"]


def floats(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """Entries of one kind, so that each style comes up, with some special ones among them."""
    kind = draw(st.sampled_from(FLOATS))
    if draw(st.booleans()):
        kind = st.one_of(kind, st.sampled_from(ZEROS_AND_SPECIALS))
    return draw(arrays.arrays(np.float64, shape, elements=kind))


@st.composite
def drawn(draw: st.DrawFn, dtype: np.dtype) -> np.ndarray:
    """An array of any shape; what a narrow float cannot hold becomes inf or 0."""
    shape = draw(SHAPES)
    if dtype.kind in "biu":
        return draw(arrays.arrays(dtype, shape))
    with np.errstate(all="ignore"):
        if dtype.kind != "c":
            return floats(draw, shape).astype(dtype)
        array = np.empty(shape, dtype)
        array.real, array.imag = floats(draw, shape), floats(draw, shape)
        return array


FLOATING = ["float64", "float32", "float16", "bfloat16", "complex64", "complex128"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]


@pytest.mark.parametrize("names", [*([name] for name in FLOATING), INTEGERS], ids=[*FLOATING, "integers"])
@given(data=st.data())
def test_prints_as_pytorch(names, data):
    pytest.importorskip("torch")
    name = data.draw(st.sampled_from(names))
    dtype = np.dtype(pytest.importorskip("ml_dtypes").bfloat16 if name == "bfloat16" else name)
    array, options = data.draw(drawn(dtype)), data.draw(OPTIONS)
    described: dict[str, Any] = {"default_dtype": data.draw(st.sampled_from(DEFAULT_DTYPES))}
    if name in FLOATING:
        described |= data.draw(st.sampled_from([{}, {"requires_grad": True}, {"grad_fn_name": "CloneBackward0"}]))
    with printoptions(**options):
        assert format_tensor(array, **described) == torch_text(array, options, **described)
