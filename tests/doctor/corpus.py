"""The programs that the doctor is held against, and what it says of each.

``broken/dNN_k.py`` each make the mistake DNN (their first line says how), ``sound/`` make none; neither do the complete
programs in ``tests/torch_programs`` and ``tests/documents``. All are plain PyTorch.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import chainrule
from chainrule.diagnosis.finding import TITLES, Finding
from tests.programs_runner import run_source

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("d*.py"))
SOUND = sorted((HERE / "sound").glob("*.py"))
COMPLETE = sorted([*HERE.parent.glob("torch_programs/programs/*.py"), *HERE.parent.glob("documents/programs/*.py")])

# Mistakes that a broken program makes beside its own, or that follow from it and are worth saying too.
BESIDES = {
    "d06_2": "D07",  # the layer that was replaced gets no gradient, the one in its place is in no optimizer
    "d15_3": "D26",  # along the gradient of the swapped loss hardly anything moves
    "d21_1": "D28",  # what features that are not scaled lead to: exploding, saturated, dead, diverging
    "d21_2": "D31",
    "d21_3": "D25",
    "d21_4": "D28 D30",
    "d28_3": "D26",
    "d29_1": "D24",  # the toy target is a feature
    "d30_2": "D24",
    "d31_1": "D21",
    "d31_4": "D21",
    "d31_5": "D21",
    "d32_1": "D21",
    "d32_3": "D21",
    "d36_4": "D24",
}
MISSED: dict[str, str] = {}  # program: why it is not found


@cache
def examine(path: Path) -> tuple[Finding, ...]:
    """What the doctor finds in a program, whether or not the program itself fails."""
    doctor = chainrule.doctor(show=False)
    try:
        with doctor:
            run_source(path.read_text(encoding="utf-8"), str(path), chainrule)
    except (Exception, SystemExit) as error:
        if path.parent.name != "broken":
            raise AssertionError(f"{path.name} is sound, and fails") from error
    return tuple(doctor.findings)


def code_of(path: Path) -> str:
    return path.stem.partition("_")[0].upper()


def codes(path: Path) -> set[str]:
    return {finding.code for finding in examine(path)}


def table() -> str:
    """One row for each check: what it is sure of, what it found, how often it was wrong."""
    rows = ["| code | mistake | programs with it | found | false alarms |", "|---|---|---|---|---|"]
    alarms = [c for path in [*SOUND, *COMPLETE] for c in codes(path) if not seedless(path, c)]
    found_in_all = 0
    for code, title in TITLES.items():
        own = [path for path in BROKEN if code_of(path) == code]
        found = sum(code in codes(path) for path in own)
        wrong = alarms.count(code) + sum(
            code in codes(p) for p in BROKEN if code_of(p) != code and code not in BESIDES.get(p.stem, "")
        )
        found_in_all += found
        rows.append(f"| {code} | {title} | {len(own)} | {found} | {wrong} |")
    rows.append(
        f"| | **all** | {len(BROKEN)} | {found_in_all} | {len(alarms)} in {len(SOUND) + len(COMPLETE)} sound programs |"
    )
    return "\n".join(rows)


def seedless(path: Path, code: str) -> bool:
    """The documents' programs set no seed, and the doctor says so: a hint, and true."""
    return code == "D34" and path.parent.parent.name == "documents"
