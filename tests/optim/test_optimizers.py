"""Every optimizer against PyTorch: parameters, state, printed settings, groups."""

import numpy as np
import pytest

import chainrule
from tests.optim.against import parameters, same_entries, same_state, train
from tests.optim.cases import CASES, NAMES, spelled

torch = pytest.importorskip("torch")

SKIP = {(5, 1), (0, 2), (7, 3), (8, 3)}  # a gradient that is missing now and then, or at first


@pytest.mark.parametrize("case", CASES, ids=spelled)
@pytest.mark.parametrize(("dtype", "rtol", "atol"), [("float64", 1e-11, 1e-14), ("float32", 2e-5, 1e-5)])
def test_twelve_steps(case, dtype, rtol, atol):
    name, how = case
    run = []
    for lib in (chainrule, torch):
        params = parameters(lib, dtype)
        optimizer = getattr(lib.optim, name)(params, **how)
        train(lib, optimizer, params, 12, skip=SKIP)
        run.append((params, optimizer))
    (ours, mine), (theirs, yours) = run
    if name == "NAdam":
        rtol, atol = max(rtol, 1e-6), max(atol, 1e-8)
    same_entries(ours, theirs, rtol, atol, name)
    same_state(mine.state_dict()["state"], yours.state_dict()["state"], rtol, atol)


@pytest.mark.parametrize("case", CASES, ids=spelled)
def test_they_print_as_in_torch(case):
    name, how = case
    assert repr(getattr(chainrule.optim, name)(parameters(chainrule), **how)) == repr(
        getattr(torch.optim, name)(parameters(torch), **how)
    )


@pytest.mark.parametrize("name", NAMES)
def test_groups_with_settings_of_their_own(name):
    run = []
    for lib in (chainrule, torch):
        params = parameters(lib, "float64")
        groups = [{"params": params[:2], "lr": 0.05}, {"params": params[2:3]}]
        optimizer = getattr(lib.optim, name)(groups, lr=0.2)
        train(lib, optimizer, params[:3], 3)
        optimizer.add_param_group({"params": params[3], "weight_decay": 0.1} if name != "Rprop" else {"params": params[3]})
        train(lib, optimizer, params, 3, seed=2)
        for group in optimizer.param_groups:
            group["lr"] *= 0.1
        train(lib, optimizer, params, 3, seed=3)
        run.append((params, repr(optimizer)))
    same_entries(run[0][0], run[1][0], *((1e-6, 1e-8) if name == "NAdam" else (1e-10, 1e-14)), name)
    assert run[0][1] == run[1][1]


@pytest.mark.parametrize("case", CASES, ids=spelled)
def test_a_state_dict_of_torch_is_taken_over(case):
    """Six steps there, six here: the same as twelve there."""
    name, how = case
    theirs = parameters(torch, "float64")
    yours = getattr(torch.optim, name)(theirs, **how)
    train(torch, yours, theirs, 6, skip=SKIP)
    state = yours.state_dict()
    ours = [chainrule.tensor(p.detach().numpy().copy(), requires_grad=True) for p in theirs]
    mine = getattr(chainrule.optim, name)(ours, **how)
    as_ours = {
        k: {n: chainrule.tensor(v.numpy().copy()) if isinstance(v, torch.Tensor) else v for n, v in s.items()}
        for k, s in state["state"].items()
    }
    mine.load_state_dict({"state": as_ours, "param_groups": state["param_groups"]})
    train(torch, yours, theirs, 6, seed=9)
    train(chainrule, mine, ours, 6, seed=9)
    same_entries(ours, theirs, *((1e-6, 1e-8) if name == "NAdam" else (1e-10, 1e-14)), name)


@pytest.mark.parametrize("name", NAMES)
def test_the_shape_of_a_state_dict(name):
    dicts = []
    for lib in (chainrule, torch):
        params = parameters(lib, "float64")
        optimizer = getattr(lib.optim, name)([{"params": params[:2]}, {"params": params[2:], "lr": 0.3}])
        empty = optimizer.state_dict()
        train(lib, optimizer, params, 2)
        dicts.append((empty, optimizer.state_dict()))
    for ours, theirs in zip(*dicts):
        assert ours["state"].keys() == theirs["state"].keys()
        assert ours["param_groups"] == theirs["param_groups"]
        for key, state in theirs["state"].items():
            assert ours["state"][key].keys() == state.keys()


@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop"])
def test_many_small_parameters_and_one_that_is_a_view(name):
    """Parameters whose entries do not lie in one piece are updated where they are."""
    run = []
    for lib in (chainrule, torch):
        data = np.random.default_rng(0).standard_normal((6, 8))
        params = [lib.tensor(data).t().requires_grad_(), lib.tensor(data)[:, ::2].requires_grad_()]
        params += [lib.tensor(row.copy(), requires_grad=True) for row in data]
        optimizer = getattr(lib.optim, name)(params, lr=0.1, **({"momentum": 0.9} if name != "Adam" else {}))
        train(lib, optimizer, params, 5)
        run.append(params)
    same_entries(*run, 1e-12)


@pytest.mark.parametrize("name", ["Adam", "SGD", "Adagrad"])
def test_halves_and_doubles_side_by_side(name):
    run = []
    for lib in (chainrule, torch):
        params = [
            lib.tensor([1.0, 2.0], dtype=getattr(lib, kind), requires_grad=True) for kind in ("float16", "float32", "float64", "bfloat16")
        ]
        optimizer = getattr(lib.optim, name)(params, lr=0.1)
        train(lib, optimizer, params, 3)
        run.append([p.detach().double() for p in params])
        assert [p.dtype for p in params] == [lib.float16, lib.float32, lib.float64, lib.bfloat16]
    same_entries(*run, 2e-2)


def test_a_learning_rate_may_be_a_tensor():
    run = []
    for lib in (chainrule, torch):
        params = parameters(lib, "float64", [(3,)])
        optimizer = lib.optim.Adam(params, lr=lib.tensor(0.1))
        train(lib, optimizer, params, 3)
        run.append(params)
    same_entries(*run, 1e-7)


def test_a_model_learns_the_same():
    losses = []
    for lib in (chainrule, torch):
        lib.manual_seed(0)
        model = lib.nn.Sequential(lib.nn.Linear(3, 8), lib.nn.Tanh(), lib.nn.Linear(8, 1))
        optimizer = lib.optim.AdamW(model.parameters(), lr=0.05)
        x, y = lib.randn(20, 3), lib.randn(20, 1)
        found = []
        for _ in range(15):
            optimizer.zero_grad()
            loss = lib.nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        losses.append(found)
    np.testing.assert_allclose(*losses, rtol=2e-5)
