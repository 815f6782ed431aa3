"""Why a tensor has no history: which line cut it, and what to write there. Each case is a program that ends in the error."""

import pytest

import chainrule
from tests.errors.programs import says as says

WHAT = "element 0 of tensors does not require grad and does not have a grad_fn"
MODEL = "model, x, y = nn.Linear(3, 1), torch.ones(4, 3), torch.ones(4, 1)\n"

CUTS = {
    "detach": (
        "pred = model(x).detach()\nloss = F.mse_loss(pred, y)\nloss.backward()",
        "detach() gives the same numbers without their history: line 2 of program.py, `pred = model(x).detach()`",
        "pred = model(x)",
    ),
    "data": (
        "outs = []\nfor _ in range(2):\n    outs.append(model(x).data)\ntorch.stack(outs).mean().backward()",
        ".data gives the same numbers without their history: line 4 of program.py, `outs.append(model(x).data)`",
        "outs.append(model(x))",
    ),
    "item": (
        "total = 0\nfor _ in range(2):\n    total += model(x).mean().item()\ntorch.tensor(total).backward()",
        "item() gives a Python number, which has no history: line 4 of program.py, `total += model(x).mean().item()`",
        "total += model(x).mean()",
    ),
    "numpy": (
        "p = model(x).detach().numpy()\nloss = torch.from_numpy(p ** 2).mean()\nloss.backward()",
        "line 2 of program.py, `p = model(x).detach().numpy()`",
        "the same computation with torch's functions",
    ),
    "a copy": (
        "losses = [model(x).mean(), model(y * x).mean()]\nloss = torch.tensor(losses).sum()\nloss.backward()",
        "tensor() copies the numbers only: line 3 of program.py, `loss = torch.tensor(losses).sum()`",
        "the tensor itself (torch.stack(…) for a list of them)",
    ),
    "no_grad around it": (
        "with torch.no_grad():\n    pred = model(x)\nloss = F.mse_loss(pred, y)\nloss.backward()",
        "line 3 of program.py, `pred = model(x)`, is inside the `with torch.no_grad()` of line 2, where nothing is recorded",
        "move line 3 out of the block",
    ),
    "a function decorated with no_grad": (
        "@torch.no_grad()\ndef predict(m, given):\n    return m(given)\nloss = predict(model, x).sum()\nloss.backward()",
        "line 4 of program.py, `return m(given)`, is inside the function decorated with `@torch.no_grad()` of line 2",
        "call a function without that decorator where gradients are wanted",
    ),
    "inside of no_grad": (
        "with torch.no_grad():\n    loss = model(x).sum()\n    loss.backward()",
        "gradients are switched off here (torch.no_grad or inference_mode), since line 2 of program.py, `with torch.no_grad():`",
        "call it outside of that block",
    ),
    "argmax": (
        "labels = torch.zeros(4).long()\nerror = 1 - (model(x).argmax(1) == labels).float().mean()\nerror.backward()",
        "argmax gives positions: whole numbers, which do not change by a little: line 3 of program.py",
        "a loss of the scores themselves, such as F.cross_entropy(scores, target)",
    ),
    "a comparison": (
        "right = (model(x) > 0.5).float().mean()\nright.backward()",
        "a comparison gives truth values, which have no derivative: line 2 of program.py",
        "a loss of the scores: accuracy can be reported, not differentiated",
    ),
    "a forward that detaches": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 1)\n"
        "    def forward(self, given):\n        return self.a(given).detach()\nnet = Net()\nF.mse_loss(net(x), y).backward()",
        "detach() gives the same numbers without their history: line 7 of program.py, `return self.a(given).detach()`",
        "return self.a(given)",
    ),
    "a weight rebound": (
        "w = torch.tensor(1.0, requires_grad=True)\nfor _ in range(2):\n    loss = ((w * x - y) ** 2).mean()\n    loss.backward()\n"
        "    with torch.no_grad():\n        w = w - 0.1 * w.grad",
        "`w` is no longer the tensor that gradients were asked for: line 7 of program.py, `w = w - 0.1 * w.grad`",
        "with torch.no_grad(): w -= 0.1 * w.grad",
    ),
    "frozen": (
        "for p in model.parameters():\n    p.requires_grad = False\nloss = F.mse_loss(model(x), y)\nloss.backward()",
        "all 2 parameters of `model` have requires_grad=False: line 3 of program.py, `p.requires_grad = False`",
        "model.requires_grad_(True), or leave the layers that are to be trained unfrozen",
    ),
    "never asked": (
        "w = torch.tensor(1.0)\npred = w * x\nloss = ((pred - y) ** 2).mean()\nloss.backward()",
        "`w` comes from line 2 of program.py, `w = torch.tensor(1.0)`",
        "w = torch.tensor(1.0, requires_grad=True)",
    ),
    "the second of a pair": (
        "_, best = torch.max(model(x), 1)\nloss = best.float().mean()\nloss.backward()",
        "the second of what max gives are positions: whole numbers, which do not change by a little: line 2 of program.py",
        "the first, the values; or a loss of the scores themselves, such as F.cross_entropy(scores, target)",
    ),
    "a conversion": (
        "loss = model(x).to(torch.int64).float().mean()\nloss.backward()",
        "whole numbers have no derivative: line 2 of program.py",
        "float() if a dtype must change",
    ),
    "a call over several lines": (
        "loss = (\n    model(x)\n    .detach()\n    .mean()\n)\nloss.backward()",
        "detach() gives the same numbers without their history: line 4 of program.py, `.detach()`",
        "loss = model(x).mean()",
    ),
    "an entry of a dict": (
        "out = {'pred': model(x).detach()}\nloss = out['pred'].mean()\nloss.backward()",
        "line 2 of program.py, `out = {'pred': model(x).detach()}`",
        "out = {'pred': model(x)}",
    ),
    "a trainer of one's own": (
        "class Trainer:\n    def __init__(self):\n        self.net = nn.Linear(3, 1)\n    def loss(self, given):\n"
        "        with torch.inference_mode():\n            out = self.net(given)\n        return out.mean()\n"
        "    def step(self, given):\n        loss = self.loss(given)\n        loss.backward()\nTrainer().step(x)",
        "line 7 of program.py, `out = self.net(given)`, is inside the `with torch.inference_mode()` of line 6",
        "move line 7 out of the block",
    ),
    "a frozen cell beside a detach that is right": (
        "cell, h = nn.RNN(2, 3).requires_grad_(False), torch.zeros(1, 1, 3)\nfor _ in range(2):\n    h = h.detach()\n"
        "    out, h = cell(torch.ones(4, 1, 2), h)\n    out.mean().backward()",
        "all 4 parameters of `cell` have requires_grad=False: line 2 of program.py",
        "cell.requires_grad_(True)",
    ),
    "a frozen parameter": (
        "w, other = nn.Parameter(torch.ones(3), requires_grad=False), 1\nother_one = nn.Linear(1, 1)\n(w * 2).sum().backward()",
        "the parameter `w` has requires_grad=False: line 2 of program.py",
        "w.requires_grad_(True)",
    ),
    "integers": (
        "k = torch.tensor([1, 2])\nk.sum().backward()",
        "`k.sum()` holds torch.int64, and integers have no derivative",
        "k = k.float() before the computation",
    ),
    "an argument of a function": (
        "def train(net, given):\n    loss = net(given).mean()\n    loss.backward()\ntrain(lambda t: t * 2.0, model(x).detach())",
        "detach() gives the same numbers without their history: line 5 of program.py",
        "",
    ),
}


