"""`chainrule doctor`: what it prints, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"

NEVER_ZEROED = """\
import sys
import torch
w = torch.tensor([1.0], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.01)
for _ in range(int(sys.argv[1])):
    ((w - 2) ** 2).sum().backward()
    opt.step()
print("done", sys.argv[1:])
"""
SOUND = NEVER_ZEROED.replace("    opt.step()", "    opt.step()\n    opt.zero_grad()")
NAN_THEN_ERROR = """\
import torch
w = torch.tensor([0.0], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.01)
loss = torch.log(w - w).sum()
loss.backward()
raise ValueError("stopped because the loss is " + str(loss.item()))
"""


def doctor(
    folder: Path, text: str | None, *arguments: str, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess:
    """The finished command on a program with this text."""
    if text is not None:
        (folder / "train.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "chainrule", "doctor", *options, "train.py", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_a_sure_finding_ends_with_status_1(tmp_path):
    done = doctor(tmp_path, NEVER_ZEROED, "4", "--epochs")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "done ['4', '--epochs']",
        "",
        "D01 sure: gradients are never zeroed",
        "  line:     train.py:7    opt.step()",
        "  what:     3 of 4 steps used gradients with those of earlier steps still added in",
        "  evidence: steps 4, spoilt 3, zero_grad_calls 0",
        "  instead:  optimizer.zero_grad() before each loss.backward()",
        "",
        "1 sure, 0 hints.",
    ]


def test_a_sound_program_ends_with_status_0(tmp_path):
    done = doctor(tmp_path, SOUND, "4")
    assert (done.returncode, done.stdout) == (0, "done ['4']\n\nNo mistakes found.\n")
    assert done.stderr == ""


def test_a_hint_alone_ends_with_status_0(tmp_path):
    done = doctor(tmp_path, SOUND.replace("torch.tensor([1.0]", "torch.rand(1"), "3")
    assert done.returncode == 0
    assert "D34 hint: random numbers are drawn without a seed\n  line:     train.py:3" in done.stdout
    assert done.stdout.endswith("\n0 sure, 1 hint.\n")


def test_json_is_all_there_is_on_stdout(tmp_path):
    done = doctor(tmp_path, NEVER_ZEROED, "4", options=("--json",))
    (finding,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert done.stderr == "done ['4']\n"
    assert finding == {
        "code": "D01",
        "severity": "sure",
        "file": "train.py",
        "line": 7,
        "title": "gradients are never zeroed",
        "message": "3 of 4 steps used gradients with those of earlier steps still added in",
        "evidence": {"steps": 4, "spoilt": 3, "zero_grad_calls": 0},
        "fix": "optimizer.zero_grad() before each loss.backward()",
    }
    assert json.loads(doctor(tmp_path, SOUND, "4", options=("--json",)).stdout) == []


def test_a_program_that_fails_ends_with_status_2_and_what_led_there(tmp_path):
    done = doctor(tmp_path, NAN_THEN_ERROR)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "ValueError: stopped because the loss is -inf"
    assert "diagnosis" not in done.stderr
    assert "D32 sure: a NaN or an infinity\n  line:     train.py:4    loss = torch.log(w - w).sum()" in done.stdout


@pytest.mark.parametrize(
    "text, status, last",
    [
        ("import sys\nsys.exit(0)", 0, None),
        ("import sys\nsys.exit(3)", 2, None),
        ("import sys\nsys.exit('no data')", 2, "no data"),
        ("x = (", 2, "SyntaxError: '(' was never closed"),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
    ],
)
def test_how_a_program_ends(tmp_path, text, status, last):
    done = doctor(tmp_path, text)
    assert done.returncode == status
    assert (done.stderr.splitlines() or [None])[-1] == last
    assert done.stdout == "\nNo mistakes found.\n"


def test_usage_errors(tmp_path):
    assert "There is no file 'train.py'." in doctor(tmp_path, None).stderr
    (tmp_path / "train.py").mkdir()
    done = doctor(tmp_path, None)
    assert "There is no file 'train.py' (it is a folder)." in done.stderr
    assert done.returncode == 2
