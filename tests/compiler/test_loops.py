"""Plain loops, compiled: the same prints, the same values, the same names afterwards."""

import ast
import contextlib
import io

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.compiler.liveness import live_after
from chainrule.compiler.loops import turned_program
from chainrule.native import kernels
from tests.compiler.programs import run_compiled
from tests.documents.draws import DRAWS, Draws, as_in_the_document
from tests.documents.test_documents import PRINTED, SEEDED, expected_and_printed
from tests.documents.test_documents import program as document
from tests.programs_runner import differences

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")


def trained(source, **names):
    """The names that a program leaves, as it stands and with its loops compiled."""
    plain, turned = dict(names), dict(names)
    with contextlib.redirect_stdout(io.StringIO()) as expected:
        exec(compile(source, "program.py", "exec"), plain)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code, loops = turned_program(source, "program.py", turned)
        exec(code, turned)
    assert printed.getvalue() == expected.getvalue()
    return plain, turned, loops


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_a_document_prints_the_same(name):
    with as_in_the_document(torch, DRAWS.get(name, Draws())):
        printed, _ = run_compiled(document(name))
    assert "\n".join(differences(*expected_and_printed(name, printed))) == ""


@pytest.mark.parametrize("name", sorted(SEEDED))
def test_a_document_prints_the_same_after_a_seed(name):
    printed, loops = run_compiled(document(name), seed=0)
    assert "\n".join(differences(SEEDED[name].read_text(encoding="utf-8"), printed)) == ""


BY_HAND = """
import chainrule as torch
w = torch.tensor([1.0, -2.0], requires_grad=True)
same = w
x = torch.tensor([3.0, 4.0])
losses, total = [], 0.0
for epoch in range(12):
    loss = ((w * x - 1) ** 2).sum()
    losses.append(loss.item())
    total += loss.item()
    if epoch % 5 == 0:
        print(epoch, f"{w[0].item():.5f} {loss:.4f}")
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad.zero_()
    if loss.item() < 0.5:
        break
print(epoch, len(losses))
"""


def test_books_are_kept_and_prints_come_where_they_stand():
    plain, turned, loops = trained(BY_HAND)
    np.testing.assert_allclose(turned["losses"], plain["losses"], rtol=1e-5)
    assert abs(turned["total"] - plain["total"]) < 1e-4
    assert turned["w"] is turned["same"] and turned["epoch"] == plain["epoch"]
    assert loops.report() == "program.py:7: compiled"


def test_why_a_loop_stays_as_it_is():
    source = BY_HAND.replace("    loss.backward()", "    if loss.isnan():\n        break\n    loss.backward()")
    _, _, loops = trained(source)
    assert loops.report() == "program.py:7: not compiled: line 14 is break"


def test_a_function_with_variables_from_outside():
    seen = []

    def build():
        torch.manual_seed(0)
        model = nn.Linear(3, 1)
        x, y = torch.randn(20, 3), torch.randn(20, 1)
        count = 0

        def train(epochs, optimizer):
            nonlocal count
            for _ in range(epochs):
                for i in range(0, 20, 8):
                    xb, yb = x[i : i + 8], y[i : i + 8]
                    optimizer.zero_grad()
                    loss = ((model(xb) - yb) ** 2).mean()
                    loss.backward()
                    optimizer.step()
                    count += 1
                seen.append(loss.item())
            return loss, count

        return train, model

    train, mine = build()
    turned = torch.compile_loops(train)
    optimizer = torch.optim.Adam(mine.parameters(), lr=0.01)
    found = [turned(5, optimizer), turned(5, optimizer)][-1]
    train, theirs = build()
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01)
    expected = [train(5, optimizer), train(5, optimizer)][-1]
    assert found[1] == expected[1] == 30 and len(seen) == 20
    np.testing.assert_allclose(found[0].item(), expected[0].item(), rtol=1e-5)
    np.testing.assert_allclose(mine.weight.detach().numpy(), theirs.weight.detach().numpy(), rtol=1e-5)
    (loop,) = turned.loops.all
    assert loop.whole and len(loop.step.plans) == 2  # full batches, and the last one


def test_an_error_names_the_program_s_own_line():
    source = "import chainrule as torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(3):\n" \
        "    loss = (w * torch.ones(3)).sum()\n    loss.backward()\n"  # fmt: skip
    code, _ = turned_program(source, "program.py", scope := {})
    with pytest.raises(RuntimeError) as caught:
        exec(code, scope)
    assert {t.tb_lineno for t in tracebacks(caught.value) if t.tb_frame.f_code.co_filename == "program.py"} == {4}


def tracebacks(error):
    t = error.__traceback__
    while t:
        yield t
        t = t.tb_next


def test_what_is_not_a_function_is_refused():
    with pytest.raises(TypeError, match="expected a function"):
        torch.compile_loops(3)


BATCHES = """
import chainrule as torch
torch.manual_seed(0)
data = torch.randn(40)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

def get_batch():
    at = torch.randint(30, (6,))
    return torch.stack([data[i:i + 4] for i in at])

losses = []
for turn in range(12):
    x = get_batch()
    y = x.sum(1, keepdim=True)
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(len(losses), x.shape)
"""


def test_a_step_begins_later_where_its_first_statements_are_pythons():
    plain, turned, loops = trained(BATCHES)
    np.testing.assert_allclose(turned["losses"], plain["losses"], rtol=1e-5)
    np.testing.assert_allclose(turned["x"].numpy(), plain["x"].numpy())
    (loop,) = loops.all
    assert loop.whole
    assert loops.report() == (
        "program.py:13: compiled from line 15 on, because program.py:10: reads a number out of a tensor"
    )


