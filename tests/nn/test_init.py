"""Initial weights: the same numbers as PyTorch's from the same seed."""

import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, close, made, read, same_error  # noqa: E402

CALLS = [
    "uniform_(torch.empty(3, 5), -1.0, 2.0)",
    "uniform_(torch.empty(3, 5, dtype=torch.float64))",
    "normal_(torch.empty(3, 5), 1.0, 0.5)",
    "normal_(torch.empty(30, 5))",
    "trunc_normal_(torch.empty(20, 5))",
    "trunc_normal_(torch.empty(20, 5), 0.5, 0.2, 0.0, 1.0)",
    "trunc_normal_(torch.empty(20, 5), 0.5, 0.2, 0.6, 1.0)",
    "trunc_normal_(torch.empty(20, 5), 0.0, 1.0, -0.1, 0.2)",
    "constant_(torch.empty(3), 0.3)",
    "ones_(torch.empty(3))",
    "zeros_(torch.empty(3))",
    "eye_(torch.empty(3, 5))",
    "dirac_(torch.empty(4, 2, 3))",
    "dirac_(torch.empty(6, 3, 3, 3), 2)",
    "xavier_uniform_(torch.empty(3, 5))",
    "xavier_uniform_(torch.empty(3, 5, 2, 2), gain=2.0)",
    "xavier_normal_(torch.empty(3, 5))",
    "kaiming_uniform_(torch.empty(3, 5))",
    "kaiming_uniform_(torch.empty(3, 5), mode='fan_out', nonlinearity='relu')",
    "kaiming_uniform_(torch.empty(3, 5), a=0.2)",
    "kaiming_normal_(torch.empty(3, 5), mode='fan_out', nonlinearity='tanh')",
    "sparse_(torch.empty(6, 4), 0.4, 0.1)",
    "uniform_(torch.empty(4), generator=torch.Generator().manual_seed(3))",
    "kaiming_normal_(torch.empty(4, 2), generator=torch.Generator().manual_seed(3))",
]


@pytest.mark.parametrize("call", CALLS)
def test_the_numbers_are_pytorch_s(call):
    ours, theirs = (made(f"nn.init.{call}", names) for names in BOTH)
    close(ours, theirs, call, 3e-7, 1e-7)


@pytest.mark.parametrize("shape", [(4, 4), (3, 6), (6, 3), (4, 2, 3)])
def test_orthogonal_matrices(shape):
    ours, theirs = (made(f"nn.init.orthogonal_(torch.empty{shape}, gain=2.0)", names) for names in BOTH)
    close(ours, theirs, "orthogonal", 1e-4, 1e-5)


@pytest.mark.parametrize("name", ["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains(name):
    assert read(f"nn.init.calculate_gain({name!r})", BOTH[0]) == read(f"nn.init.calculate_gain({name!r})", BOTH[1])


@pytest.mark.parametrize(
    "call",
    ["uniform", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "eye"],
)
def test_former_names_warn_and_draw_the_same(call):
    found = []
    for names in BOTH:
        with pytest.warns(FutureWarning, match=f"`nn.init.{call}` is now deprecated in favor of `nn.init.{call}_`"):
            found.append(made(f"nn.init.{call}(torch.empty(3, 3))", names))
    close(*found, call, 1e-4, 1e-5)


def test_parameters_are_written_without_a_record():
    for names in BOTH:
        w = names["nn"].Parameter(names["torch"].zeros(2, 2))
        assert names["nn"].init.ones_(w) is w
        assert w.requires_grad and w.grad_fn is None and w.tolist() == [[1, 1], [1, 1]]


def test_fans():
    for names in BOTH:
        w = names["torch"].empty(2, 3, 4, 5)
        assert names["nn"].init._calculate_fan_in_and_fan_out(w) == (60, 40)


def test_means_far_outside_the_bounds_warn():
    for names in BOTH:
        with pytest.warns(UserWarning, match="mean is more than 2 std"):
            made("nn.init.trunc_normal_(torch.empty(3), 9.0)", names)


def test_nothing_to_initialize_warns():
    for names in BOTH:
        with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
            made("nn.Linear(0, 3)", names)


@pytest.mark.parametrize(
    "call",
    [
        "nn.init.kaiming_uniform_(torch.empty(3))",
        "nn.init.kaiming_uniform_(torch.empty(3, 2), mode='foo')",
        "nn.init.calculate_gain('foo')",
        "nn.init.calculate_gain('leaky_relu', 'a')",
        "nn.init.eye_(torch.empty(3))",
        "nn.init.dirac_(torch.empty(3, 2))",
        "nn.init.dirac_(torch.empty(3, 2, 3), 2)",
        "nn.init.orthogonal_(torch.empty(3))",
        "nn.init.sparse_(torch.empty(3), 0.5)",
    ],
)
def test_bad_input_is_refused_in_pytorch_s_words(call):
    same_error(call)
