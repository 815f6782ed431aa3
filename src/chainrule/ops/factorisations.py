"""A matrix as a product of simpler ones: eigenvalues, singular values, Q R, P L U, and its determinant's sign and size.

The rules are those of Giles, 2008, and of Seeger, Hetzel, Dai and Lawrence, 2017, "Auto-differentiating linear algebra";
for complex matrices the transposes become adjoints. g is the upstream gradient of each factor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.dtypes import of
from ..graph.backward import values
from ..graph.op import Joint
from ..graph.promote import alias, cast
from ..graph.value import Node, Value, wrap
from .arrange import Tril, Triu
from .complex import imag, is_complex, real
from .decompositions import adjoint, inverse, raw, solve
from .kernels import lu as triangles
from .logic import where


class Factorisation(Joint, abstract=True):
    """An op of several results whose ``pullback`` is written in ops, so that it is read on arrays and on tensors alike.

    What is kept is the factors. For a derivative's derivative they are computed anew from the input, with a history.
    """

    def pull(self, node: Node, g: Any) -> Any:
        if not any(isinstance(d, Value) for d in g):
            return self.pullback(g, node.saved[0], (True,))
        inputs = [alias(v) if isinstance(v, Value) else wrap(v) for v in values(node)]
        factors = self.factors(*inputs)
        # Where nothing arrived, zeros stand in the dtype of what did, which may be the real one of the sizes.
        g = [d if d is None or not is_complex(y) else cast(d, of(y.array)) for d, y in zip(g, factors)]
        return self.pullback(g, factors, (True,))

    def factors(self, a: Any) -> Any:
        """What `forward` keeps, for a tensor."""
        return self(a)


def eye_like(x: Any) -> np.ndarray:
    """The identity of the size of the matrices in x, in the real dtype of x."""
    x = raw(x)
    return np.eye(x.shape[-1], dtype=x.real.dtype)


def column(x: Any) -> Any:
    return x.reshape((*x.shape, 1))


def row(x: Any) -> Any:
    return x.reshape((*x.shape[:-1], 1, x.shape[-1]))


def diagonal_of(x: Any) -> Any:
    """A stack of diagonal matrices from a stack of their diagonals."""
    return column(x) * np.eye(x.shape[-1], dtype=raw(x).real.dtype)


def over_gaps(x: Any, gaps: Any) -> Any:
    """x / gaps, and 0 where two of the values lie together: there the vectors have no derivative of their own."""
    together = raw(gaps) == 0
    return where(together, 0, x / where(together, 1, gaps))


class Slogdet(Factorisation):
    """(det A / |det A|, ln |det A|)"""

    outputs = 2
    torch_name = "LinalgSlogdetBackward0"

    def forward(self, a: Any) -> Any:
        sign, size = map(np.asarray, np.linalg.slogdet(a))
        return (sign, size), (a, sign)

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        """(g of ln |det| − i Im(conj(g of sign) · sign)) A⁻ᴴ; the sign of a real determinant does not change."""
        a, sign = kept
        g_sign, factor = g
        if is_complex(a) and g_sign is not None:
            turned = imag(g_sign.conj() * sign) * raw(sign).dtype.type(-1j)
            factor = turned if factor is None else factor + turned
        if factor is None:
            return (0 * a,)
        return (factor.reshape((*factor.shape, 1, 1)) * adjoint(inverse(a)),)

    def factors(self, a: Any) -> Any:
        return a, self(a)[0]


class Eigh(Factorisation):
    """(λ, V) with A = V diag(λ) Vᴴ, for a symmetric (Hermitian) A of which one triangle is read"""

    fields = ("triangle",)
    outputs = 2
    torch_name = "LinalgEighBackward0"

    def forward(self, a: Any) -> Any:
        found = tuple(np.linalg.eigh(a, self.triangle))
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        """V (diag(gλ) + Vᴴ gV / (λⱼ − λᵢ)) Vᴴ"""
        size, v = kept
        g_size, g_v = g
        inner = 0 if g_size is None else diagonal_of(g_size)
        if g_v is not None:
            inner = over_gaps(adjoint(v) @ g_v, row(size) - column(size)) + inner
        return (v @ inner @ adjoint(v),)


class Eig(Factorisation):
    """(λ, V) with A V = V diag(λ), complex; ``of_reals`` if A is real"""

    fields = ("of_reals",)
    outputs = 2
    torch_name = "LinalgEigBackward0"

    def forward(self, a: Any) -> Any:
        kind = np.complex64 if a.dtype in (np.float32, np.complex64) else np.complex128
        size, v = np.linalg.eig(a)
        found = size.astype(kind, copy=False), v.astype(kind, copy=False)
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        """V⁻ᴴ (diag(gλ) + (Vᴴ gV − VᴴV diag(Re VᴴgV)) / conj(λⱼ − λᵢ)) Vᴴ: columns of V keep their length 1."""
        size, v = kept
        g_size, g_v = g
        inner = 0 if g_size is None else diagonal_of(g_size)
        if g_v is not None:
            along = adjoint(v) @ g_v
            lengths = row((real(along) * eye_like(v)).sum(-1))
            inner = over_gaps(along - adjoint(v) @ v * lengths, (row(size) - column(size)).conj()) + inner
        result = solve(adjoint(v), inner @ adjoint(v))
        return (real(result) if self.of_reals else result,)


class Svd(Factorisation):
    """(U, S, Vᴴ) with A = U diag(S) Vᴴ, thin"""

    outputs = 3
    torch_name = "LinalgSvdBackward0"

    def forward(self, a: Any) -> Any:
        found = tuple(np.linalg.svd(a, full_matrices=False))
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        """U ((skew UᴴgU / E) S + S (skew VᴴgV / E) + diag(gS)) Vᴴ, E = Sⱼ² − Sᵢ², and what points out of U's and V's span."""
        u, s, vh = kept
        gu, gs, gvh = g
        gaps = row(s * s) - column(s * s)
        inner: Any = 0 if gs is None else diagonal_of(gs)
        outside: Any = 0
        if gu is not None:
            along = adjoint(u) @ gu
            turn = along - adjoint(along)
            inner = over_gaps(turn, gaps) * row(s) + inner
            if is_complex(u):  # a change of a column's phase, which the two factors must undo together
                inner = turn * eye_like(turn) / (2 * row(s)) + inner
            if u.shape[-2] > s.shape[-1]:
                outside = (gu - u @ along) / row(s) @ vh
        if gvh is not None:
            along = adjoint(gvh @ adjoint(vh))
            inner = column(s) * over_gaps(along - adjoint(along), gaps) + inner
            if vh.shape[-1] > s.shape[-1]:
                outside = u @ ((gvh - gvh @ adjoint(vh) @ vh) / column(s)) + outside
        return (u @ inner @ vh + outside,)


class Qr(Factorisation):
    """(Q, R) with A = Q R, at least as high as wide"""

    outputs = 2
    torch_name = "LinalgQrBackward0"

    def forward(self, a: Any) -> Any:
        found = tuple(np.linalg.qr(a))
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        """(gQ + Q · sym(gR Rᴴ − Qᴴ gQ)) R⁻ᴴ, sym repeating the upper triangle below"""
        q, r = kept
        gq, gr = g
        m = (0 if gr is None else gr @ adjoint(r)) - (0 if gq is None else adjoint(q) @ gq)
        above = Triu(1)(m)
        symmetric = above + adjoint(above) + (m + adjoint(m)) * (eye_like(m) / 2)
        inner = q @ symmetric if gq is None else gq + q @ symmetric
        return (adjoint(solve(r, adjoint(inner))),)


class Lu(Factorisation):
    """(L below, U on and above the diagonal of one matrix, pivots) with A = P L U, by partial pivoting"""

    outputs = 2
    torch_name = "LinalgLuFactorExBackward0"

    def forward(self, a: Any) -> Any:
        found = triangles.lu(a)
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        """P L⁻ᴴ (tril(Lᴴ gL, −1) + triu(gU Uᴴ)) U⁻ᴴ for the square part; the rest of A is L⁻¹ or U⁻¹ times the rest."""
        packed, pivots = kept
        g = g[0]
        m, n = packed.shape[-2:]
        k = min(m, n)
        head = packed[..., :k, :k]
        lower, upper = Tril(-1)(head) + eye_like(head), Triu(0)(head)
        g_lower, g_upper = Tril(-1)(g[..., :k, :k]), Triu(0)(g[..., :k, :k])
        rest: Any = None
        if n > k:
            rest = solve(adjoint(lower), g[..., :, k:])
            g_lower = g_lower - Tril(-1)(rest @ adjoint(packed[..., :, k:]))
        elif m > k:
            rest = adjoint(solve(upper, adjoint(g[..., k:, :])))
            g_upper = g_upper - Triu(0)(adjoint(packed[..., k:, :]) @ rest)
        inner = Tril(-1)(adjoint(lower) @ g_lower) + Triu(0)(g_upper @ adjoint(upper))
        result = adjoint(solve(upper, adjoint(solve(adjoint(lower), inner))))
        if rest is not None:
            result = beside(result, rest, -1 if n > k else -2)
        return (permuted(result, raw(pivots), m),)


def beside(a: Any, b: Any, dim: int) -> Any:
    """Two stacks of matrices joined along one of their axes."""
    from .join import Cat

    return Cat(len(a.shape) + dim)(a, b)


def permuted(x: Any, pivots: np.ndarray, m: int) -> Any:
    """The rows back where they were before the exchanges: y[order[i]] = x[i]."""
    back = np.argsort(triangles.order_of(pivots, m), -1)
    lead = np.indices(back.shape, sparse=True)[:-1]
    places = (*lead, back)
    return x[tuple(wrap(i) for i in places) if isinstance(x, Value) else places]


slogdet, svd, qr, lu = Slogdet(), Svd(), Qr(), Lu()
