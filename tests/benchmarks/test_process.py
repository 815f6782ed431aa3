"""Numbers that a fresh process prints about itself."""

import time

import pytest

from benchmarks import process
from benchmarks.frameworks import CHAINRULE, COMPILED, Framework


def test_a_process_answers_with_a_number():
    assert 0 < process.measure_process("import", "", CHAINRULE, 30, None) < 30
    assert process.measure_process("memory", "autograd", CHAINRULE, 30, None) > 10_000_000


def test_one_that_fails_says_why():
    nobody = Framework("torch", "PyTorch", "nothing", "torch")
    with pytest.raises(RuntimeError, match="KeyError: 'weight'"):
        process.measure_process("weight", "", nobody, 30, None)


def test_one_that_does_not_answer_is_ended_with_what_it_started(tmp_path, monkeypatch):
    """A compiler that it called would otherwise hold its pipes open for as long as it takes."""
    (tmp_path / "sitecustomize.py").write_text("import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)")
    monkeypatch.syspath_prepend(tmp_path)
    start = time.monotonic()
    with pytest.raises(RuntimeError, match="no answer within 1 s"):
        process.measure_process("import", "", CHAINRULE, 1, None)
    assert time.monotonic() - start < 30


def test_its_cache_is_a_folder_of_its_own(tmp_path):
    assert CHAINRULE.variables(tmp_path) == {"CHAINRULE_CACHE": str(tmp_path / "chainrule")} == COMPILED.variables(tmp_path)
