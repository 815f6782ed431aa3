"""`compare` and `chainrule diff`: for each cause two runs that differ by it alone."""

import json
import random
import re

import numpy as np
import pytest
from click.testing import CliRunner

import chainrule as torch
from chainrule.cli.main import main
from chainrule.recording import compare

F = torch.nn.functional


def run(
    path=None, *, seed=0, width=8, activation=torch.nn.ReLU, init=None, shuffle=True, loader_seed=None, rows=None, optimizer=None,
    scale=1.0, dropout=0.0, between=None, steps=6, every=1, values="summaries", clip=None, extra=None, bump=None,
):  # fmt: skip
    """Train a perceptron on twelve rows, three batches an epoch; each argument is a way to be another run."""
    torch.manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Linear(3, width), activation(), torch.nn.Dropout(dropout), torch.nn.Linear(width, 1)
    )
    if init is not None:
        with torch.no_grad():
            model[3].bias.fill_(init)
    optimizer = (optimizer or (lambda p: torch.optim.SGD(p, lr=0.1)))(model.parameters())
    x = torch.arange(36.0).reshape(12, 3) / 36
    if rows is not None:
        x[rows] += 1
    data = torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True))
    generator = None if loader_seed is None else torch.Generator().manual_seed(loader_seed)
    loader = torch.utils.data.DataLoader(data, batch_size=4, shuffle=shuffle, generator=generator)
    done = 0
    with torch.record(path, model=model, every=every, values=values) as recording:
        while done < steps:
            for inputs, target in loader:
                if extra == done:
                    torch.rand(1)
                optimizer.zero_grad()
                loss = F.mse_loss(model(inputs), target) * scale
                loss.backward()
                if bump is not None:
                    model[0].weight.grad.array[...] = bump(model[0].weight.grad.array)
                optimizer.step()
                done += 1
                if between is not None:
                    between(model, optimizer, done)
                if done == steps:
                    break
    return recording


def test_equal_runs():
    found = compare(run(), run())
    assert found.equal and (found.step, found.cause) == (None, None)
    assert str(found) == "the runs are equal: 6 steps, bit for bit"


def sgd(**settings):
    return lambda p: torch.optim.SGD(p, **{"lr": 0.1, **settings})


def adam(**settings):
    return lambda p: torch.optim.Adam(p, **{"lr": 0.1, **settings})


def drop_rate_after_two(model, optimizer, done):
    if done == 2:
        optimizer.param_groups[0]["lr"] = 0.05


def clamp_after_three(model, optimizer, done):
    if done == 3:
        with torch.no_grad():
            model[0].weight.clamp_(-0.01, 0.01)


def ulp_up(g):
    return np.nextafter(g, np.float32(np.inf))


def double(g):
    return 2 * g


ONE = [  # what differs in B, step, cause, what is said of it
    ({"seed": 1}, 1, "random", "the seed is 0 in A, 1 in B, and the initial parameters differ"),
    ({"shuffle": False}, 1, "data", "the rows of the batch are "),
    ({"rows": [5]}, None, "data", "the batch has other entries, though its rows are the same, "),
    ({"init": 0.25}, 1, "parameters", "the initial values of 3.bias differ"),
    ({"width": 9}, 1, "parameters", "0.weight is [8, 3] float32 in A, [9, 3] float32 in B"),
    ({"optimizer": sgd(lr=0.2)}, 1, "settings", "the learning rate is 0.1 in A, 0.2 in B"),
    ({"optimizer": sgd(momentum=0.9)}, 1, "settings", "SGD's momentum is 0 in A, 0.9 in B"),
    ({"optimizer": adam()}, 1, "settings", "the optimizer is SGD in A, Adam in B"),
    ({"between": drop_rate_after_two}, 3, "settings", "the learning rate is 0.1 in A, 0.05 in B"),
    ({"between": clamp_after_three}, 4, "parameters", "0.weight changed between step 3 and step 4, by no recorded step"),
    ({"activation": torch.nn.Tanh}, 1, "operation", "operation 2 of the step's graph is Relu(#1) in A, Tanh(#1) in B"),
    ({"dropout": 0.5}, 1, "operation", "operation 3 of the step's graph is "),
    ({"scale": 2.0}, 1, "data", "the data or constant that enters operation 5 of 5, Mul(#4, ·), differs"),
    ({"bump": ulp_up}, 1, "rounding", "the gradient of 0.weight differs by at most 1 units in the last place, at 0.weight[0, 0]: "),
    ({"bump": double}, 1, "values", "; too much for rounding: data or a constant entered unseen"),
    ({"steps": 4}, 5, "length", "B ends after step 4; until then the runs are equal"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "step", "cause", "what"), ONE, ids=[next(iter(case[0])) + str(i) for i, case in enumerate(ONE)]
)
def test_one_cause(other, step, cause, what):
    found = compare(run(), run(**other))
    assert found.cause == cause
    assert what in found.what
    assert found.step == step if step else found.step > 0
    assert not found.equal
    assert str(found).startswith(f"the runs part at step {found.step}\n  cause: ")


