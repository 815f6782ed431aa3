"""Dtypes: what they say of themselves, which one results, how they travel."""

import copy
import pickle

import numpy as np
import pytest

import chainrule
from chainrule.base import dtypes


@pytest.mark.parametrize("kind", dtypes.ALL, ids=str)
def test_what_they_say_like_torch(kind):
    torch = pytest.importorskip("torch")
    theirs = getattr(torch, kind.name)
    assert repr(kind) == repr(theirs)
    for name in ("is_floating_point", "is_complex", "is_signed", "itemsize"):
        assert getattr(kind, name) == getattr(theirs, name), name


@pytest.mark.parametrize("kind", dtypes.ALL, ids=str)
def test_they_are_single_objects(kind):
    assert pickle.loads(pickle.dumps(kind)) is kind and copy.deepcopy(kind) is kind
    assert getattr(chainrule, kind.name) is kind and dtypes.of(np.zeros(1, kind.numpy)) is kind


def test_aliases():
    assert chainrule.float is chainrule.float32 and chainrule.double is chainrule.float64 and chainrule.long is chainrule.int64
    assert chainrule.half is chainrule.float16 and chainrule.cfloat is chainrule.complex64 and chainrule.short is chainrule.int16


def test_real_and_complex_of_one_precision():
    assert chainrule.complex64.to_real() is chainrule.float32 and chainrule.float64.to_complex() is chainrule.complex128
    assert chainrule.float32.to_real() is chainrule.float32 and chainrule.complex64.to_complex() is chainrule.complex64
    assert chainrule.float16.to_complex() is chainrule.complex64  # there is no complex32 here


def test_standing_decides_within_a_kind():
    """Tensors with dimensions outrank 0-dim ones, and these outrank Python numbers; a higher kind always prevails."""
    f32, f64, i64, c128, b = dtypes.float32, dtypes.float64, dtypes.int64, dtypes.complex128, dtypes.bool_
    assert dtypes.result_type([f32], [f64], [2.0]) is f32
    assert dtypes.result_type([i64], [f64], []) is f64
    assert dtypes.result_type([b], [], [2]) is i64
    assert dtypes.result_type([f32], [c128], []) is dtypes.complex64
    assert dtypes.result_type([dtypes.int8], [i64], [True]) is dtypes.int8
    assert dtypes.result_type([i64], [], [2.5]) is f32 and dtypes.result_type([], [], [1j]) is dtypes.complex64


def test_what_callers_write_for_a_dtype():
    assert [dtypes.numpy_of(k) for k in (float, int, bool, np.int16, np.dtype("f4"), dtypes.uint8)] == [
        np.float64, np.int64, np.bool_, np.int16, np.float32, np.uint8]  # fmt: skip
    with pytest.raises(TypeError, match="dtype must be a torch.dtype such as torch.float32, not 'float32'"):
        dtypes.numpy_of("float32")


def test_arrays_that_are_no_tensors():
    with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy.object.*\n  why: a tensor holds numbers\n  instead: array.astype"):
        dtypes.of(np.array([None]))
    with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy.<U1"):
        dtypes.of(np.array(["a"]))
    assert dtypes.of(np.zeros(1, ">f4")) is dtypes.float32


def test_the_default_dtype():
    try:
        chainrule.set_default_dtype(chainrule.float64)
        assert chainrule.ones(1).dtype is chainrule.tensor(1.5).dtype is (chainrule.tensor([1, 2]) / 2).dtype is chainrule.float64
        assert chainrule.tensor(1j).dtype is chainrule.complex128 and chainrule.tensor([1, 2]).dtype is chainrule.int64
    finally:
        chainrule.set_default_dtype(chainrule.float32)
    assert chainrule.get_default_dtype() is chainrule.float32
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        chainrule.set_default_dtype(chainrule.int64)
