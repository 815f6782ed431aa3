"""Linear algebra beyond products as methods of a tensor; the functions are imported when first called."""

from __future__ import annotations

from .inplace import in_place
from .later import later


class Algebra:
    """Inverses, determinants, factorisations and covariances, by name."""

    det, logdet = later("decompositions", "det"), later("decompositions", "logdet")
    slogdet, inverse = later("decompositions", "slogdet_of"), later("decompositions", "inverse")
    pinverse, matrix_exp = later("decompositions", "pinverse"), later("decompositions", "matrix_exp")
    cholesky, cholesky_solve = later("decompositions", "cholesky_of"), later("decompositions", "cholesky_solve")
    cholesky_inverse = later("decompositions", "cholesky_inverse")
    triangular_solve = later("decompositions", "triangular_solve")
    svd, qr, geqrf = later("factorisations", "svd"), later("factorisations", "qr"), later("factorisations", "geqrf")
    orgqr, ormqr = later("factorisations", "orgqr"), later("factorisations", "ormqr")
    lu, lu_solve = later("elimination", "lu_of"), later("elimination", "lu_solve_of")
    cov, corrcoef = later("statistics", "cov"), later("statistics", "corrcoef")
    renorm = later("scatters", "renorm")
    renorm_ = in_place(renorm)
