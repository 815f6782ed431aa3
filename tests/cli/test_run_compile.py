"""``chainrule run --compile``: the same prints, and a report of the loops on the other stream."""

import pytest
from click.testing import CliRunner

from chainrule.cli.run import run
from chainrule.interop import torch_alias
from chainrule.native import kernels

SCRIPT = """import torch
w = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for turn in range(12):
    loss = ((w - 3) ** 2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if turn % 5 == 0:
        print(turn, f"{loss.item():.4f}")
"""


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    import sys

    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    main = sys.modules["__main__"]
    hidden = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "torch"}
    for n in hidden:
        del sys.modules[n]
    yield
    torch_alias.uninstall()
    sys.modules.update(hidden)
    sys.modules["__main__"] = main


@pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
def test_prints_the_same_and_reports(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    result = CliRunner().invoke(run, ["--compile", "--report", str(path)])
    assert result.exit_code == 0, result.output
    assert result.stdout == "0 18.0000\n5 1.9327\n10 0.2075\n"
    assert result.stderr == f"{path}:4: compiled\n"


def test_the_options_that_do_not_go_together(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    assert "give both" in CliRunner().invoke(run, ["--report", str(path)]).output
    assert "--compile is for scripts" in CliRunner().invoke(run, ["--compile", "-m", "json"]).output
