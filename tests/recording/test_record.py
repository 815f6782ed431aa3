"""`chainrule.record`: what is kept of a loop, whoever wrote it, and that nothing stays behind."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.data.loader import DataLoader
from chainrule.data.sampler import BatchSampler
from chainrule.graph import backward as engine
from chainrule.optim import step_hooks
from chainrule.tensors import autograd


def perceptron(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, 20), torch.nn.ReLU(), torch.nn.Linear(20, 1))


def batches(batch_size=4, shuffle=True):
    x = torch.arange(36.0).reshape(12, 3) / 36
    data = torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True))
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle)


def train(model, optimizer, loader, epochs=2):
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()


def test_the_documents_loop():
    x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses, states, gradients = [], [], []
    with torch.record() as run:
        for _ in range(5):
            loss = torch.nn.functional.mse_loss(model(x), 2 * x)
            loss.backward()
            states.append({name: p.detach().clone() for name, p in model.named_parameters()})
            gradients.append(model.weight.grad.clone())
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    assert run.losses == losses
    assert [step.number for step in run.steps] == [1, 2, 3, 4, 5]
    assert all(step.rates == [0.01] for step in run.steps)
    for i, step in enumerate(run.steps):
        assert set(step.parameters) == {"weight", "bias"}
        weight = step.parameters["weight"]
        assert torch.equal(weight.value, states[i]["weight"])
        assert torch.equal(weight.gradient, gradients[i])
        if i < 4:
            assert torch.equal(weight.after, states[i + 1]["weight"])
        assert torch.equal(weight.update, weight.after - weight.value)
    assert run.ended == "complete"


def test_a_loop_without_an_optimizer():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.record() as run:
        for _ in range(3):
            (w * w).sum().backward()
            with torch.no_grad():
                w -= 0.25 * w.grad
            w.grad = None
    assert run.losses == [5.0, 1.25, 0.3125]
    step = run.steps[2].parameters["w"]
    assert step.value.tolist() == [0.25, 0.5]
    assert step.gradient.tolist() == [0.5, 1.0]
    assert step.update.tolist() == [-0.125, -0.25]


@pytest.mark.parametrize("every", [1, 2])
def test_batches_and_accumulated_gradients_of_a_loop_without_an_optimizer(every):
    """Two passes to a step: a batch belongs to the step that its pass belongs to, though an update shows only later."""
    w = torch.zeros(3, 1, requires_grad=True)
    gradients = []
    with torch.record(every=every) as run:
        for i, (x, y) in enumerate(batches(batch_size=2, shuffle=False)):
            torch.nn.functional.mse_loss(x @ w, y).backward()
            if i % 2:
                gradients.append(w.grad.tolist())
                with torch.no_grad():
                    w -= 0.01 * w.grad
                w.grad = None
    assert run.numbers == list(range(1, 4, every)) and run.length == 3
    assert [step.rows for step in run.steps] == [[str(4 * i + j) for j in range(4)] for i in range(0, 3, every)]
    assert [step.parameters["w"].gradient.tolist() for step in run.steps] == gradients[::every]
    assert all(len(step.graph) == 4 for step in run.steps)


def test_gradients_asked_for_and_updates_made_by_hand():
    w = torch.tensor(3.0, requires_grad=True)
    with torch.record() as run:
        for _ in range(2):
            (g,) = torch.autograd.grad(w * w, w)
            with torch.no_grad():
                w -= 0.25 * g
    assert run.losses == [9.0, 2.25]
    assert run.steps[0].parameters["w"].gradient.item() == 6.0


def test_several_backward_passes_make_one_step():
    model, x = perceptron(), torch.ones(2, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with torch.record(model=model) as run:
        for _ in range(2):
            model(x).sum().backward()
        last = (2 * model(x)).sum()
        last.backward()
        optimizer.step()
    assert len(run) == 1
    assert run.losses == [last.item()]
    assert [line.partition("(")[0] for line in run.steps[0].graph].count("Relu") == 3


def test_large_parameters_are_told_by_summaries():
    model = torch.nn.Linear(50, 4)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    before = model.weight.numpy(force=True).copy()
    with torch.record(model=model) as run:
        model(torch.ones(2, 50)).sum().backward()
        optimizer.step()
    weight = run.steps[0].parameters["weight"]
    after = model.weight.numpy(force=True)
    summary = weight.summaries["value"]
    assert summary.norm == pytest.approx(np.linalg.norm(before.astype(float)))
    assert (summary.mean, summary.min, summary.max) == (
        pytest.approx(before.astype(float).mean()), before.min(), before.max(),
    )  # fmt: skip
    assert weight.summaries["update"].norm == pytest.approx(np.linalg.norm(after.astype(float) - before), rel=1e-6)
    with pytest.raises(ValueError, match=r"the entries of weight at step 1 were not kept\n  why: it has 200 of them"):
        weight.gradient  # noqa: B018
    assert run.steps[0].parameters["bias"].gradient.tolist() == [2.0] * 4


def test_which_rows_made_a_batch():
    model = perceptron()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with torch.record(model=model) as run:  # the optimizer is met at its first step: what was noted until then is its
        train(model, optimizer, batches(shuffle=False), epochs=1)
    assert [step.rows for step in run.steps] == [[str(i) for i in range(s, s + 4)] for s in (0, 4, 8)]
    assert len({step.facts["batch"] for step in run.steps}) == 3


def test_every_second_step():
    model = perceptron()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with torch.record(model=model) as whole:
        train(model, optimizer, batches())
    model = perceptron()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with torch.record(model=model, every=2) as half:
        train(model, optimizer, batches())
    assert half.numbers == [1, 3, 5]
    assert half.losses == whole.losses[::2]
    assert [s.facts["batch"] for s in half.steps] == [s.facts["batch"] for s in whole.steps[::2]]


def test_an_optimizer_that_evaluates_the_loss_itself():
    w = torch.tensor([3.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([w], lr=0.5, max_iter=1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with torch.record() as run:
        optimizer.step(closure)
    assert run.losses == [9.0]
    assert run.steps[0].parameters["w"].value.item() == 3.0


def test_only_the_steps_of_the_optimizer_that_is_named():
    a, b = (torch.tensor(1.0, requires_grad=True) for _ in range(2))
    first, second = torch.optim.SGD([a], lr=0.1), torch.optim.SGD([b], lr=0.1)
    with torch.record(optimizer=second) as run:
        (a * b).backward()
        first.step()
        second.step()
    assert [list(step.parameters) for step in run.steps] == [["b"]]


def test_the_names_of_two_networks():
    def network():
        return torch.nn.Sequential(torch.nn.Linear(1, 1))

    actor, critic = network(), network()
    optimizer = torch.optim.SGD([*actor.parameters(), *critic.parameters()], lr=0.1)
    with torch.record() as run:
        (actor(torch.ones(1)) + critic(torch.ones(1))).sum().backward()
        optimizer.step()
    assert list(run.steps[0].parameters) == ["0.weight", "0.bias", "critic.0.weight", "critic.0.bias"]


def test_parameters_without_a_gradient():
    a, b = (torch.tensor(1.0, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.SGD([a, b], lr=0.5)
    with torch.record() as run:
        (a * a).backward()
        optimizer.step()
    assert run.steps[0].parameters["b"].gradient is None
    assert run.steps[0].parameters["a"].gradient.item() == 2.0


def test_dtypes_and_shapes_come_back():
    kinds = [torch.float64, torch.float16, torch.bfloat16, torch.complex64]
    tensors = [torch.ones(2, 1, dtype=kind).requires_grad_() for kind in kinds]
    optimizer = torch.optim.SGD(tensors, lr=0.5)
    with torch.record() as run:
        sum((t * t).real.sum().double() if t.is_complex() else (t * t).sum().double() for t in tensors).backward()
        optimizer.step()
    kept = list(run.steps[0].parameters.values())
    assert [p.value.dtype for p in kept] == kinds
    assert all(p.value.shape == (2, 1) for p in kept)
    assert [p.after.tolist() for p in kept] == [t.tolist() for t in tensors]


def test_what_fit_trains_is_recorded(tmp_path):
    x = np.linspace(0, 1, 40, dtype=np.float32).reshape(-1, 1)
    with torch.record(tmp_path / "fit.rec") as run:
        torch.fit("linear", (x, 2 * x[:, 0]), epochs=2, batch_size=8, seed=0)
    assert len(run) == 2 * 4  # 32 rows to learn from
    assert {tuple(step.parameters) for step in run.steps} == {("weight", "bias")}
    run.close()


def places():
    return [vars(k)[n] for k, n in ((engine, "backward"), (autograd, "seeds"), (torch.Tensor, "backward"),
            (DataLoader, "__iter__"), (BatchSampler, "__iter__"))]  # fmt: skip


@pytest.mark.parametrize("error", [None, KeyError, KeyboardInterrupt])
def test_nothing_stays_behind(error):
    before = places()
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    try:
        with torch.record():
            assert all(a is not b for a, b in zip(before, places()))
            (w * w).backward()
            optimizer.step()
            if error:
                raise error
    except BaseException as raised:
        assert type(raised) is error
    assert all(a is b for a, b in zip(before, places()))
    assert not step_hooks.BEFORE and not step_hooks.AFTER


def test_recording_changes_no_digit():
    def weights(recorded):
        model = perceptron()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        if recorded:
            with torch.record(values="full"):
                train(model, optimizer, batches())
        else:
            train(model, optimizer, batches())
        return [p.tolist() for p in model.parameters()], torch.get_rng_state().tolist()

    assert weights(True) == weights(False)


def test_one_record_at_a_time():
    with torch.record():
        with pytest.raises(RuntimeError, match="a run is being recorded already"):
            with torch.record():
                raise AssertionError
    over = torch.record()
    with over:
        pass
    with pytest.raises(RuntimeError, match="this record is over"):
        over.__enter__()


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({"path": 3}, TypeError, "record: path is a int"),
        ({"model": 3}, TypeError, "record: model is a int, not a Module"),
        ({"optimizer": 3}, TypeError, "record: optimizer is a int, not an Optimizer"),
        ({"every": 0}, ValueError, "record: every=0\n  why: it counts, from 1 on"),
        ({"every": True}, ValueError, "record: every=True"),
        ({"small": -1}, ValueError, "record: small=-1"),
        ({"values": "all"}, ValueError, "record: values='all'\n  instead: values='summaries' or values='full'"),
    ],
)
def test_what_cannot_be_meant(given, kind, text):
    with pytest.raises(kind) as raised:
        torch.record(**given)
    assert text in str(raised.value)
