"""An optimizer of chainrule and the one of PyTorch beside it, given the same parameters and gradients."""

import numpy as np

import chainrule

SHAPES = [(3, 4), (4,), (), (130, 140)]  # small ones are updated together, the large one in pieces


def settings(lib, how):
    """Settings in which a name in ⟨…⟩ stands for something of the library, such as ⟨float64⟩."""
    return {k: getattr(lib, v[1:-1]) if isinstance(v, str) and v.startswith("⟨") else v for k, v in how.items()}


def parameters(lib, dtype="float32", shapes=SHAPES, seed=0):
    rng = np.random.default_rng(seed)
    return [lib.tensor(rng.standard_normal(s), dtype=getattr(lib, dtype), requires_grad=True) for s in shapes]


def train(lib, optimizer, params, steps, seed=1, skip=()):
    """Steps with random gradients; ``skip`` are (step, parameter) whose gradient is None."""
    rng = np.random.default_rng(seed)
    for i in range(steps):
        for k, p in enumerate(params):
            g = rng.standard_normal(tuple(p.shape))
            p.grad = None if (i, k) in skip else lib.tensor(g, dtype=p.dtype)
        optimizer.step()


def same_entries(ours, theirs, rtol, atol=0.0, what=""):
    for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=atol, err_msg=f"{what} {k}")


def numbers(state):
    """A state as plain arrays, by parameter and name."""
    return {
        key: {name: None if v is None else np.asarray(v.detach().numpy() if hasattr(v, "detach") else v) for name, v in s.items()}
        for key, s in state.items()
    }


def same_state(ours, theirs, rtol, atol=0.0):
    ours, theirs = numbers(ours), numbers(theirs)
    assert ours.keys() == theirs.keys()
    for key, state in theirs.items():
        assert ours[key].keys() == state.keys(), key
        for name, value in state.items():
            if value is not None:
                assert ours[key][name].shape == value.shape and ours[key][name].dtype == value.dtype, (key, name)
                np.testing.assert_allclose(ours[key][name], value, rtol=rtol, atol=atol, err_msg=f"{key} {name}")


def ours(name, params, **how):
    return getattr(chainrule.optim, name)(params, **how)
