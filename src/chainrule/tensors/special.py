"""Special functions by PyTorch's names: those of ``torch.special`` that ``torch`` itself does not have, and igamma.

Of Bessel functions and orthogonal polynomials PyTorch gives the values only; here they have derivatives too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import dtypes
from ..base.errors import message
from ..graph.apply import binary, careful, unary
from ..graph.value import Value
from ..ops import bessel, incomplete_gamma, normal, polynomials, powers
from ..ops import special as op
from .arithmetic import with_numbers
from .coerce import tensor_like
from .inplace import into
from .pointwise import function_of, made, named

# ---------------------------------------------------------------------- of one number

erfcx, log_ndtr, ndtri = map(function_of, (normal.erfcx, normal.log_ndtr, normal.ndtri), ("erfcx", "log_ndtr", "ndtri"))
entr = function_of(normal.entr)
i0e, i1, i1e = function_of(bessel.i0e), function_of(op.i1), function_of(bessel.i1e)
bessel_j0, bessel_j1 = function_of(bessel.bessel_j0, "bessel_j0"), function_of(bessel.bessel_j1, "bessel_j1")
bessel_y0, bessel_y1 = function_of(bessel.bessel_y0, "bessel_y0"), function_of(bessel.bessel_y1, "bessel_y1")
modified_bessel_i0 = function_of(op.i0, "modified_bessel_i0")
modified_bessel_i1 = function_of(op.i1, "modified_bessel_i1")
modified_bessel_k0 = function_of(bessel.bessel_k0, "modified_bessel_k0")
modified_bessel_k1 = function_of(bessel.bessel_k1, "modified_bessel_k1")
scaled_modified_bessel_k0 = function_of(bessel.bessel_k0e, "scaled_modified_bessel_k0")
scaled_modified_bessel_k1 = function_of(bessel.bessel_k1e, "scaled_modified_bessel_k1")
spherical_bessel_j0 = function_of(bessel.spherical_bessel_j0, "spherical_bessel_j0")
airy_ai = function_of(bessel.airy_ai, "airy_ai")


def ndtr(input: Any, *, out: Any = None) -> Any:
    """Φ(x) = ½ (1 + erf(x/√2)), the probability that a normal variable is below x; see `log_ndtr` for x far below 0.

    >>> torch.special.ndtr(torch.tensor([0., 2.]))
    tensor([0.5000, 0.9772])
    """
    x = tensor_like(input, "input", "special_ndtr")
    return into(out, (1 + unary(op.erf, x / 2**0.5)) * 0.5)


# ---------------------------------------------------------------------- of two numbers

zeta = with_numbers(incomplete_gamma.zeta, incomplete_gamma.zeta_at, incomplete_gamma.zeta_of, "zeta")
xlog1py = with_numbers(powers.xlog1py, powers.number_log1p, powers.log1p_number, "xlog1py")


def incomplete(operation: Any, name: str) -> Callable[..., Any]:
    """P or Q, for two tensors of real numbers."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        tensor_like(input, "input", name)
        tensor_like(other, "other", name, 2)
        common = dtypes.result_type([dtypes.of(input.array), dtypes.of(other.array)], [], [])
        if common.rank < 2:
            raise NotImplementedError(
                message(
                    f"\"{name}_cpu\" not implemented for '{dtypes.title(common)}'",
                    "it is defined for floating-point numbers",
                    "x.float()",
                )
            )
        return into(out, binary(operation, input, other))

    return named(function, name, operation.__doc__)


igamma, igammac = incomplete(incomplete_gamma.igamma, "igamma"), incomplete(incomplete_gamma.igammac, "igammac")


def polynomial(kind: Any, name: str) -> Callable[..., Any]:
    """The function (x, n) ↦ the n-th polynomial of a family at x; one of the two may be a number."""
    operation = made(kind, 0)

    def function(x: Any, n: Any, *, out: Any = None) -> Any:
        if isinstance(x, Value):
            return into(out, binary(operation, x, n))
        tensor_like(n, "n", f"special_{name}", 2)
        return into(out, careful(operation, x, n))

    return named(function, name, kind.__doc__)


def family(name: str) -> Callable[..., Any]:
    """The polynomials by PyTorch's name for them, such as legendre_polynomial_p."""
    kind = "".join(part.capitalize() for part in name.split("_"))
    return polynomial(getattr(polynomials, kind), name)


chebyshev_polynomial_t, chebyshev_polynomial_u = family("chebyshev_polynomial_t"), family("chebyshev_polynomial_u")
chebyshev_polynomial_v, chebyshev_polynomial_w = family("chebyshev_polynomial_v"), family("chebyshev_polynomial_w")
shifted_chebyshev_polynomial_t = family("shifted_chebyshev_polynomial_t")
shifted_chebyshev_polynomial_u = family("shifted_chebyshev_polynomial_u")
shifted_chebyshev_polynomial_v = family("shifted_chebyshev_polynomial_v")
shifted_chebyshev_polynomial_w = family("shifted_chebyshev_polynomial_w")
hermite_polynomial_h, hermite_polynomial_he = family("hermite_polynomial_h"), family("hermite_polynomial_he")
laguerre_polynomial_l, legendre_polynomial_p = family("laguerre_polynomial_l"), family("legendre_polynomial_p")


# ---------------------------------------------------------------------- with an axis, as torch.special spells them


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """y = eˣ / Σ eˣ along ``dim``.

    >>> torch.special.softmax(torch.zeros(2), 0)
    tensor([0.5000, 0.5000])
    """
    from .shares import softmax

    return softmax(input, dim, dtype=dtype)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """y = x − ln Σ eˣ along ``dim``.

    >>> torch.special.log_softmax(torch.zeros(2), 0)
    tensor([-0.6931, -0.6931])
    """
    from .shares import log_softmax

    return log_softmax(input, dim, dtype=dtype)
