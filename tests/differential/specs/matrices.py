"""Products of matrices, and linear algebra."""

from ..draw import Draw, call
from .spec import Spec, forms, lines


def pair(d: Draw, a, b, kind="any", mixed=0.03):
    x = d.x(a, kind=kind, values=plain(d))
    return x, d.x(b, dtype=x.dtype if not d.flag(mixed) else d.dtype("any"), values=plain(d))


def plain(d: Draw):
    return d.pick("normal", "normal", "small", "unit", "apart")


def sizes(d: Draw, n):
    return tuple(d.size() for _ in range(n))


def mm(d: Draw):
    n, k, m = sizes(d, 3)
    return call(*pair(d, (n, k), (k if d.flag(0.97) else k + 1, m)))


def bmm(d: Draw):
    b, n, k, m = sizes(d, 4)
    return call(*pair(d, (b, n, k), (b if d.flag(0.97) else b + 1, k, m)))


def matmul(d: Draw):
    n, k, m = sizes(d, 3)
    batch = d.shape(0, 2, 0.02)
    a = (k,) if d.flag(0.2) else (*batch, n, k)
    b = (k if d.flag(0.97) else k + 1,) if d.flag(0.2) else (*d.partner(batch), k, m)
    return call(*pair(d, a, b))


def dot(d: Draw):
    (n,) = sizes(d, 1)
    return call(*pair(d, (n,), (n if d.flag(0.97) else n + 1,)))


def mv(d: Draw):
    n, k = sizes(d, 2)
    return call(*pair(d, (n, k), (k,)))


def vectors(d: Draw):
    return call(*pair(d, (d.size(),), (d.size(),)))


def inner(d: Draw):
    k = d.size()
    return call(*pair(d, (*d.shape(0, 2), k), (*d.shape(0, 2), k)))


def scaled(d: Draw, x, dtype):
    return d.some(0.35, beta=lambda: d.number(dtype), alpha=lambda: d.number(dtype))


def addmm(d: Draw):
    n, k, m = sizes(d, 3)
    a, b = pair(d, (n, k), (k, m))
    x = d.x(d.pick((n, m), (m,), (1, m), (n, 1), ()), dtype=a.dtype)
    return call(x, a, b, **scaled(d, x, a.dtype))


def addmv(d: Draw):
    n, k = sizes(d, 2)
    a, b = pair(d, (n, k), (k,))
    return call(d.x(d.pick((n,), (1,), ()), dtype=a.dtype), a, b, **scaled(d, a, a.dtype))


def addr(d: Draw):
    n, m = sizes(d, 2)
    a, b = pair(d, (n,), (m,))
    return call(d.x(d.pick((n, m), (m,), ()), dtype=a.dtype), a, b, **scaled(d, a, a.dtype))


def baddbmm(d: Draw):
    s, n, k, m = sizes(d, 4)
    a, b = pair(d, (s, n, k), (s, k, m))
    return call(d.x(d.pick((s, n, m), (m,), (n, m)), dtype=a.dtype), a, b, **scaled(d, a, a.dtype))


def addbmm(d: Draw):
    s, n, k, m = sizes(d, 4)
    a, b = pair(d, (s, n, k), (s, k, m))
    return call(d.x(d.pick((n, m), (m,)), dtype=a.dtype), a, b, **scaled(d, a, a.dtype))


def kron(d: Draw):
    return call(*pair(d, d.shape(0, 3), d.shape(0, 3)))


def cross(d: Draw):
    shape = list(d.shape(0, 2)) + [3]
    d.rng.shuffle(shape)
    a, b = pair(d, tuple(shape), tuple(shape))
    return call(a, b, **({"dim": shape.index(3)} if d.flag(0.7) else {}))


def tensordot(d: Draw):
    n = d.randint(0, 2)
    common = sizes(d, n)
    a, b = pair(d, (*d.shape(0, 2), *common), (*common, *d.shape(0, 2)))
    if d.flag() or not n:
        return call(a, b, dims=n)
    first = [k - n for k in range(n)]
    return call(a, b, dims=(first, list(range(n))))


