"""`Step.epochs` gives what a plain loop over the loader gives, and leaves the generators where that leaves them."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels
from chainrule.utils.data import DataLoader, Dataset, Subset, TensorDataset

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
ROWS = 23


def regression():
    return TensorDataset(torch.randn(ROWS, 4), torch.randn(ROWS, 2)), nn.MSELoss()


def classification():
    return TensorDataset(torch.randn(4, ROWS).T, torch.randint(0, 2, (ROWS,))), nn.CrossEntropyLoss()


def part():
    data, loss = regression()
    return Subset(data, [3, 5, -1, 7, 0, 22, 11, 2]), loss


def part_of_part():
    data, loss = part()
    return Subset(data, [1, 0, 5, 3, 2]), loss


DATA = {"regression": regression, "classification": classification, "subset": part, "subset of a subset": part_of_part}
LOADERS = {
    "in order": lambda data: DataLoader(data, batch_size=5),
    "shuffled": lambda data: DataLoader(data, batch_size=5, shuffle=True),
    "whole batches": lambda data: DataLoader(data, batch_size=4, shuffle=True, drop_last=True),
    "larger than the data": lambda data: DataLoader(data, batch_size=64, shuffle=True),
    "own generator": lambda data: DataLoader(data, batch_size=5, shuffle=True, generator=torch.Generator().manual_seed(5)),
    "the default generator": lambda data: DataLoader(data, batch_size=5, shuffle=True, generator=torch.default_generator),
    "replacement": lambda data: DataLoader(
        data, batch_size=5, sampler=torch.utils.data.RandomSampler(data, replacement=True, num_samples=40)
    ),
    "twice around": lambda data: DataLoader(
        data, batch_size=6, sampler=torch.utils.data.RandomSampler(data, num_samples=2 * len(data) + 1)
    ),
    "random subset": lambda data: DataLoader(data, batch_size=2, sampler=torch.utils.data.SubsetRandomSampler([0, 4, 2, 1, 3])),
    "weighted": lambda data: DataLoader(data, batch_size=3, sampler=torch.utils.data.WeightedRandomSampler([1.0, 2.0, 3.0], 8)),
    "list": lambda data: DataLoader(data, batch_size=2, sampler=[4, -1, 0, 0, 3]),
    "workers": lambda data: DataLoader(data, batch_size=5, shuffle=True, num_workers=2),
    "collate_fn": lambda data: DataLoader(data, batch_size=5, shuffle=True, collate_fn=collated),
    "no batches": lambda data: DataLoader(data, batch_size=None, sampler=[[0, 1], [2, 3]]),
}  # fmt: skip


def collated(items):
    return torch.stack([x for x, _ in items]), torch.stack([y for _, y in items])


def trained(data="regression", loader="shuffled", optimizer=torch.optim.Adam):
    torch.manual_seed(0)
    rows, loss_function = DATA[data]()
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
    made = optimizer(model.parameters(), lr=0.05)

    def step(x, y):
        made.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        made.step()
        return loss

    return step, LOADERS[loader](rows), model


def compared(epochs, **case):
    """The losses both ways, and that parameters and generators agree afterwards."""
    step, loader, model = trained(**case)
    expected = [[step(*batch).item() for batch in loader] for _ in range(epochs)]
    after = torch.get_rng_state(), loader.generator and loader.generator.get_state()
    step, loader, twin = trained(**case)
    step = torch.compile(step)
    found = step.epochs(epochs, loader)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4)
    for a, b in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(b.detach().numpy(), a.detach().numpy(), rtol=1e-3, atol=1e-5)
    assert torch.equal(torch.get_rng_state(), after[0])
    assert loader.generator is None or torch.equal(loader.generator.get_state(), after[1])
    return step


@pytest.mark.parametrize("loader", LOADERS)
def test_same_as_a_plain_loop(loader):
    assert compared(6, loader=loader).compiled


@pytest.mark.parametrize("data", DATA)
def test_same_for_each_kind_of_data(data):
    step = compared(6, data=data)
    assert step.compiled
    assert "epochs()" not in step.report()


def test_epochs_are_calls_of_machine_code(monkeypatch):
    step, loader, _ = trained()
    step = torch.compile(step)
    step.epochs(3, loader)
    monkeypatch.setattr(step, "taken", None)  # by which Python takes a step
    assert step.epochs(2, loader).shape == (2, 5)


def test_a_rate_changed_between_epochs_is_used():
    step, loader, _ = trained(optimizer=torch.optim.SGD)
    optimizer = step.__closure__[step.__code__.co_freevars.index("made")].cell_contents
    step = torch.compile(step)
    step.epochs(3, loader)
    optimizer.param_groups[0]["lr"] = 0.0
    before = step.epochs(2, DataLoader(loader.dataset, batch_size=5))
    assert torch.equal(before[0], before[1])


class Doubled(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        x, y = self.rows[i]
        return 2 * x, y


@pytest.mark.parametrize(
    "loader, why",
    [
        (lambda rows: DataLoader(rows, collate_fn=collated, batch_size=5), "its collate_fn is Python's"),
        (lambda rows: DataLoader(Doubled(rows), batch_size=5), "its dataset, a Doubled, is no TensorDataset"),
        (lambda rows: DataLoader(rows, batch_sampler=[[0, 1], [2, 3]]), "its batch_sampler is Python's"),
        (lambda rows: DataLoader(rows, batch_size=2, sampler={1: 0, 2: 0}), "its sampler, a dict, is Python's"),
        (lambda rows: [rows[0:5], rows[5:10]], "a list makes its batches itself"),
    ],
)
def test_says_why_python_hands_over_the_batches(loader, why):
    step, given, _ = trained()
    loader = loader(given.dataset)
    expected = [[step(*batch).item() for batch in loader] for _ in range(4)]
    step, _, _ = trained()
    step = torch.compile(step)
    np.testing.assert_allclose(step.epochs(4, loader).numpy(), expected, rtol=1e-4)
    assert why in step.report()


def test_a_step_of_one_tensor_and_what_is_no_number():
    seen = []
    loader = DataLoader(TensorDataset(torch.arange(5.0)), batch_size=2)
    total = torch.compile(lambda x: x.sum())
    assert total.epochs(4, loader).tolist() == [[1.0, 5.0, 4.0]] * 4
    assert torch.compile(lambda x: seen.append(x.tolist())).epochs(2, loader) is None
    assert seen == [[0.0, 1.0], [2.0, 3.0], [4.0]] * 2


def test_epochs_of_different_lengths_are_one_row():
    class Growing:
        turns = 0

        def __iter__(self):
            self.turns += 1
            return iter([(torch.ones(2),)] * self.turns)

    assert torch.compile(lambda x: x.sum()).epochs(3, Growing()).tolist() == [2.0] * 6


def test_of_several_results_the_first_is_kept():
    loader = DataLoader(TensorDataset(torch.arange(6.0)), batch_size=2)
    both = torch.compile(lambda x: (x.sum(), x + 1))
    assert both.epochs(4, loader).tolist() == [[1.0, 5.0, 9.0]] * 4
    assert both.latest.native()


def test_losses_keep_their_dtype():
    loader = DataLoader(TensorDataset(torch.arange(6, dtype=torch.float64)), batch_size=2)
    third = torch.compile(lambda x: x.sum() / 3)
    for _ in range(3):
        found = third.epochs(2, loader)
    assert third.compiled
    assert found.tolist() == [[1 / 3, 5 / 3, 3.0]] * 2


def test_repeat_of_what_gives_no_number_gives_nothing():
    x = torch.zeros(2)

    @torch.compile
    def step():
        with torch.no_grad():
            x.add_(1)

    for _ in range(4):
        step()
    assert step.compiled
    assert step.repeat(3) is None
    assert x.tolist() == [7.0, 7.0]


def test_an_index_that_is_not_there():
    step, loader, _ = trained()
    step = torch.compile(step)
    step.epochs(3, loader)
    with pytest.raises(IndexError, match="index 23 is out of bounds for axis 0 with size 23"):
        step.epochs(1, DataLoader(loader.dataset, batch_size=5, sampler=[0, 1, 2, 3, 23]))
    with pytest.raises(IndexError, match="only integers are valid indices"):
        step.epochs(1, DataLoader(loader.dataset, batch_size=5, sampler=[0.0, 1.0, 2.0, 3.0, 4.0]))


@pytest.mark.parametrize("n", [-1, 1.5, True, None])
def test_the_number_of_epochs_is_checked(n):
    with pytest.raises(ValueError, match="the number of epochs is an integer from 0 on"):
        torch.compile(lambda x: x.sum()).epochs(n, [])


def test_a_loader_where_a_number_belongs():
    with pytest.raises(ValueError, match=r"epochs\(n, loader\) takes a step on each batch"):
        torch.compile(lambda x: x.sum()).repeat([torch.ones(1)])


def test_no_epochs():
    assert torch.compile(lambda x: x.sum()).epochs(0, []).shape == (0,)


def test_what_gives_no_batches_is_refused():
    step = torch.compile(lambda x: x.sum())
    with pytest.raises(TypeError, match=r"epochs\(\): a int gives no batches; pass a DataLoader"):
        step.epochs(1, 5)
    assert "epochs" not in step.report()
