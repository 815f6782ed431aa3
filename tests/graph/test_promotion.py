"""The careful path: operands of different dtypes, halves, complex numbers, integers, and where their gradients go."""

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.base import dtypes

DTYPES = [d for d in dtypes.ALL if not d.name.startswith("uint") or d.name == "uint8"]


def test_a_gradient_has_the_dtype_of_its_leaf():
    a = tensor([1.0, 2.0], requires_grad=True)
    b = tensor([3.0, 4.0], dtype=chainrule.float64, requires_grad=True)
    h = tensor([0.5, 0.25], dtype=chainrule.float16, requires_grad=True)
    y = a * b + h
    assert y.dtype is chainrule.float64
    y.sum().backward()
    assert (a.grad.dtype, b.grad.dtype, h.grad.dtype) == (chainrule.float32, chainrule.float64, chainrule.float16)
    assert a.grad.tolist() == [3.0, 4.0] and b.grad.tolist() == [1.0, 2.0] and h.grad.tolist() == [1.0, 1.0]


def test_a_number_and_a_0_dim_tensor_do_not_widen():
    x = tensor([1.0, 2.0], requires_grad=True)
    s = tensor(3.0, dtype=chainrule.float64, requires_grad=True)
    y = x * s * 2.0
    assert y.dtype is chainrule.float32
    y.sum().backward()
    assert s.grad.dtype is chainrule.float64 and s.grad.item() == 6.0 and x.grad.tolist() == [6.0, 6.0]


def test_integers_become_the_default_dtype_where_an_op_needs_reals():
    assert chainrule.exp(tensor([0, 1])).dtype is chainrule.float32
    assert (tensor([1, 2]) / tensor([2, 4])).tolist() == [0.5, 0.5]
    assert (tensor([True, False]) + tensor([1, 2])).dtype is chainrule.int64
    assert (tensor([1], dtype=chainrule.uint8) + tensor([1], dtype=chainrule.int8)).dtype is chainrule.int16


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_halves_are_computed_in_single_precision_and_rounded_once(name):
    torch = pytest.importorskip("torch")
    data = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)

    def run(lib):
        x = lib.tensor(data).to(getattr(lib, name)).requires_grad_()
        y = ((x * 3 + 0.1).sigmoid() * x).exp()
        z = y.sum(1) * y.mean() + (x @ x.t()).sum()
        z.backward(lib.ones(3, dtype=getattr(lib, name)))
        assert str(y.dtype) == str(x.grad.dtype) == f"torch.{name}"
        return [t.detach().float().numpy() for t in (y, z, x.grad)]

    for a, b in zip(run(chainrule), run(torch), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-2 if name == "bfloat16" else 3e-3, atol=1e-2)


def test_a_half_that_overflows_is_infinite_without_a_warning():
    x = tensor([60000.0], dtype=chainrule.float16)
    assert (x * 2).tolist() == [float("inf")]
    assert (x * 2 / 4).tolist() == [float("inf")]


def test_second_derivatives_of_halves():
    x = tensor([0.5, 2.0], dtype=chainrule.float16, requires_grad=True)
    (slope,) = chainrule.autograd.grad((x**3).sum(), x, create_graph=True)
    assert slope.dtype is chainrule.float16 and slope.tolist() == [0.75, 12.0]
    assert chainrule.autograd.grad(slope.sum(), x)[0].tolist() == [3.0, 12.0]