def test_a_step_that_is_pythons_to_the_end_stays_as_it_was():
    source = BATCHES.replace("    loss.backward()", "    loss = loss * int(loss > 0)\n    loss.backward()")
    plain, turned, loops = trained(source)
    np.testing.assert_allclose(turned["losses"], plain["losses"], rtol=1e-5)
    (loop,) = loops.all
    assert not loop.whole and loop.begun.rest is None
    assert "reads a number out of a tensor" in loops.report()


def test_the_first_statements_are_pythons_within_a_function_and_over_a_loader():
    def build():
        torch.manual_seed(0)
        model, scale = nn.Linear(3, 1), 2.0
        data = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(6)]

        def train(optimizer):
            total = 0.0
            for x, y in data:
                weights = torch.tensor([float(v) * scale for v in y.sum(1)]).reshape(-1, 1)
                optimizer.zero_grad()
                loss = (weights * (model(x) - y) ** 2).mean()
                loss.backward()
                optimizer.step()
                total += loss.item()
            return total, weights

        return train, model

    train, model = build()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    expected = [train(optimizer) for _ in range(2)][-1]
    train, mine = build()
    turned = torch.compile_loops(train)
    optimizer = torch.optim.SGD(mine.parameters(), lr=0.01)
    found = [turned(optimizer) for _ in range(2)][-1]
    assert abs(found[0] - expected[0]) < 1e-4
    np.testing.assert_allclose(found[1].numpy(), expected[1].numpy(), rtol=1e-6)
    assert turned.loops.all[0].whole, turned.loops.report()


DEAD = """
import chainrule as torch
torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, history = torch.randn(5, 3), []
for turn in range(6):
    y = model(x)
    loss = 0
    for k in range(2):
        part = y[:, k]
        loss = loss + part.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.item())
with torch.no_grad():
    y = model(x)
for part in y:
    print(round(part.sum().item(), 3))
"""


def test_names_that_are_set_anew_before_they_are_read_are_not_given_back():
    plain, turned, loops = trained(DEAD)
    np.testing.assert_allclose(turned["history"], plain["history"], rtol=1e-5)
    np.testing.assert_allclose(turned["y"].numpy(), plain["y"].numpy(), rtol=1e-4, atol=1e-6)
    assert loops.all[0].whole, loops.report()


LIVE = [
    ("print(b)", {"b"}),
    ("b = 1\nprint(b)", set()),
    ("if c:\n    b = 1\nprint(b)", {"b"}),
    ("if c:\n    b = 1\nelse:\n    b = 2\nprint(b)", set()),
    ("for b in x:\n    pass\nprint(b)", {"b"}),
    ("with open(b) as f:\n    b = 1\nprint(b)", {"b"}),
    ("with other() as f:\n    b = 1\nprint(b)", {"b"}),
    ("with torch.no_grad():\n    b = 1\nprint(b)", set()),
    ("try:\n    b = 1\nexcept E:\n    pass\nprint(b)", {"b"}),
    ("def f():\n    return b", {"b"}),
    ("def f(b):\n    return b", set()),
    ("def f():\n    global b\n    b = b + 1", {"b"}),
    ("f = lambda: b", {"b"}),
    ("b += 1", {"b"}),
    ("del b", set()),
    ("x = [b for b in y]", set()),
]


@pytest.mark.parametrize(("after", "expected"), LIVE)
def test_which_names_are_read_afterwards(after, expected):
    tree = ast.parse(f"for i in x:\n    b = i\n{after}")
    assert live_after(tree, tree, tree.body[0].body, 1) & {"b"} == expected


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    for i in x:\n        b = i\nfinally:\n    print(b)",
        "try:\n    for i in x:\n        b = i\nexcept E:\n    print(b)",
        "for k in y:\n    for i in x:\n        b = i\nelse:\n    print(b)",
        "while k:\n    print(b)\n    for i in x:\n        b = i",
    ],
)
def test_names_are_read_by_what_stands_around_a_loop(source):
    tree = ast.parse(source)
    loop = next(n for n in ast.walk(tree) if isinstance(n, ast.For) and n.target.id == "i")
    assert "b" in live_after(tree, tree, loop.body, 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    a = 1\n    b = i\n    break", {"b"}),  # it leaves before anything sets b again
        ("    print(b)\n    b = i", {"b"}),  # in the next turn
        ("    b = i\n    if i:\n        continue\n    b = 2", {"b"}),
        ("    b = i\n    b = 2", set()),
    ],
)
def test_which_names_are_read_in_the_next_turn_or_after_a_jump(body, expected):
    tree = ast.parse(f"for i in x:\n{body}\nprint(b)")
    block = tree.body[0].body
    at = next(i for i, s in enumerate(block) if isinstance(s, ast.Assign) and s.targets[0].id == "b")
    assert live_after(tree, tree, block, at + 1) & {"b"} == expected


PIECES = """
import chainrule as torch
torch.manual_seed(0)
x, y = torch.randn(24, 3), torch.randn(24, 1)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lro)
size = 4
losses = []
for epoch in range(2):
    for i in range(0, 24, size):
        optimizer.zero_grad()
        loss = ((model(x[i:i + size]) - y[i:i + size, :]) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        print(losses[i // size:])
"""


def test_pieces_that_a_counter_cuts_out_within_an_expression():
    source = PIECES.replace("lro", "lr=0.1").replace("print(losses[i // size:])", "print(len(losses[i // size:]))")
    plain, turned, loops = trained(source)
    np.testing.assert_allclose(turned["losses"], plain["losses"], rtol=1e-5)
    assert loops.report() == "program.py:10: compiled"
