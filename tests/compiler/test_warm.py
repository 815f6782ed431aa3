"""A step that another process has compiled: found again by what it does, checked, and the same to the bit."""

import subprocess
import sys

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.compiler import running
from chainrule.compiler.emission import Module
from chainrule.compiler.identity import key
from chainrule.compiler.program import Input, Program
from chainrule.graph.op import Elementwise
from chainrule.native import kernels, notes
from chainrule.ops.scalar import Exp
from tests.compiler.steps import STEPS

pytestmark = pytest.mark.skipif(not kernels.ready() or sys.platform != "linux", reason="machine code is kept on disk on Linux")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "code"))
    return tmp_path / "code"


def compiled(build):
    """A step that is compiled, what it trains, and what its calls gave."""
    step, tensors = build()
    step = torch.compile(step)
    results = [step() for _ in range(5)]
    assert step.compiled, step.report()
    return step, tensors, results


def entries(results):
    flat = [r for result in results for r in (result if isinstance(result, tuple | list) else [result])]
    return [np.array(r.detach()) if isinstance(r, torch.Tensor) else r for r in flat]


def is_written(step):
    return "module" in vars(step.latest.machine)


def dropping():
    """Python's code in between."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 5), nn.Dropout(0.5), nn.Linear(5, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    x = torch.randn(8, 6)

    def step():
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


def large():
    """Products that are left to the code for large ones, and loops that are shared by the team."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(200, 300), nn.GELU(), nn.Linear(300, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = torch.randn(300, 200), torch.randint(0, 10, (300,))

    def step():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, list(model.parameters())


@pytest.mark.parametrize("build", [dropping, large, *list(STEPS.values())[::8]], ids=lambda build: build.__name__)
def test_what_is_found_does_the_same_to_the_bit(folder, build):
    first, tensors, results = compiled(build)
    assert is_written(first)
    again, others, found = compiled(build)
    assert not is_written(again)
    for a, b in zip([*entries(results), *entries(tensors)], [*entries(found), *entries(others)], strict=True):
        np.testing.assert_array_equal(a, b)
    assert again.show("loops") == first.show("loops")
    assert again.show("llvm") == first.show("llvm")
    assert again.report().splitlines()[0] == first.report().splitlines()[0]


PROGRAM = """
import sys
import chainrule as torch
from chainrule.compiler import emission, fusion

if {warm}:
    def refuse(*_):
        raise AssertionError("written anew")
    emission.Module.__init__ = fusion.Schedule.__init__ = refuse
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(150, 150), torch.nn.ReLU(), torch.nn.Linear(150, 1))
optimizer = torch.optim.Adam(model.parameters())
x, y = torch.randn(200, 150), torch.randn(200, 1)

@torch.compile
def step():
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss

for _ in range(4):
    loss = step()
assert step.compiled, step.report()
loaded = [name for name in ("llvmlite", "numpy.random", "importlib.metadata", "subprocess", "json") if name in sys.modules]
print(loss.item().hex(), *loaded)
"""


def test_a_warm_start_loads_no_llvm_and_writes_nothing(folder):
    told = []
    for warm in (False, True, True):
        program = PROGRAM.format(warm=warm)
        told.append(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split())
    cold, warm, again = told
    assert "llvmlite" in cold
    assert warm == again == [cold[0], "numpy.random"]  # which draws the data


@pytest.mark.parametrize("damage", ["cut off", "another's", "gone"])
@pytest.mark.parametrize("which", ["notes", "all"])
def test_what_is_damaged_is_made_again(folder, damage, which):
    _, _, results = compiled(large)
    for path in folder.iterdir():
        if which == "all" or b"ELF" not in path.read_bytes()[:50]:
            path.unlink() if damage == "gone" else path.write_bytes(path.read_bytes()[:-5] if damage == "cut off" else b"x" * 999)
    again, _, found = compiled(large)
    assert is_written(again)
    np.testing.assert_array_equal(entries(results), entries(found))
    assert not is_written(compiled(large)[0])


def test_a_changed_library_or_thread_count_finds_nothing(folder, monkeypatch):
    compiled(large)
    monkeypatch.setattr(notes, "stamp", lambda: "other files")
    assert is_written(compiled(large)[0])
    assert not is_written(compiled(large)[0])
    monkeypatch.setattr(running, "most", lambda: 99)
    assert is_written(compiled(large)[0])


def key_of(f, *tensors):
    step = torch.compile(f)
    for _ in range(3):
        step(*tensors)
    return key(step.plan_now("test").machine.program)


def test_names_and_lines_are_not_part_of_the_key():
    def one(x):
        y = x.exp()
        return (y * 2).sum()

    def other(data):
        scores = data.exp()

        return (scores * 2).sum()

    x = torch.randn(4, 5)
    assert key_of(one, x) == key_of(other, x) is not None


def test_what_is_computed_is_the_key():
    x, wide = torch.randn(4, 5), torch.randn(4, 10)
    keys = [
        key_of(lambda x: (x.exp() * 2).sum(), x),
        key_of(lambda x: (x.exp() * 3).sum(), x),
        key_of(lambda x: (x.exp() + 2).sum(), x),
        key_of(lambda x: (x.sin() * 2).sum(), x),
        key_of(lambda x: (x.exp() * 2).sum(0), x),
        key_of(lambda x: (x.exp() * 2).amax(), x),
        key_of(lambda x: (x.exp() * -0.0).sum(), x),
        key_of(lambda x: (x.exp() * 0.0).sum(), x),
        key_of(lambda x: (x.exp() * 2).sum(), x.double()),
        key_of(lambda x: (x.exp() * 2).sum(), x[:3]),
        key_of(lambda x: (x.exp() * 2).sum(), wide[:, ::2]),
        key_of(lambda x: (x.exp() * 2).sum(), torch.randn(5, 4).T),
        key_of(lambda x: ((x.exp() * 2).sum(), x.exp()), x),
    ]
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_which_values_share_a_line_is_part_of_the_key():
    x = torch.randn(4, 5)
    assert key_of(lambda x: (x.exp() * 2).sum(), x) != key_of(
        lambda x: (
            x.exp() * 2
        )
        .sum(),
        x,
    )  # fmt: skip


def test_an_op_of_ones_own_has_no_key():
    class Doubled(Elementwise, abstract=True):
        def forward(self, x):
            return x + x

    def doing(op):
        program = Program()
        x = program.add("input", (), (3,), np.float32, Input(np.zeros(3, np.float32)))
        program.inputs.append(x)
        program.results.append(program.add("map", (x,), (3,), np.float32, op))
        return key(program)

    assert doing(Doubled()) is None
    assert doing(Exp()) is not None


def test_a_module_is_only_written_once(folder, monkeypatch):
    """Neither the trial nor a report of what was written does it again."""
    written, original = [], Module.__init__
    monkeypatch.setattr(Module, "__init__", lambda self, *args: written.append(1) or original(self, *args))
    step, _, _ = compiled(large)
    step.show("loops")
    assert len(written) == 1
