"""Run a script as ``chainrule run`` does, observed, and say what is wrong with it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from ..interop.program import fail, main_module, put_first_on_path
from ..interop.torch_alias import install
from .examination import Doctor
from .finding import Finding

INTERRUPTED = 130


@dataclass
class Examined:
    """What was found, and the exit status: 0 nothing sure, 1 a sure finding, 2 the program itself failed."""

    findings: list[Finding]
    status: int


def examine_script(path: Path, args: tuple[str, ...]) -> Examined:
    """``python path args…`` with chainrule in PyTorch's place, under observation; an error of the program is shown."""
    install()
    sys.argv = [str(path), *args]
    put_first_on_path(str(path.resolve().parent))
    module = main_module(str(path))
    doctor, failed = Doctor(show=False), 0
    try:
        with doctor:
            exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
    except SystemExit as end:
        failed = 2 if end.code not in (None, 0) else 0
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException as error:
        failed = shown(error)
    return Examined(doctor.findings, failed or int(bool(doctor.sure)))


def shown(error: BaseException) -> int:
    """Show an error of the program; the exit status it leads to."""
    try:
        fail(error)
    except SystemExit as end:
        return INTERRUPTED if end.code == INTERRUPTED else 2