EQUATIONS = [
    ("ij,jk->ik", "nk km"),
    ("ij,jk", "nk km"),
    ("bij,bjk->bik", "bnk bkm"),
    ("ij->ji", "nk"),
    ("ij->", "nk"),
    ("ii->i", "nn"),
    ("ii", "nn"),
    ("i,j->ij", "n m"),
    ("...ij,...jk->...ik", "bnk bkm"),
    ("ij,ij->ij", "nk nk"),
    ("ijk,kl,lm->ijm", "bnk km mn"),
    ("bhid,bhjd->bhij", "bnkm bnkm"),
    ("i,i", "n n"),
    ("i,ij,j", "n nk k"),
    ("abc->cab", "bnk"),
    ("a...->...a", "bnk"),
]


def einsum(d: Draw):
    equation, operands = d.choice(EQUATIONS)
    size = {c: d.size(0.01) for c in "bnkm"}
    dtype = d.dtype("inexact")
    return call(equation, *(d.x(tuple(size[c] for c in o), dtype=dtype, values="normal") for o in operands.split()))


def square(d: Draw, kind="full", batch=True):
    n = d.size(0.02)
    return d.x((*(d.shape(0, 1) if batch else ()), n, n), kind=kind, values="normal", layout=d.pick("plain", "T"))


def matrix(d: Draw, **named):
    return d.x((*d.shape(0, 1), *sizes(d, 2)), kind="full", values="normal", **named)


def definite(t, x):
    return x @ x.mT + 2 * t.eye(x.shape[-1], dtype=x.dtype)


def away(t, x):
    """A matrix far from singular."""
    return x + 4 * t.eye(x.shape[-1], dtype=x.dtype)


def of_away(name):
    def program(t, x, *rest, **named):
        found = t
        for part in name.split("."):
            found = getattr(found, part)
        return found(away(t, x), *rest, **named)

    return program


def of_definite(name, pick=lambda y: y):
    def program(t, x, *rest, **named):
        found = t
        for part in name.split("."):
            found = getattr(found, part)
        return pick(found(definite(t, x), *rest, **named))

    return program


def solve(d: Draw):
    a = square(d)
    n = a.shape[-1]
    b = (*a.shape[:-2], n, d.size()) if d.flag(0.7) or len(a.shape) > 2 else (n,)
    return call(a, d.x(b, dtype=a.dtype, values="normal"))


def svd(name):
    def program(t, x, **named):
        """The parts of a decomposition that do not depend on signs: the singular values, and the product."""
        if name == "svdvals":
            return t.linalg.svdvals(x)
        u, s, v = t.linalg.svd(x, full_matrices=False) if name == "linalg.svd" else t.svd(x)
        return s, (u * s.unsqueeze(-2)) @ (v if name == "linalg.svd" else v.mT)

    return program


def qr(t, a, **named):
    q, r = t.linalg.qr(a, **named)
    return q.shape, r.shape, r.abs()


def eigh(t, x):
    values, vectors = t.linalg.eigh((x + x.mT) / 2)
    return values, (vectors * values.unsqueeze(-2)) @ vectors.mT


def matrix_norm(d: Draw):
    return call(matrix(d), d.pick("fro", "nuc", 1, -1, float("inf"), 2, -2), **d.some(0.3, keepdim=d.flag))


def vector_norm(d: Draw):
    x = d.x(kind="inexact", values="normal")
    return call(x, d.pick(2, 1, 0, float("inf"), -float("inf"), 3, 0.5), **d.some(0.5, dim=lambda: d.dims(x), keepdim=d.flag))


def any_norm(d: Draw):
    x = d.x(d.shape(1, 3), kind="inexact", values="normal")
    return call(x, **d.some(0.5, ord=lambda: d.pick(2, 1, float("inf"), None)), **d.some(0.5, dim=lambda: d.dim(x), keepdim=d.flag))


def vecdot(d: Draw):
    x = d.x(d.shape(1, 3), kind="inexact", values="normal")
    return call(x, d.x(x.shape, dtype=x.dtype, values="normal"), **d.some(0.4, dim=lambda: d.dim(x)))


def triangular(t, a, b, **named):
    return t.linalg.solve_triangular(away(t, a).triu(), b, **named)


