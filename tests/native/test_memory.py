"""Machine code is only given memory that it can read as it does, and keeps only so much of its own."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.graph import lanes, large
from chainrule.native import kernels
from chainrule.ops.kernels import conv, direct, through_time, tiles
from chainrule.optim import machine

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")


def without_code(monkeypatch):
    monkeypatch.setattr(kernels, "ready", lambda: False)


# ---------------------------------------------------------------------- gradients that a program assigned

GRADIENTS = {
    "one number for all": lambda n: cr.ones(1).expand(n),
    "every second entry": lambda n: cr.arange(2.0 * n)[::2],
    "a column": lambda n: cr.arange(3.0 * n).reshape(n, 3)[:, 1],
    "part of a longer one": lambda n: cr.arange(n + 5.0)[5:],
}
OPTIMIZERS = {
    "Adam": lambda p: cr.optim.Adam(p, lr=0.1, weight_decay=0.1),
    "AdamW": lambda p: cr.optim.AdamW(p, lr=0.1),
    "SGD": lambda p: cr.optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD, Nesterov's": lambda p: cr.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
}


def steps(optimizer, gradient, n):
    x = cr.linspace(-1, 1, n).requires_grad_()
    rule = OPTIMIZERS[optimizer]([x])
    for _ in range(3):
        x.grad = GRADIENTS[gradient](n)
        rule.step()
    return [x.detach().numpy(), *(s.numpy() for s in rule.state[x].values())]


@pytest.mark.parametrize("n", [7, 8191, 8192, 16385, 33_000, 100_000])
@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_gradients_of_any_strides(optimizer, gradient, n, monkeypatch):
    with_code = steps(optimizer, gradient, n)
    without_code(monkeypatch)
    for a, b in zip(with_code, steps(optimizer, gradient, n), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("optimizer", ["Adam", "SGD"])
def test_small_parameters_beside_a_large_one_have_its_machine_code(optimizer, maximize, monkeypatch):
    sizes, update = [], machine.Places.update

    def seen(self, told, xs, *rest):
        sizes.append([x.size for x in xs])
        return update(self, told, xs, *rest)

    monkeypatch.setattr(machine.Places, "update", seen)

    def program():
        shapes = [(10_000,), (3, 4), (5,)]
        parameters = [cr.linspace(-1, 1, int(np.prod(shape))).reshape(shape).requires_grad_() for shape in shapes]
        rule = {"Adam": cr.optim.Adam, "SGD": cr.optim.SGD}[optimizer](parameters, lr=0.1, weight_decay=0.1, maximize=maximize)
        for _ in range(3):
            for p in parameters:
                p.grad = cr.arange(float(p.numel())).reshape(p.shape).sin()
            rule.step()
        return [x.detach().numpy() for p in parameters for x in (p, *rule.state[p].values())]

    with_code = program()
    assert sizes == [[10_000, 12, 5]] * 3
    without_code(monkeypatch)
    for a, b in zip(with_code, program(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)


def lines(n=8192, dtype=np.float32):
    return [np.ones(n, dtype) for _ in range(3)]


def test_what_an_update_is_given_is_looked_at():
    x, g, b = lines()
    told = machine.Told(machine.momentum, (0.9, 1.0, 0.0, 0.1, 1.0, 0.0))
    assert machine.Places([x.size]).update(told, [x], [g], [b])
    for bad in (g.astype("f8"), g[:-1], x):
        assert not machine.Places([x.size]).update(told, [x], [bad], [b])
    fixed = x.copy()
    fixed.flags.writeable = False
    assert not machine.Places([x.size]).update(told, [fixed], [g], [b])


APART = [lambda x: x[::-1], lambda x: np.ones(2 * x.size, np.float32)[::2], lambda x: np.broadcast_to(x[:1], x.shape)]


@pytest.mark.parametrize("gradient", APART)
def test_gradients_that_lie_apart_are_copied(gradient):
    x = np.linspace(-1, 1, 20_000, dtype=np.float32)
    after = x - np.float32(0.5) * gradient(x.copy())
    assert machine.Places([x.size]).update(machine.Told(machine.descent, (0.5, 0.0)), [x], [gradient(x)], [])
    np.testing.assert_allclose(x, after, rtol=1e-6)


def test_parameters_with_entries_in_common_are_left_to_numpy():
    whole, g = np.ones(20_000, np.float32), np.ones(15_000, np.float32)
    told, both = machine.Told(machine.descent, (0.5, 0.0)), [whole[:15_000], whole[5_000:]]
    assert not machine.Places([15_000, 15_000]).update(told, both, [g, g], [])
    apart = [whole[10_000:], whole[:10_000]]
    assert machine.Places([10_000, 10_000]).update(told, apart, [g[:10_000], g[5_000:]], [])
    assert (whole == 0.5).all()
    assert not machine.Places([10_000, 10_000]).update(told, apart, [whole, g], [])


def test_a_parameter_that_is_given_other_memory_is_found_there():
    shapes = [(100, 100), (7,)]
    ours = [cr.ones(*shape).requires_grad_() for shape in shapes]
    rule = cr.optim.SGD(ours, lr=0.5, momentum=0.9)
    for _ in range(2):
        for p in ours:
            p.data = p.data.clone()
            p.grad = cr.ones_like(p)
        rule.step()
    for p in ours:  # 1 − 0.5 − 0.5 (0.9 + 1)
        np.testing.assert_allclose(p.detach().numpy(), -0.45, rtol=1e-6)


def test_the_parameter_as_its_own_gradient(monkeypatch):
    def program():
        x = cr.linspace(-1, 1, 40_000).requires_grad_()
        rule = cr.optim.SGD([x], lr=0.5, momentum=0.9)
        for _ in range(3):
            x.grad = x.detach()
            rule.step()
        return x.detach().numpy()

    with_code = program()
    without_code(monkeypatch)
    np.testing.assert_array_equal(with_code, program())


# ---------------------------------------------------------------------- an LSTM's operands


def test_an_lstm_of_several_dtypes_is_left_to_numpy():
    x, h, c = np.zeros((3, 16, 8), np.float32), np.zeros((16, 32), np.float32), np.zeros((16, 32), np.float32)
    w_ih, w_hh, b = np.zeros((128, 8), np.float32), np.zeros((128, 32), np.float32), np.zeros(128, np.float32)
    assert through_time.suits(x, h, [c, w_ih, w_hh, b, b]) and through_time.suits(x, h, [c, w_ih, w_hh, None, None])
    everything = [x, h, c, w_ih, w_hh, b, b]
    for i, a in enumerate(everything):
        x_, h_, *others = [*everything[:i], a.astype(np.float64), *everything[i + 1 :]]
        assert not through_time.suits(x_, h_, others)


def test_an_lstm_whose_states_and_gradients_are_transposed(monkeypatch):
    def program():
        cr.manual_seed(0)
        layer = cr.nn.LSTM(8, 32)
        x = cr.randn(8, 3, 16).permute(1, 2, 0).requires_grad_()
        h, c = (cr.randn(32, 1, 16).permute(1, 2, 0).requires_grad_() for _ in range(2))
        y, (last, cell) = layer(x, (h, c))
        loss = [cr.randn(*t.shape[::-1]).permute(2, 1, 0) for t in (y, last, cell)]
        given = cr.autograd.grad([y, last, cell], [x, h, c, *layer.parameters()], loss)
        return [t.detach().numpy() for t in (y, last, cell, *given)]

    with_code = program()
    without_code(monkeypatch)
    for a, b in zip(with_code, program(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=3e-6 * max(np.abs(b).max(), 1))


# ---------------------------------------------------------------------- what may not be written to


def test_a_compiled_step_leaves_alone_what_may_not_be_written_to():
    w = cr.zeros(1000, requires_grad=True)
    optimizer = cr.optim.SGD([w], lr=0.1)

    @cr.compile
    def step(x):
        optimizer.zero_grad()
        loss = ((w - x) ** 2).sum()
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(4):
        step(cr.ones(1000))
    fixed = np.zeros(1000, np.float32)
    fixed.flags.writeable = False
    w.array = fixed
    with pytest.raises(ValueError, match="read-only"):
        step(cr.ones(1000))
    assert not fixed.any()


# ---------------------------------------------------------------------- what is kept

CONVOLUTIONS = [
    ((5, 1, 28, 28), (32, 1, 3, 3), {"padding": 1}),
    ((9, 8, 14, 14), (40, 8, 3, 3), {"padding": 1}),
    ((4, 8, 12, 13), (10, 4, 3, 5), {"padding": (0, 2), "groups": 2}),
    ((40, 4, 2, 3), (24, 4, 3, 3), {"padding": 1}),
    ((1, 4, 70), (70, 4, 34), {"padding": 3, "dilation": 2}),
]


def kernels_made(monkeypatch, program):
    """How many kernels a program had made."""
    made = []
    original = kernels.Kernel.load
    monkeypatch.setattr(lanes, "_loops", {})
    monkeypatch.setattr(kernels.Kernel, "load", lambda self: made.append(self.name) or original(self))
    program()
    return len(made)


X = cr.linspace(-3, 3, large.LARGE)
NUMBERED = {
    "clamp": lambda x, a: x.clamp(-a, a),
    "leaky_relu": lambda x, a: cr.nn.functional.leaky_relu(x, a),
    "hardshrink": lambda x, a: cr.nn.functional.hardshrink(x, a),
    "addcmul": lambda x, a: cr.addcmul(x, x, x, value=a),
    "lerp": lambda x, a: cr.lerp(x, x * x, a),
    "pow": lambda x, a: x.pow(a),
    "threshold": lambda x, a: cr.nn.functional.threshold(x, a, -a),
}
AT_MOST = {"lerp": 4 * lanes.MOST_VARIANTS, "pow": 2 * lanes.MOST_VARIANTS}


def value_and_gradient(function, a):
    x = X.clone().requires_grad_()
    y = function(x, a)
    y.backward(X.cos())
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("name", NUMBERED)
def test_another_number_in_each_step_needs_no_other_code(name, monkeypatch):
    values = [2.0, 3, *np.linspace(0.1, 2.9, 40).tolist()]
    found = []
    made = kernels_made(monkeypatch, lambda: found.extend(value_and_gradient(NUMBERED[name], a) for a in values))
    assert made <= AT_MOST.get(name, 6)
    without_code(monkeypatch)
    for a, pair in zip(values, found, strict=True):
        for one, other in zip(pair, value_and_gradient(NUMBERED[name], a), strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6, err_msg=str(a))


def test_signed_zeros_and_nan_are_numbers_of_their_own():
    f = cr.nn.functional.leaky_relu
    for a in (0.0, -0.0, float("nan"), 2.0):
        np.testing.assert_array_equal(np.signbit(f(X, a).numpy()[:3]), np.signbit(f(X[:3], a).numpy()))
        np.testing.assert_array_equal(f(X, a).numpy()[:3], f(X[:3], a).numpy())


def test_memory_for_lines_is_bounded(monkeypatch):
    rooms, kind = direct.Rooms(), np.dtype(np.float32)
    room = rooms.get(1000, kind)
    assert room.size >= 1000 and rooms.get(10, kind) is room and rooms.get(1001, kind) is not room
    monkeypatch.setattr(direct, "HELD_BYTES", 1 << 20)
    assert rooms.get(1 << 20, kind).size == 1 << 20 and rooms.held["f"].size < 1 << 18


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("image", "kernel", "options"), CONVOLUTIONS)
def test_a_convolution_stays_within_its_memory(image, kernel, options, kind, monkeypatch):
    """What is not its own is NaN: nothing of it is seen in the results, and all of it is still there afterwards."""
    monkeypatch.setattr(direct, "LEAST_WORK", 0)
    edge, made = 64, []

    class Guarded(direct.Rooms):
        def get(self, entries, dtype):
            made.append(np.full(entries + 2 * edge, np.nan, dtype))
            return made[-1][edge:-edge]

    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(kind) for shape in (image, kernel))

    def program():
        y, kept = conv.conv(x, w, w.reshape(len(w), -1)[:, 0].copy(), **options)
        return [y, *conv.conv_backward(y, kept)]

    expected = program()
    monkeypatch.setattr(direct, "rooms", Guarded())
    for a, b in zip(program(), expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(made) >= 2
    for room in made:
        assert np.isnan(room[:edge]).all() and np.isnan(room[-edge:]).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("window", [(2, 2), (2, 1), (1, 3)])
@pytest.mark.parametrize("size", [(4, 6), (5, 33), (9, 75)])
def test_pooling_stays_within_its_arrays(size, window, kind):
    tall, wide = window
    rows, columns, edge = size[0] // tall, size[1] // wide, 64

    def guarded(dtype, value, *shape):
        n = int(np.prod(shape))
        memory = np.full(n + 2 * edge, value, dtype)
        return memory, memory[edge : edge + n].reshape(shape)

    (_, x), (y_all, y), (chosen_all, chosen) = (
        guarded(kind, np.nan, 3, *size), guarded(kind, np.nan, 3, rows, columns), guarded(np.uint8, 99, 3, rows, columns)
    )  # fmt: skip
    x[:] = np.random.default_rng(0).standard_normal(x.shape)
    told = (3, 2, rows, columns, *size)
    tiles.pool(x.dtype.char, tall, wide).share(2, x, y, chosen, *told)
    windows = x[:, : rows * tall, : columns * wide].reshape(3, rows, tall, columns, wide)
    np.testing.assert_array_equal(y, windows.max((2, 4)))
    back_all, back = guarded(kind, np.nan, 3, *size)
    tiles.spread(x.dtype.char, tall, wide).share(2, y, back, chosen, *told)
    there = np.zeros(size, bool)
    there[: rows * tall, : columns * wide] = True
    assert np.isnan(back[:, ~there]).all() and not np.isnan(back[:, there]).any()
    for memory in (y_all, back_all):
        assert np.isnan(memory[:edge]).all() and np.isnan(memory[-edge:]).all()
    assert (chosen_all[:edge] == 99).all() and (chosen_all[-edge:] == 99).all()