@pytest.mark.parametrize(("source", "why", "instead"), CUTS.values(), ids=CUTS)
def test_the_line_that_cut_it(source, why, instead, says):
    text = says(MODEL + source)
    assert text.startswith(WHAT + "\n  why: "), text
    assert why in text
    assert f"\n  instead: {instead}" in text
    assert text.endswith("\n  (E001: chainrule why E001)")


def test_what_is_detached_for_good_reason_is_not_blamed(says):
    text = says(MODEL + "target = torch.ones(4, 1).detach()\nw = torch.tensor(1.0)\nloss = ((w * x - target) ** 2).mean()\nloss.backward()")
    assert "detach()" not in text and "`w` comes from line 3" in text


def test_autograd_grad_says_it_too(says):
    text = says("u = torch.ones(3)\ntorch.autograd.grad((u ** 2).sum(), u)")
    assert text == (
        "One of the differentiated Tensors does not require grad\n"
        "  why: `u` does not ask for gradients: line 1 of program.py, `u = torch.ones(3)`\n"
        "  instead: u = torch.ones(3, requires_grad=True)\n  (E001: chainrule why E001)"
    )


def test_a_remembered_cut_is_named_where_there_is_no_source():
    scope = {"w": chainrule.tensor(1.0, requires_grad=True)}
    with pytest.raises(RuntimeError) as error:
        exec("(w * 2).detach().backward()", scope)
    assert str(error.value).startswith(WHAT + "\n  why: detach() gives the same numbers without their history: line 1 of <string>")


