"""The same module or loss here and in PyTorch: made from the same seed, given the same numbers, asked for the same things."""

import numpy as np
import pytest

import chainrule
import chainrule.nn.functional

torch = pytest.importorskip("torch")

BOTH = (
    {"torch": chainrule, "nn": chainrule.nn, "F": chainrule.nn.functional, "np": np},
    {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "np": np},
)


def numbers(shape, seed=0, low=-1.5, high=1.5):
    """Float32 numbers without ties."""
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def read(text, names, **more):
    """The value of an expression or of a function's body, in the words of one of the two libraries."""
    return eval(text, {**names, **more})


def made(text, names):
    """What an expression makes from seed 0."""
    names["torch"].manual_seed(0)
    return read(text, names)


def tensors(arrays, names):
    """NumPy arrays as tensors of their own; those of floats ask for gradients."""
    t = names["torch"]
    found = [t.tensor(a) for a in arrays]
    return [x.requires_grad_() if a.dtype.kind == "f" else x for x, a in zip(found, arrays)]


def flat(result):
    """The tensors in a result, which may hold several."""
    if isinstance(result, (tuple, list)):
        return [y for part in result for y in flat(part)]
    return [] if result is None else [result]


def close(ours, theirs, what, rtol=2e-5, atol=2e-6):
    __tracebackhide__ = True
    if theirs is None:
        assert ours is None, f"{what}: PyTorch has none"
        return
    a, b = ours.detach().numpy(), theirs.detach().numpy()
    assert a.dtype == b.dtype and a.shape == b.shape, f"{what}: {a.dtype}{a.shape}, not {b.dtype}{b.shape}"
    largest = max(1, np.abs(b[np.isfinite(b)]).max(initial=0)) if b.dtype.kind == "f" else 1
    np.testing.assert_allclose(a, b, rtol, atol * largest, err_msg=what)


def weigh(outputs, names):
    """A loss in which every entry of every output counts differently."""
    total = 0
    for k, y in enumerate(outputs):
        if y.requires_grad:
            total = total + (y * names["torch"].tensor(numbers(tuple(y.shape), 7 + k))).sum()
    return total


def same_function(call, arrays, rtol=2e-5, atol=2e-6, name=True):
    """A call gives the same values, the same node and the same gradients in both."""
    __tracebackhide__ = True
    results = []
    for names in BOTH:
        inputs = tensors(arrays, names)
        names["torch"].manual_seed(1)
        outputs = flat(read(call, names, x=inputs[0], y=inputs[-1], z=inputs[1] if len(inputs) > 1 else None))
        loss = weigh(outputs, names)
        if not isinstance(loss, int):
            loss.backward()
        results.append((outputs, inputs))
    (ours, mine), (theirs, yours) = results
    assert len(ours) == len(theirs)
    for k, (a, b) in enumerate(zip(ours, theirs)):
        close(a, b, f"output {k} of {call}", rtol, atol)
        if name:
            same_node(a, b)
    for k, (a, b) in enumerate(zip(mine, yours)):
        close(a.grad, b.grad, f"gradient of input {k} of {call}", rtol, atol)


def same_node(ours, theirs):
    __tracebackhide__ = True
    a, b = (None if y.grad_fn is None else y.grad_fn.name() for y in (ours, theirs))
    assert a == b


def same_module(text, arrays, call="m(*inputs)", rtol=2e-5, atol=2e-6, name=True):
    """A module prints alike, starts with the same numbers, and gives the same values and gradients in both."""
    __tracebackhide__ = True
    results = []
    for names in BOTH:
        module = made(text, names)
        inputs = tensors(arrays, names)
        state = {k: v.clone() for k, v in module.state_dict().items()}
        text_before = repr(module)
        outputs = flat(read(call, names, m=module, inputs=inputs))
        loss = weigh(outputs, names)
        if not isinstance(loss, int):
            loss.backward()
        results.append((module, inputs, state, outputs, text_before))
    (ours, mine, our_state, a, our_text), (theirs, yours, their_state, b, their_text) = results
    assert our_text == their_text
    assert list(our_state) == list(their_state)
    for key, value in our_state.items():
        close(value, their_state[key], f"{key} at the start", 0, 0)
    assert len(a) == len(b)
    for k, (p, q) in enumerate(zip(a, b)):
        close(p, q, f"output {k}", rtol, atol)
        if name:
            same_node(p, q)
    for k, (p, q) in enumerate(zip(mine, yours)):
        close(p.grad, q.grad, f"gradient of input {k}", rtol, atol)
    their_parameters = dict(theirs.named_parameters())
    for key, p in ours.named_parameters():
        close(p.grad, their_parameters[key].grad, f"gradient of {key}", rtol, atol)
    for key, value in ours.state_dict().items():
        close(value, theirs.state_dict()[key], f"{key} afterwards", rtol, atol)


def same_error(call, **more):
    """Both refuse, with the same class of error, ours beginning with PyTorch's words."""
    __tracebackhide__ = True
    with pytest.raises(Exception) as theirs:
        made(call, BOTH[1])
    with pytest.raises(theirs.type) as ours:
        made(call, BOTH[0])
    words = str(theirs.value).split("\n")[0].strip()
    assert str(ours.value).startswith(words[: more.get("words", len(words))])
