"""What complete programs do in their steps, each in a small one of its own: compiled whole, with the results of eager steps."""

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.native import kernels
from chainrule.nn import functional as F
from tests.compiler.test_steps_whole import compiled_alike, data, mlp, train

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
BUILDERS = {}


def builder(function):
    BUILDERS[function.__name__] = function
    return function


# ---------------------------------------------------------------------- gradients


@builder
def two_optimizers_in_turn():
    """The first backward pass adds to gradients that the second optimizer sets back and makes anew."""
    made, judge = nn.Linear(2, 2), mlp_of(2, 8, 1)
    one, two = torch.optim.Adam(made.parameters(), lr=0.01), torch.optim.Adam(judge.parameters(), lr=0.01)
    z, real = torch.randn(6, 2), torch.randn(6, 2)

    def step():
        one.zero_grad()
        found = made(z)
        loss = -judge(found).mean()
        loss.backward()
        one.step()
        two.zero_grad()
        other = judge(found.detach()).mean() - judge(real).mean()
        other.backward()
        two.step()
        return loss, other

    return step, [*made.parameters(), *judge.parameters()]


def mlp_of(*widths):
    layers = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.Tanh())]
    return nn.Sequential(*layers[:-1])


@builder
def a_loss_with_an_axis():
    w = torch.tensor([1.0], requires_grad=True)

    def step():
        loss = (2.0 * w - 4.0) * (2.0 * w - 4.0)
        loss.backward()
        w.data = w.data - 0.01 * w.grad.data
        w.grad.data.zero_()
        return loss.sum().detach()

    return step, [w]


@builder
def activations_in_place():
    model, (x, y) = nn.Sequential(nn.Linear(5, 8), nn.LeakyReLU(0.2, inplace=True), nn.Linear(8, 3)), data()
    return train(model, lambda: F.mse_loss(model(x), y))


@builder
def squared_in_place():
    model, (x, y) = mlp(), data()

    def loss():
        h = torch.sin(model(x))
        h.mul_(h)
        return F.mse_loss(h, y)

    return train(model, loss)


# ---------------------------------------------------------------------- looked up by number


@builder
def rows_and_their_classes():
    model, (x, _) = mlp(), data()
    classes, order = torch.randint(0, 3, (6,)), torch.tensor([4, 0, -1, 2])
    return train(model, lambda: F.cross_entropy(model(x[order]), classes[order]))


@builder
def two_indices():
    w, i, j = nn.Parameter(torch.randn(4, 5, 2)), torch.tensor([0, 3, 3, -1]), torch.tensor([1, -2, 1, 0])
    return train([w], lambda: (w[i, j] ** 2).mean() + w[:, j].sin().mean() + w[:, i[:3], j[:3]].mean())


@builder
def places_made_in_the_step():
    w = nn.Parameter(torch.randn(4, 3))

    def loss():
        y = torch.full((5, 3), 0.5).index_put((torch.tensor([4, 0, 1, 3]),), w)
        z = w.index_put((torch.tensor([1]), torch.tensor([2])), torch.tensor(7.0))
        return (y[torch.tensor([0, 2, 4])] ** 2).mean() + z.sin().mean() + w[torch.tensor([1, 1]), torch.tensor([0, 0])].mean()

    return train([w], loss)


@builder
def bags_of_words():
    words, i = nn.EmbeddingBag(7, 3), torch.randint(0, 7, (5, 4))
    sums = nn.EmbeddingBag(7, 3, mode="sum")
    return train([words, sums], lambda: words(i).sin().mean() + sums(i).pow(2).mean())


@builder
def packed_sequences():
    model, out, x = nn.GRU(3, 4, bidirectional=True), nn.Linear(8, 2), torch.randn(5, 3, 3)
    lengths = torch.tensor([2, 5, 3])

    def loss():
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        y, _ = nn.utils.rnn.pad_packed_sequence(model(packed)[0])
        return out(y).pow(2).mean()

    return train([model, out], loss)


