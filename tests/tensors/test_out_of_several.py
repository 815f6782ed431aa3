"""``out=`` of functions with several results: what is written, what is returned, what is refused."""

import pytest

import chainrule

X = [[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]]
SEVERAL = {
    "aminmax": lambda lib, x, out: lib.aminmax(x, dim=1, out=out),
    "max": lambda lib, x, out: lib.max(x, 1, out=out),
    "min": lambda lib, x, out: lib.min(x, 1, True, out=out),
    "sort": lambda lib, x, out: lib.sort(x, 1, out=out),
    "topk": lambda lib, x, out: lib.topk(x, 2, out=out),
    "kthvalue": lambda lib, x, out: lib.kthvalue(x, 2, 1, out=out),
    "median": lambda lib, x, out: lib.median(x, 1, out=out),
    "nanmedian": lambda lib, x, out: lib.nanmedian(x, 1, keepdim=True, out=out),
    "mode": lambda lib, x, out: lib.mode(x, 1, out=out),
    "cummax": lambda lib, x, out: lib.cummax(x, 1, out=out),
    "cummin": lambda lib, x, out: lib.cummin(x, 0, out=out),
}
ONE = {
    "quantile": lambda lib, x, out: lib.quantile(x, 0.5, 1, out=out),
    "nanquantile": lambda lib, x, out: lib.nanquantile(x, 0.5, 1, True, out=out),
    "histc": lambda lib, x, out: lib.histc(x, 3, out=out),
    "msort": lambda lib, x, out: lib.msort(x, out=out),
}


def empties(lib, name, first="float32", second=None):
    second = second or ("float32" if name == "aminmax" else "int64")
    return lib.empty(0, dtype=getattr(lib, first)), lib.empty(0, dtype=getattr(lib, second))


@pytest.mark.parametrize("kind", [tuple, list])
@pytest.mark.parametrize("name", SEVERAL)
def test_several(name, kind):
    torch = pytest.importorskip("torch")
    said = []
    for lib in (chainrule, torch):
        out = kind(empties(lib, name))
        found = SEVERAL[name](lib, lib.tensor(X), out)
        assert all(a is b for a, b in zip(found, out, strict=True))
        assert type(found).__name__ == f"{name}_out"
        said.append(([t.tolist() for t in found], repr(found).split("(")[0]))
    assert said[0] == said[1]


@pytest.mark.parametrize("name", ONE)
def test_one(name):
    torch = pytest.importorskip("torch")
    said = []
    for lib in (chainrule, torch):
        out = lib.empty(0)
        assert ONE[name](lib, lib.tensor(X), out) is out
        said.append(out.tolist())
        with pytest.raises(RuntimeError):
            ONE[name](lib, lib.tensor(X), lib.empty(0, dtype=lib.float64))
        with pytest.raises(TypeError):
            ONE[name](lib, lib.tensor(X), (out,))
    assert said[0] == said[1]


@pytest.mark.parametrize("name", SEVERAL)
def test_what_is_refused(name):
    torch = pytest.importorskip("torch")
    for lib in (chainrule, torch):
        x = lib.tensor(X)
        with pytest.raises(RuntimeError):
            SEVERAL[name](lib, x, empties(lib, name, first="float64"))
        with pytest.raises(RuntimeError):
            SEVERAL[name](lib, x, empties(lib, name, second="int32"))
        with pytest.raises(TypeError, match="expected tuple of 2 elements but got 1"):
            SEVERAL[name](lib, x, empties(lib, name)[:1])
        with pytest.raises(TypeError):
            SEVERAL[name](lib, x, lib.empty(0))
        with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
            SEVERAL[name](lib, x.requires_grad_(), empties(lib, name))


def test_the_error_says_which_dtype():
    with pytest.raises(RuntimeError) as caught:
        chainrule.topk(chainrule.tensor(X), 2, out=(chainrule.empty(0), chainrule.empty(0)))
    assert str(caught.value).splitlines() == [
        "Expected out tensor to have dtype long int, but got float instead",
        "  instead: torch.empty(0, dtype=torch.int64)",
    ]


def test_return_types():
    torch = pytest.importorskip("torch")
    names = [n for n in dir(torch.return_types) if type(getattr(torch.return_types, n)).__name__ == "type" and n[0] != "_"]
    names = [n for n in names if hasattr(getattr(torch.return_types, n), "n_fields")]
    assert len(names) > 60
    for name in names:
        ours, theirs = getattr(chainrule.return_types, name), getattr(torch.return_types, name)
        fields = [f for f in dir(theirs) if type(getattr(theirs, f)).__name__ in ("member_descriptor", "getset_descriptor")]
        assert sorted(ours._fields) == sorted(fields), name
    x = chainrule.tensor(X)
    assert type(chainrule.sort(x)) is chainrule.return_types.sort
    assert type(chainrule.linalg.qr(x)) is chainrule.return_types.linalg_qr
    with pytest.raises(AttributeError, match="no attribute 'maximum'"):
        _ = chainrule.return_types.maximum
