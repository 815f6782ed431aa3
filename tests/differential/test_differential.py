"""A bounded share of the search, the same on every run, and the cases that differed once."""

import itertools

import pytest

torch = pytest.importorskip("torch")

from .case import At, Case, X  # noqa: E402
from .known import KNOWN  # noqa: E402
from .regressions import REGRESSIONS  # noqa: E402
from .run import drawn, missing, unexplained  # noqa: E402
from .shrink import shrink  # noqa: E402
from .specs import FAMILIES, SPECS  # noqa: E402

EACH = 3  # cases of each name


@pytest.fixture(autouse=True, scope="module")
def always_warning():
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(before)


@pytest.mark.parametrize("family", FAMILIES)
def test_family(family):
    """Nothing that PyTorch does differently, but for what is known."""
    found = []
    for name, number in itertools.product(FAMILIES[family], range(EACH)):
        if not missing(SPECS[name], name):
            case = drawn(name, number)
            if what := unexplained(torch, case):
                found.append(f"{case}\n    {what}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("what", REGRESSIONS)
def test_regression(what):
    for case in REGRESSIONS[what]:
        assert not unexplained(torch, case)


def test_a_case_prints_as_what_makes_it():
    """A printed case can be run again: from the same numbers the same case."""
    names = {"Case": Case, "X": X, "At": At, "inf": float("inf"), "nan": float("nan")}
    for name in itertools.islice(SPECS, 0, None, 7):
        case = drawn(name, 0)
        assert eval(repr(case), names) == case or "nan" in repr(case)
        assert repr(drawn(name, 0)) == repr(case)


def test_a_wrong_function_is_found(monkeypatch):
    """The search sees a value, a dtype, a shape, a gradient and an error that differ, and shrinks them."""
    import chainrule

    monkeypatch.setattr(chainrule, "tanh", lambda x, **_: (x.sin() / x.cos()) + 1e-3)
    cases = [drawn("tanh", k) for k in range(20)]
    found = [case for case in cases if unexplained(torch, case).startswith("value")]
    assert found
    small = shrink(found[0], lambda case: unexplained(torch, case).startswith("value"))
    assert len(repr(small)) <= len(repr(found[0]))


def test_every_known_difference_has_its_reason():
    for known in KNOWN:
        assert known.why and known.what
