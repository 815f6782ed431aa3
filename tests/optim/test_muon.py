"""Muon: orthogonal steps for matrices, in PyTorch's numbers; what is told of them; and errors."""

import numpy as np
import pytest

import chainrule
from tests.optim.against import parameters, same_entries, same_state, train

SHAPES = [(3, 4), (5, 2), (2, 2), (1, 7), (32, 24)]
SETTINGS = [
    {}, {"lr": 0.1, "nesterov": False}, {"momentum": 0.5, "weight_decay": 0.0}, {"adjust_lr_fn": "match_rms_adamw", "lr": 0.1},
    {"adjust_lr_fn": "original", "ns_steps": 2, "ns_coefficients": (1.5, -0.5, 0.0), "eps": 10.0},
]  # fmt: skip


@pytest.mark.parametrize("how", SETTINGS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_six_steps(how, dtype):
    torch = pytest.importorskip("torch")
    run = []
    for lib in (chainrule, torch):
        params = parameters(lib, dtype, SHAPES)
        optimizer = lib.optim.Muon(params, **how)
        train(lib, optimizer, params, 6, skip={(0, 1), (3, 2)})
        run.append((params, optimizer))
    (ours, mine), (theirs, yours) = run
    close = how.get("lr", 1e-3) * 2**-5  # the steps are orthogonal to the rounding of bfloat16
    same_entries(ours, theirs, 0, close, "Muon")
    same_state(mine.state_dict()["state"], yours.state_dict()["state"], 1e-5 if dtype == "float32" else 1e-12, 1e-7)
    assert repr(mine) == repr(yours)
    assert mine.state_dict()["param_groups"] == yours.state_dict()["param_groups"]


def test_a_small_matrix_is_equal_to_the_last_digits():
    torch = pytest.importorskip("torch")
    run = []
    for lib in (chainrule, torch):
        params = parameters(lib, "float64", [(3, 4), (5, 2)])
        train(lib, lib.optim.Muon(params, lr=1.0), params, 1)
        run.append(params)
    same_entries(*run, 1e-12)


def test_steps_are_nearly_orthogonal():
    w = chainrule.zeros(6, 4, requires_grad=True)
    w.grad = chainrule.randn(6, 4, generator=chainrule.Generator().manual_seed(0))
    chainrule.optim.Muon([w], lr=1.0, weight_decay=0).step()
    singular = chainrule.linalg.svdvals(w.detach()) / 1.5**0.5
    assert (singular > 0.6).all() and (singular < 1.3).all()


@pytest.mark.parametrize("how", SETTINGS[:4], ids=str)
def test_the_told_terms_are_the_step(how):
    w = chainrule.tensor(np.random.default_rng(0).standard_normal((3, 2)), requires_grad=True)
    optimizer = chainrule.optim.Muon([w], **how)
    for _ in range(3):
        w.grad = chainrule.randn(3, 2, dtype=chainrule.float64)
        (told,) = optimizer.explain_step().updates
        (entry,) = optimizer.explain_step((w, (2, 1))).updates
        optimizer.step()
        assert np.array_equal(told.after, w.detach().numpy()) and entry.after == w.detach().numpy()[2, 1]
        np.testing.assert_allclose(told.terms[-1].value, told.step, rtol=1e-10, atol=1e-14)
    lines = list(told.lines())
    assert lines[2].startswith("b = b₋ + (1 − μ) · (g − b₋)")
    assert any(line.startswith("O = NS₅(b") for line in lines)


WRONG = [
    {"lr": -1}, {"weight_decay": -1}, {"momentum": -1}, {"adjust_lr_fn": "x"}, {"ns_steps": 100}, {"ns_coefficients": (1, 2)},
]  # fmt: skip


@pytest.mark.parametrize("how", WRONG, ids=str)
def test_wrong_settings(how):
    torch = pytest.importorskip("torch")
    said = []
    for lib in (torch, chainrule):
        w = lib.ones(2, 2, requires_grad=True)
        w.grad = lib.ones(2, 2)
        with pytest.raises(ValueError) as caught:
            lib.optim.Muon([w], **how).step()
        said.append(str(caught.value).splitlines()[0])
    assert said[0] == said[1]


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), ()])
def test_only_matrices(shape):
    torch = pytest.importorskip("torch")
    said = []
    for lib in (torch, chainrule):
        with pytest.raises(ValueError) as caught:
            lib.optim.Muon([lib.ones(shape, requires_grad=True)])
        said.append(str(caught.value).splitlines()[0])
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "how", [{"lr": -1}, {"beta2_decay": 0.5}, {"eps": (-1, 1)}, {"eps": (None, -1)}, {"d": 0.5}, {"weight_decay": -1}], ids=str
)
def test_wrong_settings_of_adafactor(how):
    torch = pytest.importorskip("torch")
    said = []
    for lib in (torch, chainrule):
        with pytest.raises(ValueError) as caught:
            lib.optim.Adafactor([lib.ones(2, requires_grad=True)], **how)
        said.append(str(caught.value).splitlines()[0])
    assert said[0] == said[1]


def test_adafactor_takes_no_complex_numbers():
    torch = pytest.importorskip("torch")
    for lib in (torch, chainrule):
        w = lib.ones(2, dtype=lib.complex64, requires_grad=True)
        w.grad = lib.ones(2, dtype=lib.complex64)
        with pytest.raises(RuntimeError, match="Adafactor does not support complex parameters"):
            lib.optim.Adafactor([w]).step()
