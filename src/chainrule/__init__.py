"""chainrule: tensors that remember how they were computed, a backward pass, modules, losses, optimizers.

The interface is PyTorch's: ``import chainrule as torch`` runs ordinary PyTorch CPU training programs.
"""

from __future__ import annotations

import warnings as _warnings
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi
from typing import Any as _Any

from ._names import BEHIND as _BEHIND
from ._names import DOORS as _DOORS
from ._version import __version__ as __version__
from .base.device import device as device
from .base.dtypes import bfloat16 as bfloat16
from .base.dtypes import bool_ as _bool
from .base.dtypes import complex64 as complex64
from .base.dtypes import complex128 as complex128
from .base.dtypes import dtype as dtype
from .base.dtypes import float16 as float16
from .base.dtypes import float32 as float32
from .base.dtypes import float64 as float64
from .base.dtypes import int8 as int8
from .base.dtypes import int16 as int16
from .base.dtypes import int32 as int32
from .base.dtypes import int64 as int64
from .base.dtypes import uint8 as uint8
from .base.dtypes import uint16 as uint16
from .base.dtypes import uint32 as uint32
from .base.dtypes import uint64 as uint64
from .base.layout import channels_last as channels_last
from .base.layout import channels_last_3d as channels_last_3d
from .base.layout import contiguous_format as contiguous_format
from .base.layout import layout as layout
from .base.layout import memory_format as memory_format
from .base.layout import preserve_format as preserve_format
from .base.layout import strided as strided
from .base.memory import keep_freed_memory as _keep_freed_memory
from .tensors.arithmetic import add as add
from .tensors.arithmetic import addcdiv as addcdiv
from .tensors.arithmetic import addcmul as addcmul
from .tensors.arithmetic import arctan2 as arctan2
from .tensors.arithmetic import atan2 as atan2
from .tensors.arithmetic import copysign as copysign
from .tensors.arithmetic import div as div
from .tensors.arithmetic import divide as divide
from .tensors.arithmetic import float_power as float_power
from .tensors.arithmetic import floor_divide as floor_divide
from .tensors.arithmetic import fmax as fmax
from .tensors.arithmetic import fmin as fmin
from .tensors.arithmetic import fmod as fmod
from .tensors.arithmetic import gcd as gcd
from .tensors.arithmetic import heaviside as heaviside
from .tensors.arithmetic import hypot as hypot
from .tensors.arithmetic import lcm as lcm
from .tensors.arithmetic import ldexp as ldexp
from .tensors.arithmetic import lerp as lerp
from .tensors.arithmetic import logaddexp as logaddexp
from .tensors.arithmetic import logaddexp2 as logaddexp2
from .tensors.arithmetic import maximum as maximum
from .tensors.arithmetic import minimum as minimum
from .tensors.arithmetic import mul as mul
from .tensors.arithmetic import multiply as multiply
from .tensors.arithmetic import neg as neg
from .tensors.arithmetic import negative as negative
from .tensors.arithmetic import nextafter as nextafter
from .tensors.arithmetic import positive as positive
from .tensors.arithmetic import pow as pow
from .tensors.arithmetic import remainder as remainder
from .tensors.arithmetic import rsub as rsub
from .tensors.arithmetic import sub as sub
from .tensors.arithmetic import subtract as subtract
from .tensors.arithmetic import true_divide as true_divide
from .tensors.arithmetic import xlogy as xlogy
from .tensors.axes import adjoint as adjoint
from .tensors.axes import moveaxis as moveaxis
from .tensors.axes import movedim as movedim
from .tensors.axes import permute as permute
from .tensors.axes import swapaxes as swapaxes
from .tensors.axes import swapdims as swapdims
from .tensors.axes import t as t
from .tensors.axes import transpose as transpose
from .tensors.complex import angle as angle
from .tensors.complex import conj as conj
from .tensors.complex import conj_physical as conj_physical
from .tensors.complex import is_conj as is_conj
from .tensors.complex import is_neg as is_neg
from .tensors.complex import polar as polar
from .tensors.complex import resolve_conj as resolve_conj
from .tensors.complex import resolve_neg as resolve_neg
from .tensors.complex import view_as_complex as view_as_complex
from .tensors.complex import view_as_real as view_as_real
from .tensors.constructors import BFloat16Tensor as BFloat16Tensor
from .tensors.constructors import BoolTensor as BoolTensor
from .tensors.constructors import ByteTensor as ByteTensor
from .tensors.constructors import CharTensor as CharTensor
from .tensors.constructors import DoubleTensor as DoubleTensor
from .tensors.constructors import FloatTensor as FloatTensor
from .tensors.constructors import HalfTensor as HalfTensor
from .tensors.constructors import IntTensor as IntTensor
from .tensors.constructors import LongTensor as LongTensor
from .tensors.constructors import ShortTensor as ShortTensor
from .tensors.convert import clone as clone
from .tensors.convert import complex_ as _complex
from .tensors.convert import imag as imag
from .tensors.convert import real as real
from .tensors.creation import as_tensor as as_tensor
from .tensors.creation import asarray as asarray
from .tensors.creation import frombuffer as frombuffer
from .tensors.creation import tensor as tensor
from .tensors.dtype_info import can_cast as can_cast
from .tensors.dtype_info import finfo as finfo
from .tensors.dtype_info import get_default_dtype as get_default_dtype
from .tensors.dtype_info import iinfo as iinfo
from .tensors.dtype_info import is_complex as is_complex
from .tensors.dtype_info import is_floating_point as is_floating_point
from .tensors.dtype_info import is_nonzero as is_nonzero
from .tensors.dtype_info import is_signed as is_signed
from .tensors.dtype_info import is_tensor as is_tensor
from .tensors.dtype_info import numel as numel
from .tensors.dtype_info import promote_types as promote_types
from .tensors.dtype_info import result_type as result_type
from .tensors.dtype_info import set_default_dtype as set_default_dtype
from .tensors.dtype_info import set_default_tensor_type as set_default_tensor_type
from .tensors.einsum import einsum as einsum
from .tensors.exchange import from_dlpack as from_dlpack
from .tensors.exchange import from_numpy as from_numpy
from .tensors.filled import arange as arange
from .tensors.filled import empty as empty
from .tensors.filled import empty_like as empty_like
from .tensors.filled import empty_strided as empty_strided
from .tensors.filled import eye as eye
from .tensors.filled import full as full
from .tensors.filled import full_like as full_like
from .tensors.filled import linspace as linspace
from .tensors.filled import logspace as logspace
from .tensors.filled import ones as ones
from .tensors.filled import ones_like as ones_like
from .tensors.filled import range_ as _range
from .tensors.filled import scalar_tensor as scalar_tensor
from .tensors.filled import zeros as zeros
from .tensors.filled import zeros_like as zeros_like
from .tensors.grad_mode import enable_grad as enable_grad
from .tensors.grad_mode import inference_mode as inference_mode
from .tensors.grad_mode import is_grad_enabled as is_grad_enabled
from .tensors.grad_mode import is_inference as is_inference
from .tensors.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from .tensors.grad_mode import no_grad as no_grad
from .tensors.grad_mode import set_grad_enabled as set_grad_enabled
from .tensors.grids import cartesian_prod as cartesian_prod
from .tensors.grids import combinations as combinations
from .tensors.grids import meshgrid as meshgrid
from .tensors.grids import vander as vander
from .tensors.indexing import index_put as index_put
from .tensors.indexing import index_put_ as index_put_
from .tensors.indexing import narrow as narrow
from .tensors.indexing import select as select
from .tensors.joining import block_diag as block_diag
from .tensors.joining import cat as cat
from .tensors.joining import chunk as chunk
from .tensors.joining import column_stack as column_stack
from .tensors.joining import concat as concat
from .tensors.joining import concatenate as concatenate
from .tensors.joining import dsplit as dsplit
from .tensors.joining import dstack as dstack
from .tensors.joining import hsplit as hsplit
from .tensors.joining import hstack as hstack
from .tensors.joining import row_stack as row_stack
from .tensors.joining import split as split
from .tensors.joining import split_with_sizes as split_with_sizes
from .tensors.joining import stack as stack
from .tensors.joining import tensor_split as tensor_split
from .tensors.joining import unbind as unbind
from .tensors.joining import vsplit as vsplit
from .tensors.joining import vstack as vstack
from .tensors.linalg import addbmm as addbmm
from .tensors.linalg import addmm as addmm
from .tensors.linalg import addmv as addmv
from .tensors.linalg import addr as addr
from .tensors.linalg import baddbmm as baddbmm
from .tensors.linalg import bmm as bmm
from .tensors.linalg import chain_matmul as chain_matmul
from .tensors.linalg import cross as cross
from .tensors.linalg import dot as dot
from .tensors.linalg import ger as ger
from .tensors.linalg import inner as inner
from .tensors.linalg import kron as kron
from .tensors.linalg import matmul as matmul
from .tensors.linalg import matrix_power as matrix_power
from .tensors.linalg import mm as mm
from .tensors.linalg import mv as mv
from .tensors.linalg import outer as outer
from .tensors.linalg import tensordot as tensordot
from .tensors.linalg import trace as trace
from .tensors.linalg import vdot as vdot
from .tensors.logic import allclose as allclose
from .tensors.logic import bitwise_and as bitwise_and
from .tensors.logic import bitwise_left_shift as bitwise_left_shift
from .tensors.logic import bitwise_not as bitwise_not
from .tensors.logic import bitwise_or as bitwise_or
from .tensors.logic import bitwise_right_shift as bitwise_right_shift
from .tensors.logic import bitwise_xor as bitwise_xor
from .tensors.logic import eq as eq
from .tensors.logic import equal as equal
from .tensors.logic import ge as ge
from .tensors.logic import greater as greater
from .tensors.logic import greater_equal as greater_equal
from .tensors.logic import gt as gt
from .tensors.logic import isclose as isclose
from .tensors.logic import le as le
from .tensors.logic import less as less
from .tensors.logic import less_equal as less_equal
from .tensors.logic import logical_and as logical_and
from .tensors.logic import logical_not as logical_not
from .tensors.logic import logical_or as logical_or
from .tensors.logic import logical_xor as logical_xor
from .tensors.logic import lt as lt
from .tensors.logic import ne as ne
from .tensors.logic import not_equal as not_equal
from .tensors.logic import where as where
from .tensors.masking import argwhere as argwhere
from .tensors.masking import bucketize as bucketize
from .tensors.masking import masked_fill as masked_fill
from .tensors.masking import masked_scatter as masked_scatter
from .tensors.masking import masked_select as masked_select
from .tensors.masking import nonzero as nonzero
from .tensors.masking import put as put
from .tensors.masking import searchsorted as searchsorted
from .tensors.masking import take as take
from .tensors.ordering import aminmax as aminmax
from .tensors.ordering import argsort as argsort
from .tensors.ordering import bincount as bincount
from .tensors.ordering import cummax as cummax
from .tensors.ordering import cummin as cummin
from .tensors.ordering import histc as histc
from .tensors.ordering import histogram as histogram
from .tensors.ordering import kthvalue as kthvalue
from .tensors.ordering import max as max
from .tensors.ordering import median as median
from .tensors.ordering import min as min
from .tensors.ordering import mode as mode
from .tensors.ordering import msort as msort
from .tensors.ordering import nanmedian as nanmedian
from .tensors.ordering import nanquantile as nanquantile
from .tensors.ordering import quantile as quantile
from .tensors.ordering import sort as sort
from .tensors.ordering import topk as topk
from .tensors.ordering import unique as unique
from .tensors.ordering import unique_consecutive as unique_consecutive
from .tensors.picking import gather as gather
from .tensors.picking import index_add as index_add
from .tensors.picking import index_copy as index_copy
from .tensors.picking import index_fill as index_fill
from .tensors.picking import index_select as index_select
from .tensors.picking import scatter as scatter
from .tensors.picking import scatter_add as scatter_add
from .tensors.picking import scatter_reduce as scatter_reduce
from .tensors.picking import take_along_dim as take_along_dim
from .tensors.pointwise import abs as abs
from .tensors.pointwise import acos as acos
from .tensors.pointwise import acosh as acosh
from .tensors.pointwise import arccos as arccos
from .tensors.pointwise import arccosh as arccosh
from .tensors.pointwise import arcsin as arcsin
from .tensors.pointwise import arcsinh as arcsinh
from .tensors.pointwise import arctan as arctan
from .tensors.pointwise import arctanh as arctanh
from .tensors.pointwise import asin as asin
from .tensors.pointwise import asinh as asinh
from .tensors.pointwise import atan as atan
from .tensors.pointwise import atanh as atanh
from .tensors.pointwise import ceil as ceil
from .tensors.pointwise import clamp as clamp
from .tensors.pointwise import clamp_max as clamp_max
from .tensors.pointwise import clamp_min as clamp_min
from .tensors.pointwise import clip as clip
from .tensors.pointwise import cos as cos
from .tensors.pointwise import cosh as cosh
from .tensors.pointwise import deg2rad as deg2rad
from .tensors.pointwise import digamma as digamma
from .tensors.pointwise import erf as erf
from .tensors.pointwise import erfc as erfc
from .tensors.pointwise import erfinv as erfinv
from .tensors.pointwise import exp as exp
from .tensors.pointwise import exp2 as exp2
from .tensors.pointwise import expm1 as expm1
from .tensors.pointwise import fix as fix
from .tensors.pointwise import floor as floor
from .tensors.pointwise import frac as frac
from .tensors.pointwise import frexp as frexp
from .tensors.pointwise import i0 as i0
from .tensors.pointwise import isfinite as isfinite
from .tensors.pointwise import isinf as isinf
from .tensors.pointwise import isnan as isnan
from .tensors.pointwise import isneginf as isneginf
from .tensors.pointwise import isposinf as isposinf
from .tensors.pointwise import isreal as isreal
from .tensors.pointwise import lgamma as lgamma
from .tensors.pointwise import log as log
from .tensors.pointwise import log1p as log1p
from .tensors.pointwise import log2 as log2
from .tensors.pointwise import log10 as log10
from .tensors.pointwise import logit as logit
from .tensors.pointwise import mvlgamma as mvlgamma
from .tensors.pointwise import nan_to_num as nan_to_num
from .tensors.pointwise import polygamma as polygamma
from .tensors.pointwise import rad2deg as rad2deg
from .tensors.pointwise import reciprocal as reciprocal
from .tensors.pointwise import relu as relu
from .tensors.pointwise import round as round
from .tensors.pointwise import rsqrt as rsqrt
from .tensors.pointwise import sgn as sgn
from .tensors.pointwise import sigmoid as sigmoid
from .tensors.pointwise import sign as sign
from .tensors.pointwise import signbit as signbit
from .tensors.pointwise import sin as sin
from .tensors.pointwise import sinc as sinc
from .tensors.pointwise import sinh as sinh
from .tensors.pointwise import sqrt as sqrt
from .tensors.pointwise import square as square
from .tensors.pointwise import tan as tan
from .tensors.pointwise import tanh as tanh
from .tensors.pointwise import trunc as trunc
from .tensors.random import Generator as Generator
from .tensors.random import bernoulli as bernoulli
from .tensors.random import binomial as binomial
from .tensors.random import default_generator as default_generator
from .tensors.random import get_rng_state as get_rng_state
from .tensors.random import initial_seed as initial_seed
from .tensors.random import manual_seed as manual_seed
from .tensors.random import multinomial as multinomial
from .tensors.random import normal as normal
from .tensors.random import poisson as poisson
from .tensors.random import rand as rand
from .tensors.random import rand_like as rand_like
from .tensors.random import randint as randint
from .tensors.random import randint_like as randint_like
from .tensors.random import randn as randn
from .tensors.random import randn_like as randn_like
from .tensors.random import randperm as randperm
from .tensors.random import seed as seed
from .tensors.random import set_rng_state as set_rng_state
from .tensors.rearranging import as_strided as as_strided
from .tensors.rearranging import diag as diag
from .tensors.rearranging import diag_embed as diag_embed
from .tensors.rearranging import diagflat as diagflat
from .tensors.rearranging import diagonal as diagonal
from .tensors.rearranging import flip as flip
from .tensors.rearranging import fliplr as fliplr
from .tensors.rearranging import flipud as flipud
from .tensors.rearranging import repeat_interleave as repeat_interleave
from .tensors.rearranging import roll as roll
from .tensors.rearranging import rot90 as rot90
from .tensors.rearranging import tile as tile
from .tensors.rearranging import tril as tril
from .tensors.rearranging import tril_indices as tril_indices
from .tensors.rearranging import triu as triu
from .tensors.rearranging import triu_indices as triu_indices
from .tensors.reduction import all as all
from .tensors.reduction import amax as amax
from .tensors.reduction import amin as amin
from .tensors.reduction import any as any
from .tensors.reduction import argmax as argmax
from .tensors.reduction import argmin as argmin
from .tensors.reduction import count_nonzero as count_nonzero
from .tensors.reduction import cumprod as cumprod
from .tensors.reduction import cumsum as cumsum
from .tensors.reduction import diff as diff
from .tensors.reduction import dist as dist
from .tensors.reduction import logcumsumexp as logcumsumexp
from .tensors.reduction import logsumexp as logsumexp
from .tensors.reduction import mean as mean
from .tensors.reduction import nanmean as nanmean
from .tensors.reduction import nansum as nansum
from .tensors.reduction import norm as norm
from .tensors.reduction import prod as prod
from .tensors.reduction import std as std
from .tensors.reduction import std_mean as std_mean
from .tensors.reduction import sum as sum
from .tensors.reduction import trapezoid as trapezoid
from .tensors.reduction import var as var
from .tensors.reduction import var_mean as var_mean
from .tensors.shape import atleast_1d as atleast_1d
from .tensors.shape import atleast_2d as atleast_2d
from .tensors.shape import atleast_3d as atleast_3d
from .tensors.shape import broadcast_shapes as broadcast_shapes
from .tensors.shape import broadcast_tensors as broadcast_tensors
from .tensors.shape import broadcast_to as broadcast_to
from .tensors.shape import flatten as flatten
from .tensors.shape import ravel as ravel
from .tensors.shape import reshape as reshape
from .tensors.shape import squeeze as squeeze
from .tensors.shape import unflatten as unflatten
from .tensors.shape import unsqueeze as unsqueeze
from .tensors.shares import log_softmax as log_softmax
from .tensors.shares import softmax as softmax
from .tensors.size import Size as Size
from .tensors.tensor import Tensor as Tensor

# What has another name here than where it is defined. Assigned, so that type checkers count the names as public.
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
cfloat, cdouble = complex64, complex128
bool, complex, range = _bool, _complex, _range
absolute, spmm, dsmm = abs, mm, mm

newaxis = None

_keep_freed_memory()

# Overflow to ∞ and 0/0 = NaN are values in floating-point arithmetic, and PyTorch does not remark on them.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"chainrule\.")


def __getattr__(name: str) -> _Any:
    """The doors that open when first asked for, so that `import chainrule` stays quick."""
    from importlib import import_module

    if name in _DOORS:
        return import_module(f"{__name__}.{name}")
    if name in _BEHIND:
        module, _, there = _BEHIND[name].partition(":")  # "module:its name for it", where that is another
        return getattr(import_module(f"{__name__}.{module}"), there or name)
    if name.endswith("_") and not name.startswith("_") and hasattr(Tensor, name):
        return getattr(Tensor, name)  # torch.exp_(x) is x.exp_()
    from .base.errors import did_you_mean

    raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{did_you_mean(name, dir())}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_DOORS, *_BEHIND})