def cdist(d: Draw):
    k, dtype = d.size(), d.dtype("full")
    a = d.x((d.size(), k), dtype=dtype, values="normal")
    return call(a, d.x((d.size(), k), dtype=dtype, values="normal"), **d.some(0.5, p=lambda: d.pick(1.0, 2.0, 0.0, 3.0, float("inf"))))


MATRICES = {
    **forms("mm", mm),
    **forms("bmm", bmm),
    **forms("matmul", matmul),
    "operator.matmul": Spec(matmul, lambda t, a, b: a @ b, needs="matmul"),
    **lines("linalg.matmul", matmul),
    **forms("dot vdot", dot),
    **forms("mv", mv),
    **forms("outer ger", vectors),
    **forms("inner", inner),
    **forms("addmm", addmm),
    **forms("addmv", addmv),
    **forms("addr", addr),
    **forms("baddbmm", baddbmm),
    **forms("addbmm", addbmm),
    **forms("kron", kron),
    **forms("cross", cross),
    **lines("linalg.cross", cross),
    **lines("tensordot", tensordot),
    **lines("einsum", einsum),
    **lines("chain_matmul", lambda d: (lambda a, b: call(a, b))(*mm(d)[0])),
    "linalg.multi_dot": Spec(lambda d: call(list(mm(d)[0]))),
    **forms("trace", lambda d: call(d.x(sizes(d, 2) if d.flag(0.97) else (3,), kind="any")), out=False),
    **forms("matrix_power", lambda d: call(square(d), d.randint(0, 5)), out=False),
    **lines("linalg.matrix_power", lambda d: call(square(d), d.randint(0, 4))),
    **{f"{n}": Spec(lambda d: call(square(d)), of_away(n)) for n in "inverse linalg.inv det linalg.det linalg.slogdet slogdet".split()},
    **{f"{n}": Spec(lambda d: call(square(d)), of_definite(n)) for n in "logdet cholesky linalg.cholesky cholesky_inverse".split()},
    "linalg.inv_ex": Spec(lambda d: call(square(d)), of_away("linalg.inv_ex")),
    "linalg.cholesky_ex": Spec(lambda d: call(square(d)), of_definite("linalg.cholesky_ex")),
    "linalg.eigvalsh": Spec(lambda d: call(square(d)), of_definite("linalg.eigvalsh")),
    "linalg.eigh": Spec(lambda d: call(square(d)), eigh),
    "linalg.solve": Spec(solve, of_away("linalg.solve")),
    "linalg.solve_triangular": Spec(lambda d: call(*solve_matrix(d), upper=True), triangular),
    "linalg.lstsq": Spec(solve, lambda t, a, b: t.linalg.lstsq(away(t, a), b).solution),
    "linalg.svd": Spec(lambda d: call(matrix(d)), svd("linalg.svd")),
    "svd": Spec(lambda d: call(matrix(d)), svd("svd")),
    "linalg.svdvals": Spec(lambda d: call(matrix(d)), svd("svdvals")),
    "linalg.qr": Spec(lambda d: call(matrix(d), **d.some(0.3, mode=lambda: d.pick("reduced", "complete"))), qr, orders=0),
    **lines("linalg.pinv pinverse", lambda d: call(matrix(d, grad=0.3)), orders=1),
    **lines("linalg.matrix_rank", lambda d: call(matrix(d))),
    **lines("matrix_exp linalg.matrix_exp", lambda d: call(square(d))),
    **lines("linalg.matrix_norm", matrix_norm),
    **lines("linalg.vector_norm", vector_norm),
    **lines("linalg.norm", any_norm),
    **lines("linalg.vecdot", vecdot),
    **lines("linalg.cond", lambda d: call(square(d, batch=False)), orders=0),
    **lines("cdist", cdist),
    **lines("vander linalg.vander", lambda d: call(d.x((d.size(),), kind="full", values="small"), **d.some(0.5, N=lambda: d.randint(0, 4)))),
}


def solve_matrix(d: Draw):
    a = square(d)
    return a, d.x((*a.shape[:-1], d.size()), dtype=a.dtype, values="normal")