def test_where_nothing_is_known_the_usual_causes_are_listed():
    with pytest.raises(RuntimeError) as error:
        exec("w = ones(2); w.sum().backward()", {"ones": chainrule.ones})
    assert "none of the tensors it was computed from has requires_grad=True, or the history was cut" in str(error.value)


def test_set_grad_enabled_is_remembered(says):
    text = says(MODEL + "torch.set_grad_enabled(False)\ntry:\n    model(x).sum().backward()\nfinally:\n    torch.set_grad_enabled(True)")
    assert "since line 2 of program.py, `torch.set_grad_enabled(False)`" in text


# ---------------------------------------------------------------------- requires_grad on a result, .grad of a result


def test_asking_gradients_of_a_loss_trains_nothing(says):
    text = says(MODEL + "loss = F.mse_loss(model(x).detach(), y)\nloss.requires_grad = True\nloss.backward()\nassert loss.grad == 1")
    assert text.startswith("requires_grad was set on a result, which has no history: backward() fills its own .grad and reaches nothing")
    assert "why: detach() gives the same numbers without their history: line 2 of program.py" in text
    assert "instead: loss = F.mse_loss(model(x), y)" in text


@pytest.mark.parametrize(
    "source",
    [
        "w = torch.randn(()) * 0.1\nw.requires_grad_()\nw.backward()",
        "w = torch.tensor(1.0)\nw.requires_grad = True\nw.backward()",
        "w = torch.tensor(1.0, requires_grad=True)\nw.backward()",
        "w = nn.Parameter(torch.zeros(()))\nw.backward()",
        "x = torch.tensor(1.0, requires_grad=True)\ny = torch.conj(x)\nif y.requires_grad:\n    y.backward()",
    ],
)
def test_a_leaf_of_ones_own_is_no_mistake(source, says):
    assert says(source) == ""


def test_grad_of_a_result_names_the_line_that_made_it(says):
    text = says(MODEL + "h = model(x)\nh.sum().backward()\nassert h.grad is None")
    assert text.startswith("The .grad attribute of a Tensor that is not a leaf Tensor is being accessed.")
    assert "why: it was made in line 2 of program.py, `h = model(x)`" in text


def test_a_weight_that_is_a_result_is_told_how_to_be_a_leaf(says):
    text = says("w = torch.ones(2, requires_grad=True) * 0.5\n(w ** 2).sum().backward()\nw.grad")
    assert "instead: w = (torch.ones(2) * 0.5).requires_grad_(): ask for gradients last" in text


def test_copies_of_a_detached_tensor_carry_no_code(tmp_path):
    import copy
    import pickle

    w = chainrule.tensor([1.0, 2.0], requires_grad=True)
    cut = (w * 2).detach()
    assert cut.cut is not None
    for again in (copy.copy(cut), copy.deepcopy(cut), pickle.loads(pickle.dumps(cut))):
        assert again.tolist() == [2.0, 4.0] and again.cut is None