def test_the_batch_with_the_changed_row_is_the_first_that_differs():
    first = run()
    batches = [step.rows for step in first.steps]
    found = compare(first, run(rows=[5]))
    assert found.step == next(i for i, rows in enumerate(batches, 1) if "5" in rows)


def test_the_seed_of_the_loader():
    found = compare(run(loader_seed=1), run(loader_seed=2))
    assert (found.step, found.cause) == (1, "random")
    assert found.what == "the seed of the DataLoader's generator is 1 in A, 2 in B, and the batch differs"
    assert found.also and found.also[0].startswith("the rows of the batch are ")


def test_dropout_under_another_seed():
    def same_weights(seed):
        torch.manual_seed(seed)
        torch.rand(1)
        w = torch.ones(20).requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1)
        with torch.record() as recording:
            for _ in range(3):
                optimizer.zero_grad()
                F.dropout(w * 2).sum().backward()
                optimizer.step()
        return recording

    found = compare(same_weights(0), same_weights(1))
    assert (found.step, found.cause) == (1, "random")
    assert found.what.startswith("the seed is 0 in A, 1 in B, and what enters operation 2 of 3, Mul(#1, ·), differs")


def test_a_number_drawn_more():
    """The same seed, but one run draws once more in the second epoch: the third is in another order."""
    found = compare(run(steps=9), run(steps=9, extra=4))
    assert (found.step, found.cause) == (7, "random")
    assert found.what == (
        "chainrule's random state before step 7 is another (more or fewer numbers were drawn since the same seed), "
        "and the batch differs"
    )


def test_a_number_drawn_more_before_the_model_is_made():
    def unlucky():
        torch.rand(1)
        return torch.nn.ReLU()  # the second layer draws its parameters after it

    found = compare(run(), run(activation=unlucky))
    assert (found.step, found.cause) == (1, "random")
    assert "drawn since the same seed), and the batch differs" in found.what
    assert "the initial values of 3.weight, 3.bias differ" in found.also


def test_a_seed_that_nothing_depends_on_is_no_cause():
    def plain(seed, lr=0.1):
        torch.manual_seed(seed)
        w = torch.tensor(1.0, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=lr)
        with torch.record() as recording:
            for _ in range(3):
                optimizer.zero_grad()
                (w * w).backward()
                optimizer.step()
        return recording

    assert compare(plain(0), plain(1)).equal
    assert compare(plain(0), plain(1, 0.2)).cause == "settings"


def test_the_streams_of_python_and_numpy():
    def shuffled(library):
        random.seed(library == "other Python")
        np.random.seed(library == "other NumPy")
        w = torch.ones(6).requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1)
        data = np.arange(6.0, dtype=np.float32)
        with torch.record() as recording:
            for _ in range(3):
                optimizer.zero_grad()
                np.random.shuffle(data)
                noise = random.random()
                (w * torch.tensor(data) * noise).sum().backward()
                optimizer.step()
        return recording

    for name in ("Python", "NumPy"):
        found = compare(shuffled(""), shuffled(f"other {name}"))
        assert (found.step, found.cause, found.evidence) == (1, "random", {"stream": name})