COMPLEX = {
    "product": lambda lib, z, w: z * w,
    "quotient": lambda lib, z, w: z / w,
    "power": lambda lib, z, w: z**3,
    "exp": lambda lib, z, w: z.exp() * w.sin(),
    "conj": lambda lib, z, w: z * z.conj() + w,
    "parts": lambda lib, z, w: z.real * w.imag + z.imag**2,
    "abs": lambda lib, z, w: z.abs() * w,
    "angle": lambda lib, z, w: z.angle() + w.abs(),
    "matmul": lambda lib, z, w: z.reshape(1, 3) @ w.reshape(3, 1),
    "sum": lambda lib, z, w: z.sum() * w.mean(),
    "with a real": lambda lib, z, w: z * lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64) - w.real,
    "broadcast": lambda lib, z, w: z * w[0] + 2j,
}  # fmt: skip


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_gradients_like_torch(name):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    data = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
    weight = rng.normal(size=8) + 1j * rng.normal(size=8)

    def run(lib):
        leaves = [lib.tensor(row, requires_grad=True) for row in data]
        y = COMPLEX[name](lib, *leaves)
        g = weight[: y.numel()].reshape(tuple(y.shape))
        y.backward(lib.tensor(g if y.is_complex() else g.real.copy()))
        return [y.detach().numpy(), *(x.grad.numpy() for x in leaves if x.grad is not None)]

    for a, b in zip(run(chainrule), run(torch), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_gradient_of_a_real_leaf_is_real():
    x, z = tensor([1.0, 2.0], requires_grad=True), tensor([1 + 2j, 3 - 1j])
    (x * z).abs().sum().backward()
    assert x.grad.dtype is chainrule.float32
    np.testing.assert_allclose(x.grad.numpy(), np.abs(z.numpy()), rtol=1e-6)


def test_complex_losses_have_no_gradient_of_their_own():
    z = tensor([1 + 1j], requires_grad=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for real scalar outputs but got torch.complex64"):
        (z * 2).sum().backward()
    with pytest.raises(RuntimeError, match="both grad_output and output are required to have the same dtype"):
        (z * 2).backward(chainrule.ones(1))


def test_a_cast_sends_the_gradient_back():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x.double() * 2
    assert y.grad_fn.next_functions[0][0].name() == "ToCopyBackward0"
    y.sum().backward()
    assert x.grad.dtype is chainrule.float32 and x.grad.tolist() == [2.0, 2.0]
    assert not x.long().requires_grad and not (x > 1).requires_grad


def test_an_op_names_the_dtype_it_has_no_meaning_for():
    with pytest.raises(RuntimeError, match="not implemented for 'ComplexFloat'\n  why: it is defined for"):
        chainrule.fmod(tensor([1 + 1j]), 2)


def test_result_type_like_torch():
    """Every pair of dtypes, each as a tensor with dimensions, a 0-dim tensor, or a Python number."""
    torch = pytest.importorskip("torch")
    differ = []
    for a in DTYPES:
        for b in DTYPES:
            if {a.is_complex, b.is_complex} == {True, False} and {a, b} & set(dtypes.HALVES):
                continue  # there is no complex32 here
            for shape_a, shape_b in (((2,), (2,)), ((2,), ()), ((), (2,)), ((), ())):
                made = [
                    lib.ones(shape_a, dtype=getattr(lib, a.name)) + lib.ones(shape_b, dtype=getattr(lib, b.name))
                    for lib in (chainrule, torch)
                ]
                if str(made[0].dtype) != str(made[1].dtype):
                    differ.append((a.name, shape_a, b.name, shape_b, made[0].dtype, made[1].dtype))
        for number in (True, 2, 2.5, *((1j,) if a not in dtypes.HALVES else ())):
            made = [lib.ones(2, dtype=getattr(lib, a.name)) + number for lib in (chainrule, torch)]
            if str(made[0].dtype) != str(made[1].dtype):
                differ.append((a.name, number, made[0].dtype, made[1].dtype))
    assert not differ


def test_promote_types_like_torch():
    torch = pytest.importorskip("torch")
    for a in DTYPES:
        for b in DTYPES:
            theirs = torch.promote_types(getattr(torch, a.name), getattr(torch, b.name))
            assert str(dtypes.promote(a, b)) == str(theirs), (a, b)


def test_dtypes_that_do_not_promote():
    with pytest.raises(RuntimeError, match="Promotion for uint16, uint32, uint64 types is not supported, attempted to promote"):
        chainrule.ones(2, dtype=chainrule.uint64) + chainrule.ones(2, dtype=chainrule.int8)
