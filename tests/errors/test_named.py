"""Errors of shapes, dtypes and labels name the module, the argument, the axes, the line, the places; and the likely mend."""

import pytest

from tests.errors.programs import says as says

NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(9, 2))
    def forward(self, x):
        return self.layers(x)
net = Net()
"""

SAID = {
    "a module within a module": (
        NET + "net(torch.zeros(3, 4))",
        "where: net.layers.2 (Linear)",
        "the input has shape [3, 8] (samples, features): 8 features; the weight has shape [2, 9] (out_features, in_features): it takes 9",
        "instead: nn.Linear(in_features=8, out_features=2)",
    ),
    "images that were not flattened": (
        "images, fc = torch.zeros(2, 1, 28, 28), nn.Linear(784, 10)\nfc(images)",
        "where: fc (Linear)", "the input `images` has shape [2, 1, 28, 28]", "instead: flatten each sample first: images.flatten(1) has 784",
    ),
    "a transposed input": ("x, fc = torch.zeros(3, 5), nn.Linear(3, 2)\nfc(x)", "instead: pass x.T (shape [5, 3]), or nn.Linear(5, 2)"),
    "a product of matrices": (
        "a, weights = torch.zeros(2, 3), torch.zeros(2, 3)\na @ weights",
        "each row of the first, `a` of shape [2, 3], has 3 entries, each column of the second, `weights` of shape [2, 3], 2",
        "instead: a @ weights.T",
    ),
    "broadcasting": (
        "pred, y = torch.zeros(4, 3), torch.zeros(4)\n(pred - y) ** 2",
        "shapes [4, 3] (`pred`) and [4] (`y`) are aligned at their last axis, and there 3 meets 4", "instead: make y a column: y.unsqueeze(1)",
    ),
    "broadcasting an expression": (
        "pred, y = torch.zeros(4, 3), torch.zeros(4)\npred * (y + 1)", "[4] (`y + 1`)", "make (y + 1) a column: (y + 1).unsqueeze(1)",
    ),
    "an update": ("w, step = torch.zeros(3), torch.zeros(4)\nw -= step", "shapes [3] (`w`) and [4] (`step`)"),
    "float64 out of NumPy": (
        "data = np.ones((5, 3))\nx = torch.from_numpy(data)\nnet = nn.Sequential(nn.Linear(3, 1))\nnet(x)",
        "where: net.0 (Linear)", "`x` is float64 since line 1 of program.py, `data = np.ones((5, 3))`", "instead: x.to(torch.float32)",
    ),
    "float64 in a product": (
        "w, x = torch.zeros(3), torch.tensor(np.ones((2, 3)))\nx @ w",
        "`x` is float64 since line 1 of program.py", "instead: convert the torch.float64 one: x.to(torch.float32)",
    ),
    "integers given to a layer": ("fc = nn.Linear(3, 1)\nfc(torch.tensor([[1, 2, 3]]))", "where: fc (Linear)", "the input holds torch.int64"),
    "channels": ("conv = nn.Conv2d(3, 4, 3)\nconv(torch.zeros(2, 1, 8, 8))", "where: conv (Conv2d)", "in_channels=1"),
    "labels from 1": (
        "F.cross_entropy(torch.zeros(4, 3), torch.tensor([1, 2, 3, 1]))",
        "3 scores for each sample, so classes are 0 … 2; target[2] = 3", "instead: target - 1: these are numbered from 1",
    ),
    "labels without outputs": (
        "criterion = nn.CrossEntropyLoss()\ncriterion(torch.zeros(6, 3), torch.tensor([0, 9, 3, 4, 5, 6]))",
        "where: criterion (CrossEntropyLoss)", "target[1] = 9, target[2] = 3, target[3] = 4, target[4] = 5 and 1 more", "an output layer with 10",
    ),
    "labels that do not count": ("F.nll_loss(torch.zeros(2, 3), torch.tensor([0, -1]))", "target[1] = -1", "ignore_index=-1"),
    "float labels": ("F.cross_entropy(torch.zeros(3, 4), torch.tensor([0., 1., 2.]))", "each target is the index of a class", "target.long()"),
    "rows of an embedding": ("words = nn.Embedding(3, 4)\nwords(torch.tensor([[0, 1], [2, 3]]))", "the input holds 3 at [1, 1]", "nn.Embedding(4, …)"),
    "joining": ("torch.cat([torch.zeros(2, 3), torch.zeros(2, 4)])", "the shapes are [2, 3] and [2, 4]", "torch.cat([...], dim=1)"),
    "a view": ("torch.zeros(4, 6).view(4, 5)", "the new shape holds 20 entries, the tensor 24", "instead: x.reshape(4, -1), which has 6 there"),
    "a target of another shape": ("F.mse_loss(torch.zeros(4, 1), torch.zeros(4))", "every prediction is compared with every target"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "parts"), [(s, p) for s, *p in SAID.values()], ids=SAID)
def test_what_is_said(source, parts, says):
    text = says(source)
    for part in parts:
        assert part in text, text


def test_a_module_that_is_an_attribute(says):
    text = says("class Trainer:\n    def run(self):\n        self.model(torch.zeros(2, 4))\nt = Trainer()\nt.model = nn.Linear(3, 1)\nt.run()")
    assert "where: self.model (Linear)" in text


def test_outside_of_modules_there_is_no_where(says):
    assert "where:" not in says("torch.zeros(2, 3) @ torch.zeros(2, 3)")


def test_an_explanation_that_fails_leaves_the_error_as_it_is(says):
    text = says(
        "class Odd:\n    def __getattr__(self, name):\n        raise ValueError(name)\n"
        "odd = Odd()\ndef f(self):\n    a, b = torch.zeros(3), torch.zeros(4)\n    return a + b\nf(odd)"
    )
    assert text.startswith("The size of tensor a (3) must match the size of tensor b (4)")
