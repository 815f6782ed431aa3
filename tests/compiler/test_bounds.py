"""Compiled steps that are given classes or rows that there are none of raise the errors of eager steps."""

import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels
from chainrule.nn import functional as F
from chainrule.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")

i, y = torch.tensor([3, 1, 0, 4, 2, 1]), torch.tensor([0, 2, 1, 1, 0, 2])


def trained(loss_of):
    torch.manual_seed(0)
    model, table = nn.Linear(4, 3), nn.Embedding(5, 4)
    optimizer = torch.optim.SGD([*model.parameters(), *table.parameters()], lr=0.1)

    def step(*given):
        optimizer.zero_grad()
        loss = loss_of(model, table, *given)
        loss.backward()
        optimizer.step()
        return loss

    return step


LOSSES = {
    "cross entropy": lambda model, table, i, y: F.cross_entropy(model(table(i)), y),
    "negative log likelihood": lambda model, table, i, y: F.nll_loss(model(table(i)).log_softmax(1), y),
    "reshaped": lambda model, table, i, y: F.cross_entropy(model(table(i.view(2, 3))).view(-1, 3), y.view(2, 3).view(-1)),
    "rows": lambda model, table, i, y: (model(table.weight[i]).gather(1, y.view(-1, 1)) ** 2).mean(),
    "index_select": lambda model, table, i, y: F.cross_entropy(model(table.weight.index_select(0, i)), y),
}  # fmt: skip


def changed(x, value):
    x = x.clone()
    x[2] = value
    return x


@pytest.mark.parametrize("case", LOSSES)
@pytest.mark.parametrize("given", [(i, changed(y, 3)), (i, changed(y, -1)), (changed(i, 5), y), (changed(i, -6), y)], ids=str)
def test_the_errors_of_eager_steps(case, given):
    function = trained(LOSSES[case])
    with pytest.raises((IndexError, RuntimeError)) as expected:
        function(*given)
    step = torch.compile(trained(LOSSES[case]))
    for _ in range(4):
        step(i, y)
    assert step.compiled
    before = step.recordings
    for call in (lambda: step(*given), lambda: step.repeat(3, *given), lambda: step.epochs(2, DataLoader(TensorDataset(*given), 6))):
        with pytest.raises(expected.type) as found:
            call()
        assert str(found.value).partition("\n")[0] == str(expected.value).partition("\n")[0]
    assert torch.isfinite(step(i, y))
    assert step.recordings == before


def test_what_is_allowed_is_machine_codes():
    step = torch.compile(trained(LOSSES["cross entropy"]))
    for _ in range(4):
        step(i, y)
    step.function = None
    assert torch.isfinite(step(i, changed(y, -100)))
    step = torch.compile(trained(LOSSES["rows"]))
    for _ in range(4):
        step(i, y)
    step.function = None
    assert torch.isfinite(step(changed(i, -5), y))


def test_labels_that_the_step_finds_itself():
    labels = y.clone()
    step = torch.compile(trained(lambda model, table: F.cross_entropy(model(table(i)), labels)))
    for _ in range(4):
        step()
    assert step.compiled
    labels[0] = 3
    with pytest.raises(IndexError, match="Target 3 is out of bounds"):
        step()
    labels[0] = 1
    assert torch.isfinite(step())


def test_the_batches_before_the_wrong_one_are_trained_on():
    losses = []
    for compiled in (False, True):
        function = trained(LOSSES["cross entropy"])
        step = torch.compile(function) if compiled else function
        for _ in range(4):
            step(i[:3], y[:3])
        loader = DataLoader(TensorDataset(i, torch.tensor([0, 2, 1, 1, 9, 2])), batch_size=3)
        with pytest.raises(IndexError, match="Target 9 is out of bounds"):
            step.epochs(1, loader) if compiled else [step(*batch) for batch in loader]
        losses.append(step(i[:3], y[:3]).item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
