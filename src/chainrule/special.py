"""``torch.special``: special functions by PyTorch's names."""

from __future__ import annotations

from .tensors.arithmetic import xlogy as xlogy
from .tensors.pointwise import digamma as digamma
from .tensors.pointwise import digamma as psi
from .tensors.pointwise import erf as erf
from .tensors.pointwise import erfc as erfc
from .tensors.pointwise import erfinv as erfinv
from .tensors.pointwise import exp2 as exp2
from .tensors.pointwise import expm1 as expm1
from .tensors.pointwise import i0 as i0
from .tensors.pointwise import lgamma as gammaln
from .tensors.pointwise import log1p as log1p
from .tensors.pointwise import logit as logit
from .tensors.pointwise import mvlgamma as multigammaln
from .tensors.pointwise import polygamma as polygamma
from .tensors.pointwise import round as round
from .tensors.pointwise import sigmoid as expit
from .tensors.pointwise import sinc as sinc
from .tensors.reduction import logsumexp as logsumexp
from .tensors.special import airy_ai as airy_ai
from .tensors.special import bessel_j0 as bessel_j0
from .tensors.special import bessel_j1 as bessel_j1
from .tensors.special import bessel_y0 as bessel_y0
from .tensors.special import bessel_y1 as bessel_y1
from .tensors.special import chebyshev_polynomial_t as chebyshev_polynomial_t
from .tensors.special import chebyshev_polynomial_u as chebyshev_polynomial_u
from .tensors.special import chebyshev_polynomial_v as chebyshev_polynomial_v
from .tensors.special import chebyshev_polynomial_w as chebyshev_polynomial_w
from .tensors.special import entr as entr
from .tensors.special import erfcx as erfcx
from .tensors.special import hermite_polynomial_h as hermite_polynomial_h
from .tensors.special import hermite_polynomial_he as hermite_polynomial_he
from .tensors.special import i0e as i0e
from .tensors.special import i1 as i1
from .tensors.special import i1e as i1e
from .tensors.special import igamma as gammainc
from .tensors.special import igammac as gammaincc
from .tensors.special import laguerre_polynomial_l as laguerre_polynomial_l
from .tensors.special import legendre_polynomial_p as legendre_polynomial_p
from .tensors.special import log_ndtr as log_ndtr
from .tensors.special import log_softmax as log_softmax
from .tensors.special import modified_bessel_i0 as modified_bessel_i0
from .tensors.special import modified_bessel_i1 as modified_bessel_i1
from .tensors.special import modified_bessel_k0 as modified_bessel_k0
from .tensors.special import modified_bessel_k1 as modified_bessel_k1
from .tensors.special import ndtr as ndtr
from .tensors.special import ndtri as ndtri
from .tensors.special import scaled_modified_bessel_k0 as scaled_modified_bessel_k0
from .tensors.special import scaled_modified_bessel_k1 as scaled_modified_bessel_k1
from .tensors.special import shifted_chebyshev_polynomial_t as shifted_chebyshev_polynomial_t
from .tensors.special import shifted_chebyshev_polynomial_u as shifted_chebyshev_polynomial_u
from .tensors.special import shifted_chebyshev_polynomial_v as shifted_chebyshev_polynomial_v
from .tensors.special import shifted_chebyshev_polynomial_w as shifted_chebyshev_polynomial_w
from .tensors.special import softmax as softmax
from .tensors.special import spherical_bessel_j0 as spherical_bessel_j0
from .tensors.special import xlog1py as xlog1py
from .tensors.special import zeta as zeta

__all__ = [
    "airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "chebyshev_polynomial_t",
    "chebyshev_polynomial_u", "chebyshev_polynomial_v", "chebyshev_polynomial_w", "digamma", "entr", "erf",
    "erfc", "erfcx", "erfinv", "exp2", "expit", "expm1", "gammainc", "gammaincc", "gammaln",
    "hermite_polynomial_h", "hermite_polynomial_he", "i0", "i0e", "i1", "i1e", "laguerre_polynomial_l",
    "legendre_polynomial_p", "log1p", "log_ndtr", "log_softmax", "logit", "logsumexp", "modified_bessel_i0",
    "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1", "multigammaln", "ndtr", "ndtri",
    "polygamma", "psi", "round", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t", "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w", "sinc", "softmax", "spherical_bessel_j0", "xlog1py", "xlogy", "zeta",
]  # fmt: skip