# ---------------------------------------------------------------------- all of them


def made(name):
    torch.manual_seed(0)
    return BUILDERS[name]()


@pytest.mark.parametrize("name", BUILDERS)
def test_compiled_whole_is_eager(name):
    step = compiled_alike(lambda: made(name))
    assert step.compiled and step.latest.machine.whole, step.report()


# ---------------------------------------------------------------------- kinds of calls


def test_gradients_that_other_kinds_of_calls_made_are_added_to():
    """Four kinds of calls in turn, of which the last sets the gradients back."""

    def trained(compiled):
        torch.manual_seed(0)
        model, x = nn.Linear(3, 2), torch.randn(8, 3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

        def step(start):
            loss = model(x[start : start + 2]).pow(2).mean() / 4
            loss.backward()
            if start == 6:
                optimizer.step()
                optimizer.zero_grad()
            return loss

        step = torch.compile(step) if compiled else step
        losses = [step(start).item() for _ in range(6) for start in range(0, 8, 2)]
        return losses, step

    (expected, _), (found, step) = trained(False), trained(True)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert len(step.plans) == 4 and all(p.machine is not None and p.machine.whole for p in step.plans.values())


def test_gradients_are_new_tensors_where_eager_steps_make_new_ones():
    step, changed = made("two_optimizers_in_turn")
    step = torch.compile(step)
    for _ in range(4):
        step()
    held = changed[-2].grad
    before = held.numpy().copy()
    step()
    assert changed[-2].grad is not held
    assert not np.array_equal(changed[-2].grad.numpy(), before)
    assert step.compiled
    many = step.repeat(3)
    assert many is None or len(many) == 3


def test_one_call_of_many_steps_is_not_for_gradients_that_are_added_to_and_replaced():
    step, _ = made("two_optimizers_in_turn")
    step = torch.compile(step)
    for _ in range(3):
        step()
    assert step.compiled and step.latest.machine.whole and not step.latest.native()


def test_lengths_that_have_changed_are_read_again():
    torch.manual_seed(0)
    model, x, lengths = nn.RNN(3, 4), torch.randn(5, 3, 3), torch.tensor([5, 4, 2])

    @torch.compile
    def step():
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths)
        return model(packed)[0].data.detach()

    for _ in range(4):
        assert step().shape == (11, 4)
    assert step.compiled
    lengths[2] = 1
    assert step().shape == (10, 4)


def test_indices_that_are_kept_and_changed_are_seen():
    places, x = [[[[[[np.array([0, 1])]]]]]], torch.arange(4.0)  # deeper than anybody looks for tensors

    def step():
        return x[torch.from_numpy(places[0][0][0][0][0][0])] * 2

    compiled = torch.compile(step)
    for _ in range(4):
        assert compiled().tolist() == [0.0, 2.0]
    places[0][0][0][0][0][0][:] = 3
    assert compiled().tolist() == [6.0, 6.0]


@pytest.mark.parametrize("name", ["NAdam", "ASGD"])
def test_many_steps_of_optimizers_that_keep_numbers(name):
    def made():
        torch.manual_seed(0)
        model, (x, y) = mlp(), data()
        optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.05)

        def step():
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        return step, optimizer

    step, optimizer = made()
    expected = [step().item() for _ in range(90)]
    numbers = [s[n].item() for s in optimizer.state.values() for n in ("step", *optimizer.state_numbers)]
    step, optimizer = made()
    step = torch.compile(step)
    found = step.repeat(90)
    assert step.latest.native()
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-3, atol=1e-6)
    mine = [s[n].item() for s in optimizer.state.values() for n in ("step", *optimizer.state_numbers)]
    np.testing.assert_allclose(mine, numbers, rtol=1e-6)
    step.difference()
    assert [s[n].item() for s in optimizer.state.values() for n in ("step", *optimizer.state_numbers)] == mine
