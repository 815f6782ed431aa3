"""Functions that work on entries without an op are part of the program; what they give is no constant."""

import pytest

import chainrule as torch
from chainrule.native import kernels
from chainrule.nn import functional as F

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
FUNCTIONS = {
    "argmax": lambda x: x.argmax(1),
    "argmin": lambda x: torch.argmin(x, dim=0, keepdim=True),
    "sort": lambda x: x.sort(1).values * torch.arange(3.0),
    "max along an axis": lambda x: x.max(1).values,
    "places of the largest": lambda x: x.max(1).indices,
    "topk": lambda x: x.topk(2, dim=1).values,
    "median": lambda x: x.median(),
    "one_hot": lambda x: F.one_hot(x.argmax(1), 3),
    "any": lambda x: (x > 0.5).any(1),
    "like": lambda x: torch.zeros_like(x) + x,
    "quantile": lambda x: x.quantile(0.5),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_follows_its_input(name):
    """The order of entries is the same while the step is recorded, and another one later."""
    function = FUNCTIONS[name]
    step = torch.compile(lambda x: function(x) * 1)
    x = torch.tensor([[0.1, 0.9, 0.4], [0.8, 0.2, 0.3]])
    for i in range(4):
        assert torch.equal(step(x + 0.01 * i), function(x + 0.01 * i) * 1)
    other = torch.tensor([[0.9, 0.1, 0.4], [0.3, 0.2, 0.8]])
    assert torch.allclose(step(other), function(other) * 1)


def test_a_shape_that_depends_on_values_is_left_to_eager_mode():
    step = torch.compile(lambda x: x.nonzero().sum())
    for _ in range(3):
        assert step(torch.tensor([0.0, 1.0, 1.0])).item() == 3
    assert not step.compiled
    assert "depends on values" in step.report()
    assert step(torch.tensor([1.0, 0.0, 0.0])).item() == 0


def test_rows_of_a_table_that_there_are_none_of():
    """Of numbers that the step computes, machine code finds NaN, and reads nothing beyond the table; for others eager mode's
    error is raised."""
    w = torch.randn(4, 3)
    step = torch.compile(lambda i: F.embedding(i + 0, w) * 1)
    for _ in range(3):
        step(torch.tensor([0, 3]))
    assert step.compiled
    found = step(torch.tensor([1, 99]))
    assert torch.equal(found[0], w[1])
    assert found[1].isnan().all()
