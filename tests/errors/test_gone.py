"""What a node had kept is gone: overwritten (both lines are named), or freed by an earlier pass (its line is)."""

import pytest

from tests.errors.programs import says as says

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation: "
LEAF = "x = torch.ones(3, requires_grad=True)\n"

WRITTEN = {
    "an operator": (
        "y = x.exp()\nz = y * 2\ny += 1\n(z + y).sum().backward()",
        "`y` was kept by ExpBackward0 in line 2 of program.py, `y = x.exp()`, whose derivative needs it as it was; it was written "
        "over in line 4 of program.py, `y += 1`",
        "y = y + 1",
    ),
    "an index": (
        "y = torch.sigmoid(x)\ny[0] = 5.0\ny.sum().backward()",
        "`y` was kept by SigmoidBackward0 in line 2 of program.py, `y = torch.sigmoid(x)`, whose derivative needs it as it was; it "
        "was written over in line 3 of program.py, `y[0] = 5.0`",
        "y = y.clone() before it, so that the values that were kept stay",
    ),
    "a method": (
        "h = x * 2\nout = h ** 3\nh.clamp_(min=0)\nout.sum().backward()",
        "`h` was kept by PowBackward0 in line 3 of program.py, `out = h ** 3`, whose derivative needs it as it was; it was written "
        "over in line 4 of program.py, `h.clamp_(min=0)`",
        "h = h.clamp(min=0)",
    ),
    "a factor": (
        "a = x * 1\nb = a * x\nc = a / 2\na.mul_(3)\nb.sum().backward()",
        "`a` was kept by MulBackward0 in line 3 of program.py, `b = a * x`, whose derivative needs it as it was; it was written over "
        "in line 5 of program.py, `a.mul_(3)`",
        "a = a.mul(3)",
    ),
    "the input of a layer": (
        "net = nn.Linear(3, 3)\nh = torch.tanh(x)\nout = net(h)\nwith torch.no_grad():\n    h *= 0.5\nout.sum().backward()",
        "`h` was kept by ViewBackward0 in line 4 of program.py, `out = net(h)`, whose derivative needs it as it was; it was "
        "written over in line 6 of program.py, `h *= 0.5`",
        "h = h * 0.5",
    ),
    "within a module that has returned": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 3)\n"
        "    def forward(self, given):\n        h = torch.sigmoid(self.a(given))\n        h += 1\n        return h\n"
        "Net()(x).sum().backward()",
        "`h` was kept by SigmoidBackward0 in line 7 of program.py, `h = torch.sigmoid(self.a(given))`, whose derivative needs it as it "
        "was; it was written over in line 8 of program.py, `h += 1`",
        "h = h + 1",
    ),
    "a weight, by hand": (
        "y = (x ** 3).sum()\nwith torch.no_grad():\n    x -= 0.1\ny.backward()",
        "`x` was kept by PowBackward0 in line 2 of program.py, `y = (x ** 3).sum()`, whose derivative needs it as it was; it was "
        "written over in line 4 of program.py, `x -= 0.1`",
        "x = x - 0.1",
    ),
    "a weight, by an optimizer": (
        "critic = nn.Linear(3, 1)\nopt = torch.optim.SGD(critic.parameters(), lr=0.1)\nfirst, second = critic(x * 1).sum(), critic(x * 2).sum()\n"
        "first.backward()\nopt.step()\nsecond.backward()",
        "whose derivative needs it as it was; an optimizer changed it since: line 6 of program.py, `opt.step()`",
        "call backward() on all losses that use the weight before the step(), or compute the loss again after it",
    ),
}


@pytest.mark.parametrize(("source", "why", "instead"), WRITTEN.values(), ids=WRITTEN)
def test_both_lines_are_named(source, why, instead, says):
    text = says(LEAF + source)
    assert text.startswith(MODIFIED), text
    assert why in text
    assert text.endswith(f"\n  instead: {instead}\n  (E003: chainrule why E003)")


def test_a_mended_program_runs(says):
    for source in ("y = x.exp()\ny = y + 1\ny.sum().backward()", "y = x * 2\ny += 1\ny.sum().backward()"):
        assert says(LEAF + source) == ""


def test_a_step_by_hand_remembers_no_line():
    """In a usual training loop nobody holds the old weights any more, and then no line is worth remembering."""
    import chainrule as torch

    w = torch.tensor(1.0, requires_grad=True)
    for _ in range(2):
        loss = (w * 3.0) ** 2
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad.zero_()
    assert w.version == [2] and len(w.grad.version) == 1


TWICE = "Trying to backward through the graph a second time"


def test_the_first_pass_is_named(says):
    text = says(LEAF + "loss = (x ** 2).sum()\nloss.backward()\nloss.backward()")
    assert text.startswith(TWICE)
    assert "were freed by the first backward pass, line 3 of program.py, `loss.backward()`\n" in text
    assert "instead: compute the loss again before the second backward, or call the first one as backward(retain_graph=True)" in text
    assert text.endswith("(E002: chainrule why E002)")


def test_what_is_carried_from_turn_to_turn(says):
    text = says("rnn, h = nn.RNN(2, 3), torch.zeros(1, 1, 3)\nfor _ in range(2):\n    out, h = rnn(torch.ones(4, 1, 2), h)\n    out.sum().backward()")
    assert text.startswith(TWICE)
    assert "line 4 of program.py, `out.sum().backward()`, in an earlier turn of the loop" in text
    assert "earlier turn of the loop. `h` of that turn is used again in this one\n" in text
    assert "instead: h = h.detach() at the end of the turn, or compute it within the turn" in text


@pytest.mark.parametrize(
    ("program", "instead"),
    [
        ("state = w * 1\nfor _ in range(2):\n    state = state * 2\n    state.backward()", "state = state.detach() at the end"),
        ("total = 0.0\nfor _ in range(2):\n    total += w ** 2\n    total.backward()", "total = total.detach() at the end"),
        (
            "rnn, h = nn.LSTM(1, 1), None\nfor _ in range(2):\n    y, h = rnn(torch.ones(2, 1, 1), h)\n    y.sum().backward()",
            "h = tuple(part.detach() for part in h) at the end",
        ),
        ("y = w ** 2\nfor _ in range(2):\n    loss = y * 3\n    loss.backward()", "compute `y` within the turn"),
    ],
)
def test_the_variable_that_is_carried_is_named(says, program, instead):
    assert f"instead: {instead}" in says("w = torch.tensor(1.0, requires_grad=True)\n" + program)


def test_a_weight_written_while_recording_is_told_its_own_line(says):
    text = says(LEAF + "x -= 0.1 * x")
    assert text.startswith("a leaf Variable that requires grad is being used in an in-place operation.")
    assert "instead: with torch.no_grad(): x -= 0.1 * x " in text and text.endswith("(E004: chainrule why E004)")
