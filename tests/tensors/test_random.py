"""Random tensors: after the same seed, PyTorch's numbers; shapes, dtypes, generators and what is refused."""

import numpy as np
import pytest

import chainrule

FROZEN = {
    "rand": (lambda t: t.rand(3), [0.4962565899, 0.7682217956, 0.0884774327]),
    "randn": (lambda t: t.randn(3), [1.5409960747, -0.2934288979, -2.1787893772]),
    "randperm": (lambda t: t.randperm(5), [4, 0, 1, 3, 2]),
    "randint": (lambda t: t.randint(10, (5,)), [4, 9, 3, 0, 3]),
}


@pytest.mark.parametrize("name", FROZEN)
def test_frozen(name):
    """What PyTorch 2.13 draws after manual_seed(0)."""
    draw, expected = FROZEN[name]
    chainrule.manual_seed(0)
    np.testing.assert_allclose(draw(chainrule).numpy(), expected, rtol=1e-7)


DRAWS = [
    lambda t: t.rand(2, 3), lambda t: t.rand((20,), dtype=t.float64), lambda t: t.randn(5), lambda t: t.randn(40),
    lambda t: t.randn(size=(3, 3), dtype=t.float64), lambda t: t.randn(17), lambda t: t.randint(10, (5,)),
    lambda t: t.randint(-3, 3, (2, 2)), lambda t: t.randint(1, 10, (5,), dtype=t.float32), lambda t: t.randint(0, 2**40, (3,)),
    lambda t: t.randperm(6), lambda t: t.randperm(5, dtype=t.int32), lambda t: t.rand_like(t.zeros(3, dtype=t.float64)),
    lambda t: t.randn_like(t.zeros(3)), lambda t: t.randint_like(t.zeros(3), 5), lambda t: t.randint_like(t.zeros(3), 2, 5),
    lambda t: t.normal(t.zeros(3), t.ones(3)), lambda t: t.normal(0.0, t.arange(1.0, 4.0)), lambda t: t.normal(t.arange(3.0), 2.0),
    lambda t: t.normal(1.0, 2.0, (4,)), lambda t: t.normal(0.0, 1.0, size=(20,)), lambda t: t.bernoulli(t.full((9,), 0.5)),
    lambda t: t.zeros(5).bernoulli(0.3), lambda t: t.multinomial(t.tensor([0.2, 0.8]), 4, replacement=True),
    lambda t: t.multinomial(t.ones(3, 5), 3), lambda t: t.poisson(t.full((5,), 3.0)),
    lambda t: t.binomial(t.full((4,), 10.0), t.full((4,), 0.3)), lambda t: t.empty(3, 3).normal_(2, 3),
    lambda t: t.empty(20).uniform_(-1, 1), lambda t: t.empty(3).uniform_(), lambda t: t.empty(4).exponential_(),
    lambda t: t.empty(4).exponential_(lambd=2.0), lambda t: t.empty(4).cauchy_(1.0, 2.0), lambda t: t.empty(4).log_normal_(0.5, 1.0),
    lambda t: t.empty(4, dtype=t.int64).geometric_(0.3), lambda t: t.empty(4, dtype=t.int64).random_(),
    lambda t: t.empty(4).random_(10), lambda t: t.empty(4, dtype=t.int32).random_(5, 9), lambda t: t.empty(6).bernoulli_(0.4),
    lambda t: t.empty(3).bernoulli_(t.tensor([0.1, 0.5, 0.9])), lambda t: t.empty(6, dtype=t.float64).normal_(),
    lambda t: t.empty(4, 4).t().normal_(), lambda t: t.empty(3, 5, 4).permute(2, 0, 1).uniform_(),
    lambda t: t.empty(6, 6)[:, ::2].normal_(),
    lambda t: t.empty(2, 3).t().bernoulli_(t.tensor([[0.1, 0.9]])), lambda t: t.empty(3, 4).t().exponential_(),
    lambda t: t.randn(3, dtype=t.complex64), lambda t: t.rand(()), lambda t: t.rand(0),
    lambda t: t.rand(4, dtype=t.float16), lambda t: t.randn(20, dtype=t.bfloat16), lambda t: t.rand(3, requires_grad=True) * 1,
]  # fmt: skip


