"""The founding documents' programs print what they printed in the documents."""

import re
import sys
from itertools import zip_longest
from pathlib import Path

import pytest

import chainrule
from tests.documents.draws import DRAWS, Draws, as_in_the_document
from tests.programs_runner import differences, run, run_source

PROGRAMS = Path(__file__).parent / "programs"
PRINTED = {path.stem: path for path in sorted(PROGRAMS.glob("notes?_*.txt")) if not path.stem.endswith(".seed0")}
SEEDED = {path.stem.removesuffix(".seed0"): path for path in sorted(PROGRAMS.glob("*.seed0.txt"))}
# In NumPy alone, and printed by a NumPy before 2, which multiplied a float32 number by a Python float in float64:
# the eighth digit differs, and chainrule has no part in it.
IN_NUMPY = {"notes0_by_hand", "notes1_by_hand", "notes3_by_hand"}
# nn.Linear's weight gradient is a product of matrices: PyTorch's library adds with fused multiply-add, NumPy's does not
# on every machine, and the last digits of later losses move with it. Compared to this many digits, not exactly.
LINEAR_DIGITS = 5
# The document breaks off in the middle of a printed line.
BROKEN_OFF = {"notes3_module"}

# A program is listed here only while it fails, with the reason; strict, so that the day it passes shows.
FAILS: dict[str, str] = {}


def program(name: str) -> Path:
    return PROGRAMS / f"{name}.py"


def marked(names, kind):
    """The names as parameters, those in FAILS (as `kind name`) expected to fail."""
    reasons = {name: FAILS.get(f"{kind} {name}") for name in names}
    return [pytest.param(n, marks=[pytest.mark.xfail(strict=True, reason=r)] if r else []) for n, r in reasons.items()]


def expected_and_printed(name: str, printed: str) -> tuple[str, str]:
    """What the document shows, and as much of what was printed as it shows."""
    expected = PRINTED[name].read_text(encoding="utf-8")
    if name in BROKEN_OFF:
        expected = expected.rstrip("\n")
        printed = printed[: len(expected)]
    return expected, printed


def parted(name: str, expected: str, printed: str) -> list[str]:
    """The lines that differ: not one digit may, but for what IN_NUMPY and LINEAR_DIGITS explain."""
    if name in IN_NUMPY:
        return differences(expected, printed)
    if "nn.Linear(" in program(name).read_text(encoding="utf-8"):
        return differences(expected, printed, LINEAR_DIGITS)
    want, got = expected.splitlines(), printed.splitlines()
    return [f"expected {a!r}, printed {b!r}" for a, b in zip_longest(want, got) if a != b]


def test_every_program_has_an_output():
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(PRINTED) | set(SEEDED)
    assert len(PRINTED) == 14


@pytest.mark.parametrize("name", marked(PRINTED, "document"))
def test_prints_the_documents_output(name):
    with as_in_the_document(chainrule, DRAWS.get(name, Draws())):
        printed = run(program(name), chainrule)
    assert parted(name, *expected_and_printed(name, printed)) == []


@pytest.mark.parametrize("name", marked(SEEDED, "seeded"))
def test_prints_what_torch_prints_after_the_same_seed(name):
    expected = SEEDED[name].read_text(encoding="utf-8")
    assert parted(name, expected, run(program(name), chainrule, seed=0)) == []


@pytest.mark.parametrize("name", marked(sorted(set(PRINTED) - IN_NUMPY), "document"))
def test_runs_as_import_chainrule_as_torch(name, monkeypatch):
    """With the import spelled out in the program, and no module named torch to be found."""
    source = program(name).read_text(encoding="utf-8")
    source = source.replace("torch.nn as nn", "chainrule.nn as nn")
    source, count = re.subn(r"^import torch\b", "import chainrule as torch", source, flags=re.MULTILINE)
    assert count
    monkeypatch.setitem(sys.modules, "torch", None)
    with as_in_the_document(chainrule, DRAWS.get(name, Draws())):
        printed = run_source(source, str(program(name)), chainrule)
    assert parted(name, *expected_and_printed(name, printed)) == []


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_torch_itself_prints_the_documents_output(name):
    """Holds the recovered draws, the noted departures and this very comparison to account."""
    torch = pytest.importorskip("torch")
    with as_in_the_document(torch, DRAWS.get(name, Draws())):
        printed = run(program(name), torch)
    assert parted(name, *expected_and_printed(name, printed)) == []


@pytest.mark.parametrize("name", SEEDED)
def test_torch_still_prints_the_stored_output(name):
    torch = pytest.importorskip("torch")
    expected = SEEDED[name].read_text(encoding="utf-8")
    assert parted(name, expected, run(program(name), torch, seed=0)) == []