def test_another_cause_is_said_along():
    found = compare(run(), run(seed=1, optimizer=sgd(lr=0.2)))
    assert found.cause == "random"
    assert "the learning rate is 0.1 in A, 0.2 in B" in found.also


def test_rounding_where_only_summaries_were_kept():
    def wide(bump):
        torch.manual_seed(0)
        w = torch.ones(1000).requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1)
        with torch.record() as recording:
            (w * w).sum().backward()
            w.grad.array[...] = bump(w.grad.array)
            optimizer.step()
        return recording

    found = compare(wide(lambda g: g), wide(ulp_up))
    assert (
        found.cause == "rounding"
        and "the gradient of w differs, by its hash; its norms are 63.2455532 in A" in found.what
    )
    assert compare(wide(lambda g: g), wide(double)).cause == "values"


def test_a_gradient_that_one_run_does_not_have():
    def two(unused):
        a, b = (torch.tensor(1.0, requires_grad=True) for _ in range(2))
        optimizer = torch.optim.SGD([a, b], lr=0.1)
        with torch.record() as recording:
            (a * b).backward()
            if unused:
                b.grad = None
            optimizer.step()
        return recording

    found = compare(two(False), two(True))
    assert (found.cause, found.what) == ("values", "b has no gradient in B")


def test_runs_that_were_recorded_at_different_steps():
    assert compare(run(every=2), run()).what == "the runs are equal: 3 steps of those that both recorded, bit for bit"
    with torch.record() as none:
        pass
    with pytest.raises(ValueError, match="no step in common\n  why: A has 0 steps, B has 6"):
        compare(none, run())


def test_losses_that_are_no_numbers():
    def broken():
        w = torch.tensor(-1.0, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)
        with torch.record() as recording:
            torch.log(w).backward()
            optimizer.step()
        return recording

    assert compare(broken(), broken()).equal


# ---------------------------------------------------------------------- the command


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    paths = {name: str(folder / f"{name}.rec") for name in ("a", "same", "faster", "cut")}
    for name, how in (("a", {}), ("same", {}), ("faster", {"optimizer": sgd(lr=0.2)}), ("cut", {})):
        run(paths[name], **how).close()
    with open(paths["cut"], "r+b") as file:
        file.truncate(5000)
    return paths


def diff(*arguments):
    return CliRunner().invoke(main, ["diff", *arguments])


def test_the_status_and_the_words(files):
    equal = diff(files["a"], files["same"])
    assert (equal.exit_code, equal.output) == (0, "the runs are equal: 6 steps, bit for bit\n")
    other = diff(files["a"], files["faster"])
    assert other.exit_code == 1
    assert other.output == (
        "the runs part at step 1\n"
        "  cause: other settings of the optimizer\n"
        "  what:  the learning rate is 0.1 in A, 0.2 in B\n"
    )


def test_in_a_terminal(files, monkeypatch):
    """Long lines are broken between words and stay under their label."""
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "40")):
        monkeypatch.setenv(name, value)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", diff(files["a"], files["faster"]).output).splitlines()
    assert [line.rstrip() for line in lines] == [
        "the runs part at step 1",
        "  cause: other settings of the optimizer",
        "  what:  the learning rate is 0.1 in A,",
        "         0.2 in B",
    ]


def test_json(files):
    found = diff("--json", files["a"], files["faster"])
    assert found.exit_code == 1
    assert json.loads(found.output) == {
        "equal": False, "step": 1, "cause": "settings", "what": "the learning rate is 0.1 in A, 0.2 in B",
        "evidence": {"rates": [[0.1], [0.2]]}, "also": [],
    }  # fmt: skip
    assert json.loads(diff("--json", files["a"], files["same"]).output)["equal"] is True


@pytest.mark.parametrize("arguments", [("cut", "a"), ("a", "none"), ("a",)])
def test_what_cannot_be_used(files, arguments):
    found = diff(*(files.get(name, name) for name in arguments))
    assert found.exit_code == 2
    assert "Traceback" not in found.output