def test_a_program_that_draws_of_everything_like_torch():
    """One stream through all functions in turn: what one leaves behind, the next begins with."""
    torch = pytest.importorskip("torch")
    for seed in (0, 7, 2**40 + 1):
        chainrule.manual_seed(seed)
        torch.manual_seed(seed)
        for i, draw in enumerate(DRAWS):
            a, b = (draw(lib).detach() for lib in (chainrule, torch))
            assert str(a.dtype) == str(b.dtype) and tuple(a.shape) == tuple(b.shape), i
            if a.is_complex():
                a, b = a.real, b.real
            np.testing.assert_allclose(a.double().numpy(), b.double().numpy(), rtol=2e-6, atol=1e-7, err_msg=f"draw {i}")
        assert bytes(chainrule.get_rng_state().numpy()) == bytes(torch.get_rng_state().numpy())


def test_generators():
    g = chainrule.Generator().manual_seed(5)
    first = chainrule.rand(4, generator=g)
    assert chainrule.rand(4, generator=chainrule.Generator().manual_seed(5)).tolist() == first.tolist()
    assert g.initial_seed() == 5
    chainrule.manual_seed(1)
    a = chainrule.rand(2)
    chainrule.manual_seed(1)
    chainrule.rand(100, generator=g)  # a stream of its own leaves the default one alone
    assert chainrule.rand(2).tolist() == a.tolist()


def test_the_state_can_be_put_back():
    state = chainrule.get_rng_state()
    first = chainrule.randn(5)
    chainrule.set_rng_state(state)
    assert chainrule.randn(5).tolist() == first.tolist()
    g = chainrule.Generator()
    g.set_state(state)
    assert chainrule.randn(5, generator=g).tolist() == first.tolist()
    with pytest.raises(TypeError, match="expected a torch.ByteTensor, but got"):
        chainrule.set_rng_state([1, 2])


def test_seeds():
    assert chainrule.manual_seed(3) is chainrule.default_generator
    assert chainrule.initial_seed() == 3
    assert isinstance(chainrule.seed(), int) and chainrule.initial_seed() != 3
    chainrule.manual_seed(-1)
    a = chainrule.rand(1).item()
    chainrule.manual_seed(2**64 - 1)
    assert chainrule.rand(1).item() == a


def test_filling_in_place_counts_as_a_write():
    w = chainrule.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        w.normal_()
    with chainrule.no_grad():
        assert w.uniform_(2, 3) is w
    assert w._version == 1 and (w >= 2).all()
    y = w * 1
    y.bernoulli_(0.5)
    y.sum().backward()
    assert w.grad.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda t: t.randint(5, 5, (2,)), RuntimeError, "random_ expects 'from' to be less than 'to', but got from=5 >= to=5"),
        (lambda t: t.empty(2).uniform_(1, 0), RuntimeError, "uniform_ expects to return a \\[from, to\\) range, but found from=1 > to=0"),
        (lambda t: t.empty(2).normal_(0, -1), RuntimeError, "normal expects std >= 0.0, but found std -1"),
        (lambda t: t.normal(t.zeros(2), t.tensor([1.0, -1.0])), RuntimeError, "normal expects all elements of std >= 0.0"),
        (lambda t: t.rand(2, dtype=t.int64), (RuntimeError, NotImplementedError), "not implemented for 'Long'"),
        (lambda t: t.multinomial(t.tensor([0.5, -0.5]), 1), RuntimeError, "probability tensor contains either `inf`, `nan` or element < 0"),
        (lambda t: t.multinomial(t.ones(2), 3), RuntimeError,
            "cannot sample n_sample > prob_dist.size\\(-1\\) samples without replacement"),
        (lambda t: t.bernoulli(t.tensor([1.5])), RuntimeError, "Expected p_in >= 0 && p_in <= 1"),
        (lambda t: t.empty(2).exponential_(-1.0), RuntimeError, "exponential_ expects lambda > 0.0, but found lambda=-1"),
        (lambda t: t.randperm(-1), RuntimeError, "Trying to create tensor with negative dimension -1: \\[-1\\]"),
    ],
)  # fmt: skip
def test_bad_input(call, error, text):
    with pytest.raises(error, match=text):
        call(chainrule)


def test_bad_input_like_torch():
    torch = pytest.importorskip("torch")
    for mark in test_bad_input.pytestmark:
        for call, error, text in mark.args[1]:
            with pytest.raises(error, match=text):
                call(torch)
