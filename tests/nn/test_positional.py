"""The functions of ``torch`` itself that stand for those of ``torch.nn.functional``: PyTorch's values and gradients."""

import numpy as np
import pytest

import chainrule
from tests.tensors.against import same_as_pytorch
from tests.tensors.compare import check, normal

SIGNS = np.array([1.0, -1.0, 1.0])
CELL = [normal(2, 3), normal(2, 4)]


def weights(gates):
    return [normal(4 * gates, 3), normal(4 * gates, 4, seed=1), normal(4 * gates), normal(4 * gates, seed=2)]


FUNCTIONS = {
    "binary_cross_entropy_with_logits": (lambda t, x: t.binary_cross_entropy_with_logits(x, t.tensor(np.ones(3)), None, None, 2), [normal(3)]),
    "cosine_embedding_loss": (lambda t, a, b: t.cosine_embedding_loss(a, b, t.tensor(SIGNS), 0.1), [normal(3, 2), normal(3, 2, seed=1)]),
    "hinge_embedding_loss": (lambda t, x: t.hinge_embedding_loss(x, t.tensor(SIGNS), 1.0, 0), [normal(3)]),
    "kl_div": (lambda t, x: t.kl_div(x, t.tensor(np.array([0.2, 0.3, 0.5]))), [normal(3)]),
    "kl_div averaged": (lambda t, x: t.kl_div(x, t.tensor(np.array([0.2, 0.3, 0.5])), 1), [normal(3)]),
    "kl_div of logarithms": (lambda t, x, y: t.kl_div(x, y, 2, log_target=True), [normal(3), normal(3, seed=1)]),
    "margin_ranking_loss": (lambda t, a, b: t.margin_ranking_loss(a, b, t.tensor(SIGNS)), [normal(3), normal(3, seed=1)]),
    "poisson_nll_loss": (lambda t, x: t.poisson_nll_loss(x, t.tensor(np.ones(3)), True, False, 1e-8, 1), [normal(3)]),
    "triplet_margin_loss": (lambda t, a, b, c: t.triplet_margin_loss(a, b, c), [normal(3, 2), normal(3, 2, seed=1), normal(3, 2, seed=2)]),
    "batch_norm": (lambda t, x, w, b: t.batch_norm(x, w, b, None, None, True, 0.1, 1e-5, False), [normal(5, 3), normal(3), normal(3, seed=1)]),
    "instance_norm": (lambda t, x: t.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False), [normal(2, 3, 4)]),
    "embedding": (lambda t, w: t.embedding(w, t.tensor([0, 2, 0]), 2), [normal(3, 4)]),
    "convolution": (lambda t, x, w: t.convolution(x, w, None, (2,), (1,), (1,), False, (0,), 1), [normal(2, 3, 5), normal(4, 3, 3)]),
    "transposed convolution": (lambda t, x, w: t.convolution(x, w, None, (2, 1), (1, 0), (1, 1), True, (0, 0), 1), [normal(1, 3, 4, 4), normal(3, 2, 3, 3)]),
    "constant_pad_nd": (lambda t, x: t.constant_pad_nd(x, (1, 2, 0, 1), 0.5), [normal(2, 3)]),
    "grid_sampler": (lambda t, x, g: t.grid_sampler(x, g.tanh(), 0, 1, False), [normal(1, 2, 4, 4), normal(1, 3, 3, 2)]),
    "affine_grid_generator": (lambda t, x: t.affine_grid_generator(x, (1, 1, 3, 2), True), [normal(1, 2, 3)]),
    "adaptive_max_pool1d": (lambda t, x: t.adaptive_max_pool1d(x, 2), [normal(1, 2, 5)]),
    "max_pool1d_with_indices": (lambda t, x: t.max_pool1d_with_indices(x, 2), [normal(1, 2, 6)]),
    "dropout_": (lambda t, x: t.dropout_(x * 1, 0.5, False), [normal(3)]),
    "lstm_cell": (lambda t, x, h, *w: t.lstm_cell(x, (h, h.cos()), *w), [*CELL, *weights(4)]),
    "gru_cell": (lambda t, x, h, *w: t.gru_cell(x, h, *w), [*CELL, *weights(3)]),
    "rnn_tanh_cell": (lambda t, x, h, *w: t.rnn_tanh_cell(x, h, *w), [*CELL, *weights(1)]),
    "rnn_relu_cell": (lambda t, x, h, *w: t.rnn_relu_cell(x, h, *w[:2]), [*CELL, *weights(1)]),
    "fill": (lambda t, x: t.fill(x, 2.0) * x, [normal(3)]),
    "frobenius_norm": (lambda t, x: t.frobenius_norm(x, (0, 1)), [normal(2, 3)]),
    "nuclear_norm": (lambda t, x: t.nuclear_norm(x), [normal(2, 3)]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:at..[a-z]*_norm is deprecated")
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_like_pytorch(name):
    program, arrays = FUNCTIONS[name]
    check(program, arrays, names=False)


@pytest.mark.parametrize("expression", [
    "torch.is_same_size(torch.ones(2), torch.ones(2, 1))", "torch.detach(torch.ones(1, requires_grad=True))",
    "torch.sym_max(1, 2.5)", "torch.sym_min(1, 2.5)", "torch.sym_not(0)", "torch.sym_int(2.7)", "torch.sym_float(2)", "torch.sym_sum([1, 2])",
    "torch.sym_ite(True, 1, 2)", "torch.sym_sqrt(4)",
])  # fmt: skip
def test_prints_as_pytorch(expression):
    same_as_pytorch(expression)


def test_dropout_writes_to_its_tensor():
    x = chainrule.ones(1000)
    y = chainrule.dropout_(x, 0.5, True)
    assert y is x and set(x.unique().tolist()) == {0.0, 2.0}


def test_a_reduction_is_a_number():
    with pytest.raises(RuntimeError, match="3 is not a valid value for reduction\n  why: 0 is none, 1 mean, 2 sum"):
        chainrule.hinge_embedding_loss(chainrule.ones(2), chainrule.ones(2), 1.0, 3)


def test_memory_for_other_libraries():
    x = chainrule.arange(3.0)
    assert type(chainrule.to_dlpack(x)).__name__ == "PyCapsule"
    assert chainrule.get_device(x) == -1 and chainrule.has_lapack and not chainrule.has_mkl
