"""Settings answer what they were given, and say what they cannot do."""

import pytest

import chainrule as cr
from chainrule.version import TorchVersion


def test_threads():
    before = cr.get_num_threads()
    try:
        cr.set_num_threads(1)
        assert cr.get_num_threads() == 1
    finally:
        cr.set_num_threads(before)
    for wrong, words in ((0, "set_num_threads expects a positive integer"), ("a", "expects an int, but got str"), (True, "bool")):
        with pytest.raises(RuntimeError, match=words):
            cr.set_num_threads(wrong)
    cr.set_num_interop_threads(1)
    assert cr.get_num_interop_threads() == 1
    with pytest.raises(RuntimeError, match="operations run when they are called"):
        cr.set_num_interop_threads(2)


def test_determinism():
    try:
        cr.use_deterministic_algorithms(True)
        assert cr.are_deterministic_algorithms_enabled()
        assert not cr.is_deterministic_algorithms_warn_only_enabled()
        assert cr.get_deterministic_debug_mode() == 2
        cr.set_deterministic_debug_mode("warn")
        assert cr.is_deterministic_algorithms_warn_only_enabled()
        with pytest.raises(RuntimeError, match="expected one of `default`, `warn`, `error`, but got foo"):
            cr.set_deterministic_debug_mode("foo")
    finally:
        cr.use_deterministic_algorithms(False)
    assert cr.get_deterministic_debug_mode() == 0


def test_precision():
    assert cr.get_float32_matmul_precision() == "highest"
    try:
        cr.set_float32_matmul_precision("high")
        assert cr.get_float32_matmul_precision() == "high"
        with pytest.warns(UserWarning, match="foo is not one of 'highest', 'high', or 'medium'"):
            cr.set_float32_matmul_precision("foo")
    finally:
        cr.set_float32_matmul_precision("highest")
    assert cr.set_flush_denormal(True) is False


def test_the_default_device():
    cr.set_default_device("cpu")
    cr.set_default_device(None)
    assert cr.get_default_device() == cr.device("cpu")
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        cr.set_default_device("cuda")


@pytest.mark.parametrize("make", [lambda t: t.ones(1), lambda t: t.ones(1).long(), lambda t: "a", lambda t: int, lambda t: 2.5])
def test_typename(make):
    torch = pytest.importorskip("torch")
    assert cr.typename(make(cr)) == torch.typename(make(torch))


def test_compile_gives_the_function_back_or_a_step_that_does_the_same():
    def f(x):
        return x * 2

    assert cr.compile(f, backend="eager") is f
    assert cr.compile(f, disable=True) is f
    for compiled in (cr.compile(f), cr.compile(mode="reduce-overhead")(f), cr.compile(fullgraph=True, dynamic=False)(f)):
        assert compiled.__wrapped__ is f
        assert compiled(cr.ones(1)).item() == 2
    assert cr.compiler.disable(f) is f
    assert cr.compiler.disable()(f) is f
    assert cr.jit.script(f) is f
    assert cr.jit.trace(f, cr.ones(1)) is f
    assert cr.jit.ignore(f) is f
    assert cr.jit.ignore(drop=True)(f) is f
    model = cr.nn.Linear(1, 1)
    assert cr.compile(model, disable=True) is model
    assert cr.compile(model, backend="eager")._orig_mod is model
    with pytest.raises(RuntimeError, match="Unrecognized mode=fast, should be one of: default, reduce-overhead"):
        cr.compile(f, mode="fast")
    with pytest.raises(RuntimeError, match="can't be specified at the same time"):
        cr.compile(f, mode="default", options={})
    with pytest.raises(RuntimeError, match="torch.compile requires a callable"):
        cr.compile(3)
    with pytest.raises(RuntimeError, match="torch.jit.save and torch.jit.load are not available"):
        cr.jit.save(model, "x.pt")


def test_fork_rng():
    cr.manual_seed(0)
    with cr.random.fork_rng():
        drawn = cr.rand(3)
    assert cr.rand(3).tolist() == drawn.tolist()
    with cr.random.fork_rng(devices=[], enabled=False):
        cr.rand(1)
    assert cr.rand(3).tolist() != drawn.tolist()
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"), cr.random.fork_rng(devices=[0]):
        pass


VERSIONS = ["1.8", "2.13", "2.13.0", "2.13.0+cpu", "2.14", "2.9.1", "2.13.1", (1, 8), (2, 13), (2, 13, 0), (2, 14), (3,)]


@pytest.mark.parametrize("other", VERSIONS, ids=str)
def test_versions_compare_as_pytorchs(other):
    torch = pytest.importorskip("torch")
    ours, theirs = TorchVersion("2.13.0"), torch.torch_version.TorchVersion("2.13.0")
    if "+" in other:  # there PyTorch compares the text behind the plus too; it says who built it, not what it can do
        assert ours >= other and ours <= other
        return
    assert [ours < other, ours <= other, ours > other, ours >= other] == [
        theirs < other, theirs <= other, theirs > other, theirs >= other]  # fmt: skip


def test_the_version_that_programs_see():
    seen = cr.version.__version__
    assert seen == f"2.13.0+chainrule.{cr.__version__}"
    assert seen.split("+")[0] == "2.13.0"
    assert tuple(int(part) for part in seen.split("+")[0].split(".")[:2]) >= (1, 8)
    assert seen >= (1, 8) and seen > "1.13.1" and not seen < "2.13"
    packaging = pytest.importorskip("packaging.version")
    assert packaging.parse(seen) >= packaging.parse("2.13.0")
    assert packaging.parse(seen) < packaging.parse("2.13.1")
    with pytest.raises(ValueError, match="'latest' is no version, such as '2.13.0'"):
        assert seen > "latest"


def test_constants():
    assert (cr.pi, cr.e, cr.inf, cr.newaxis) == (3.141592653589793, 2.718281828459045, float("inf"), None)
    assert cr.nan != cr.nan
    assert cr.ones(2)[cr.newaxis].shape == (1, 2)
    assert "chainrule" in cr.__config__.show()
