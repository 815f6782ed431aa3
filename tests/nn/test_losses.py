"""Every loss against PyTorch: values, nodes, gradients, second derivatives, warnings, errors."""

import re
import warnings

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, close, made, numbers, read, same_error, same_function, same_module, tensors  # noqa: E402

RNG = np.random.default_rng(3)
A, B = numbers((4, 3), 1), numbers((4, 3), 2)
P, Q = numbers((4, 3), 3, 0.05, 0.95), numbers((4, 3), 4, 0.05, 0.95)
SIGNS = np.where(RNG.random((4, 3)) > 0.5, 1, -1).astype(np.float32)
ROW = SIGNS[:, 0].copy()
CLASSES = np.array([0, 2, 1, 2])
W3 = "torch.tensor([0.5, 2.0, 1.0])"
IMAGE, IMAGE_CLASSES = numbers((2, 3, 4, 5)), RNG.integers(0, 3, (2, 4, 5))
SEQUENCE, SEQUENCE_CLASSES = numbers((2, 3, 4)), RNG.integers(0, 3, (2, 4))
SHARES = (lambda e: e / e.sum(1, keepdims=True))(np.exp(B))

CALLS = {
    "F.mse_loss(x, y, R)": (A, B),
    "F.mse_loss(x, y, R, weight=torch.tensor([[0.5], [1.0], [2.0], [3.0]]).expand(4, 3))": (A, B),
    "F.mse_loss(x, y.double(), R)": (A, B),
    "F.mse_loss(x, y.round().long(), R)": (A, B),
    "F.l1_loss(x, y, R)": (A, B),
    "F.l1_loss(x, x, R)": (A, B),
    "F.l1_loss(x, y, R, weight=torch.ones(4, 3) * 2)": (A, B),
    "F.smooth_l1_loss(x, y, R, beta=0.7)": (A, B),
    "F.smooth_l1_loss(x, y, R, beta=0)": (A, B),
    "F.huber_loss(x, y, R, delta=0.7)": (A, B),
    "F.huber_loss(x, y, R, weight=torch.ones(4, 3) * 2)": (A, B),
    "F.poisson_nll_loss(x, y, R)": (A, Q * 5),
    "F.poisson_nll_loss(x, y, R, log_input=False, full=True)": (P, Q * 5),
    "F.gaussian_nll_loss(x, y, torch.ones(4, 1) * 0.3, R)": (A, B),
    "F.gaussian_nll_loss(x, y, 0.3, R, full=True)": (A, B),
    "F.gaussian_nll_loss(x, z, y, R)": (A, B, Q),
    "F.binary_cross_entropy(x, y, R)": (P, Q),
    "F.binary_cross_entropy(x, y, R, weight=torch.tensor([1.0, 2.0, 3.0]))": (P, Q),
    "F.binary_cross_entropy_with_logits(x, y, R)": (A, Q),
    f"F.binary_cross_entropy_with_logits(x, y, R, weight={W3}, pos_weight={W3})": (A * 30, Q),
    "F.kl_div(x, y, R)": (np.log(P), Q),
    "F.kl_div(x, y, R, log_target=True)": (np.log(P), np.log(Q)),
    "F.soft_margin_loss(x, y.detach(), R)": (A * 20, SIGNS),
    "F.hinge_embedding_loss(x, y.detach(), R)": (A, SIGNS),
    "F.cosine_embedding_loss(x, z, y.detach(), R, margin=0.1)": (A, B, ROW),
    "F.margin_ranking_loss(x, z, y.detach(), R, margin=0.3)": (A, B, SIGNS),
    "F.multi_margin_loss(x, y, R)": (A, CLASSES),
    f"F.multi_margin_loss(x, y, R, p=2, margin=0.7, weight={W3})": (A, CLASSES),
    "F.multi_margin_loss(x[0], y[0], R)": (A, CLASSES),
    "F.multilabel_margin_loss(x, y, R)": (A, np.array([[0, -1, 1], [1, 2, -1], [-1, 0, 1], [2, 0, 1]])),
    "F.multilabel_margin_loss(x[0], y[0], R)": (A, np.array([[0, 2, -1]])),
    f"F.multilabel_soft_margin_loss(x, y, R, weight={W3})": (A, Q),
    "F.triplet_margin_loss(x, y, y.flip(0), R)": (A, B),
    "F.triplet_margin_loss(x, y, y.flip(0), R, margin=2.0, p=1, swap=True)": (A, B),
    "F.triplet_margin_with_distance_loss(x, y, y.flip(0), R, distance_function=lambda a, b: (a - b).abs().max(1)[0])": (A, B),
    "F.nll_loss(x, y, R)": (A, CLASSES),
    f"F.nll_loss(x, y, R, weight={W3}, ignore_index=2)": (A, CLASSES),
    "F.nll_loss(x, y, R)  ": (IMAGE, IMAGE_CLASSES),
    "F.cross_entropy(x, y, R)": (A, CLASSES),
    "F.cross_entropy(x, y.byte(), R)": (A, CLASSES),
    "F.cross_entropy(x[0], y[0], R)": (A, CLASSES),
    "F.cross_entropy(x, y, R, ignore_index=1)": (A, CLASSES),
    f"F.cross_entropy(x, y, R, weight={W3})": (A, CLASSES),
    f"F.cross_entropy(x, y, R, weight={W3}, label_smoothing=0.1, ignore_index=0)": (A, CLASSES),
    "F.cross_entropy(x, y, R, label_smoothing=0.1)": (A, CLASSES),
    "F.cross_entropy(x, y, R) ": (IMAGE, IMAGE_CLASSES),
    f"F.cross_entropy(x, y, R, weight={W3}, label_smoothing=0.2)": (IMAGE, IMAGE_CLASSES),
    "F.cross_entropy(x, y, R, ignore_index=-1)": (SEQUENCE, np.where(SEQUENCE_CLASSES == 2, -1, SEQUENCE_CLASSES)),
    "F.cross_entropy(x, y, R)  ": (A, SHARES),
    f"F.cross_entropy(x, y, R, weight={W3}, label_smoothing=0.1)": (A, SHARES),
    "F.cross_entropy(x, y, R)   ": (numbers((40, 300)), np.arange(40) * 7),
    "F.cross_entropy(x.T.contiguous().T, y, R)": (A, CLASSES),
    "F.cross_entropy(x.T.contiguous().T, y, R) ": (numbers((3, 5)), np.array([4, 0, 1])),
}  # fmt: skip


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("call", CALLS)
def test_a_loss_is_pytorch_s(call, reduction):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a plain mean of kl_div, and target sizes that differ
        text = call.strip().replace(", R", f", reduction={reduction!r}")
        same_function(text, CALLS[call], name=not (SEQUENCE is CALLS[call][0] and reduction == "none"))


CTC = {
    "F.ctc_loss(x.log_softmax(2), y, (6, 5), (3, 2), R)": np.array([[1, 2, 2], [3, 1, 0]]),
    "F.ctc_loss(x.log_softmax(2), y, torch.tensor([6, 4]), torch.tensor([3, 2]), R)": np.array([1, 2, 2, 3, 1]),
    "F.ctc_loss(x.log_softmax(2), y, (6, 5), (3, 0), R, blank=3)": np.array([[1, 2, 0], [1, 1, 0]]),
    "F.ctc_loss(x.log_softmax(2), y, (2, 5), (3, 2), R, zero_infinity=True)": np.array([[1, 1, 2], [3, 1, 0]]),
}


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("call", CTC)
def test_ctc_is_pytorch_s(call, reduction):
    same_function(call.replace(", R", f", reduction={reduction!r}"), (numbers((6, 2, 4)), CTC[call]), 1e-4, 1e-5,
                  name="zero_infinity" not in call)  # fmt: skip


def test_ctc_of_one_sequence():
    same_function("F.ctc_loss(x.log_softmax(1), y, torch.tensor(6), torch.tensor(2))", (numbers((6, 4)), np.array([1, 2])), 1e-4)


MODULES = {
    "nn.MSELoss()": (A, B),
    "nn.MSELoss(reduction='sum')": (A, B),
    "nn.L1Loss()": (A, B),
    "nn.SmoothL1Loss(beta=0.5)": (A, B),
    "nn.HuberLoss(delta=0.5)": (A, B),
    "nn.BCELoss(weight=torch.tensor([1.0, 2.0, 3.0]))": (P, Q),
    "nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 2.0, 3.0]))": (A, Q),
    f"nn.NLLLoss({W3})": (A, CLASSES),
    "nn.CrossEntropyLoss(label_smoothing=0.1, ignore_index=1)": (A, CLASSES),
    "nn.KLDivLoss(reduction='batchmean')": (np.log(P), Q),
    "nn.PoissonNLLLoss()": (A, Q),
    "nn.GaussianNLLLoss()": (A, B, Q),
    "nn.CosineEmbeddingLoss(0.1)": (A, B, np.sign(ROW).astype(np.int64)),
    "nn.HingeEmbeddingLoss()": (A, SIGNS.astype(np.int64)),
    "nn.MarginRankingLoss(0.2)": (A, B, SIGNS.astype(np.int64)),
    f"nn.MultiMarginLoss(weight={W3})": (A, CLASSES),
    "nn.MultiLabelMarginLoss()": (A, np.array([[0, -1, 1]] * 4)),
    "nn.MultiLabelSoftMarginLoss()": (A, Q),
    "nn.SoftMarginLoss()": (A, SIGNS.astype(np.int64)),
    "nn.TripletMarginLoss(swap=True)": (A, B, P),
    "nn.TripletMarginWithDistanceLoss()": (A, B, P),
}  # fmt: skip


@pytest.mark.parametrize("text", MODULES)
def test_a_loss_module_is_pytorch_s(text):
    same_module(text, MODULES[text])


def test_the_former_name_for_images_warns():
    for names in BOTH:
        with pytest.warns(FutureWarning, match="`NLLLoss2d` has been deprecated"):
            loss = made("nn.NLLLoss2d()", names)
        x, t = tensors((IMAGE, IMAGE_CLASSES), names)
        assert loss(x, t).shape == ()


def test_ctc_module():
    inputs = numbers((6, 2, 4)), np.array([[1, 2], [2, 3]])
    same_module("nn.CTCLoss()", inputs, "m(inputs[0].log_softmax(2), inputs[1], (6, 5), (2, 2))", 1e-4)


SECOND = [
    "F.mse_loss(x, y)", "F.smooth_l1_loss(x, y)", "F.huber_loss(x, y)", "F.binary_cross_entropy(x.sigmoid(), y.sigmoid())",
    "F.binary_cross_entropy_with_logits(x, y)", "F.kl_div(x, y.exp(), reduction='batchmean')", "F.soft_margin_loss(x, y.detach())",
    "F.cross_entropy(x, torch.tensor([0, 2, 1, 2]))", f"F.cross_entropy(x, torch.tensor([0, 2, 1, 2]), weight={W3})",
    "F.cross_entropy(x, torch.tensor([0, 2, 1, 2]), label_smoothing=0.1)", "F.cross_entropy(x, y.softmax(1))",
    "F.poisson_nll_loss(x, y)", "F.gaussian_nll_loss(x, y, y.exp())",
    "F.triplet_margin_loss(x, y, y.flip(0))", "F.cosine_embedding_loss(x, y, torch.tensor([1, -1, 1, 1]))",
]  # fmt: skip


@pytest.mark.parametrize("call", SECOND)
def test_second_derivatives(call):
    """∂/∂x of the squared length of the gradient."""
    found = []
    for names in BOTH:
        x, y = tensors((A, B), names)
        loss = read(call, names, x=x, y=y)
        (g,) = names["torch"].autograd.grad(loss, x, create_graph=True)
        (g * g).sum().backward()
        found.append(x.grad)
    close(*found, f"second derivative of {call}", 1e-4, 1e-5)


def test_different_shapes_are_broadcast_after_a_warning():
    for loss in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        said = []
        for names in BOTH:
            x, y = tensors((A, B[:, :1].copy()), names)
            with pytest.warns(UserWarning, match="Using a target size") as caught:
                value = getattr(names["F"], loss)(x, y)
            said.append((caught[0].message.args[0].split("\n")[0], value))
        assert said[0][0] == said[1][0]
        close(said[0][1], said[1][1], loss)


def test_a_column_against_a_vector_is_called_out():
    names = BOTH[0]
    x, y = tensors((A[:, :1].copy(), A[:, 0].copy()), names)
    with pytest.warns(UserWarning, match=re.escape("instead: y.reshape(4, 1)")):
        names["F"].mse_loss(x, y)


@pytest.mark.parametrize(
    "call",
    [
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4))",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, dtype=torch.int32))",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, 1, dtype=torch.int64))",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, 3, dtype=torch.int64))",
        "F.cross_entropy(torch.zeros(4, 3), torch.tensor([0, 1, 5, 1]))",
        "F.cross_entropy(torch.zeros(4, 3), torch.tensor([0, 1, -1, 1]))",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(3, dtype=torch.int64))",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64), weight=torch.ones(4))",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64), weight=torch.ones(3).double())",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64), label_smoothing=2.0)",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64), reduction='avg')",
        "F.cross_entropy(np.zeros((4, 3)), torch.zeros(4, dtype=torch.int64))",
        "F.cross_entropy(torch.zeros(4, 3), np.zeros(4))",
        "F.cross_entropy(torch.zeros(2, 3, 4), torch.zeros(2, 5, dtype=torch.int64))",
        "F.cross_entropy(torch.zeros(2, 3, 4, 5), torch.zeros(2, 4, 6, dtype=torch.int64))",
        "F.cross_entropy(torch.zeros(2, 3, 4, 5), torch.zeros(2, dtype=torch.int64))",
        "F.nll_loss(torch.zeros(4, 3), torch.zeros(4))",
        "F.mse_loss(torch.zeros(4, 3), torch.zeros(4, 2))",
        "F.mse_loss(torch.zeros(4), torch.zeros(4), reduction='avg')",
        "F.mse_loss(torch.tensor([1]), torch.tensor([1]))",
        "F.mse_loss(torch.zeros(4, 3), torch.zeros(4, 3), weight=torch.ones(3))",
        "F.smooth_l1_loss(torch.zeros(1), torch.zeros(1), beta=-1.0)",
        "F.huber_loss(torch.zeros(1), torch.zeros(1), delta=0.0)",
        "F.binary_cross_entropy(torch.tensor([1.5]), torch.tensor([1.0]))",
        "F.binary_cross_entropy(torch.tensor([0.5]), torch.tensor([2.0]))",
        "F.binary_cross_entropy(torch.rand(3), torch.rand(3, 1))",
        "F.binary_cross_entropy(torch.rand(3), torch.tensor([1, 0, 1]))",
        "F.binary_cross_entropy_with_logits(torch.rand(3), torch.rand(3, 1))",
        "F.binary_cross_entropy_with_logits(torch.rand(3), torch.tensor([1, 0, 1]))",
        "F.gaussian_nll_loss(torch.rand(4, 3), torch.rand(4, 3), -torch.ones(4, 3))",
        "F.gaussian_nll_loss(torch.rand(4, 3), torch.rand(4, 3), torch.ones(5, 3))",
        "F.cosine_embedding_loss(torch.rand(4, 3), torch.rand(4, 3), torch.ones(4, 1))",
        "F.cosine_embedding_loss(torch.rand(3), torch.rand(3), torch.ones(1))",
        "F.multi_margin_loss(torch.rand(4, 3), torch.tensor([0, 1, 5, 1]))",
        "F.multi_margin_loss(torch.rand(4, 3), torch.tensor([0, 1, 1]))",
        "F.multi_margin_loss(torch.rand(4, 3), torch.tensor([0, 1, 1, 1.0]))",
        "F.multi_margin_loss(torch.rand(4, 3), torch.tensor([0, 1, 1, 1]), weight=torch.ones(2))",
        "F.multilabel_margin_loss(torch.rand(4, 3), torch.tensor([0, 1]))",
        "F.multilabel_margin_loss(torch.rand(4, 3), torch.tensor([[0, 5, -1]] * 4))",
        "F.triplet_margin_loss(torch.rand(4, 3), torch.rand(4, 3), torch.rand(4))",
        "F.triplet_margin_loss(torch.rand(4, 3), torch.rand(4, 3), torch.rand(4, 3), margin=0.0)",
        "F.kl_div(torch.zeros(2), torch.zeros(2), reduction='avg')",
        "F.ctc_loss(torch.zeros(5, 2, 4), torch.tensor([[1, 2], [2, 3]]), (6, 5), (2, 2))",
        "F.ctc_loss(torch.zeros(5, 2, 4), torch.tensor([[1, 2], [2, 3]]), (5, 5), (3, 2))",
        "F.ctc_loss(torch.zeros(5, 2, 4), torch.tensor([1, 2, 2]), (5, 5), (2, 2))",
        "F.ctc_loss(torch.zeros(5, 2, 4), torch.tensor([1, 2, 2, 3]), (5, 5), (2, 2), blank=4)",
        "F.ctc_loss(torch.zeros(5, 2, 4), torch.tensor([1, 2, 2, 3]), (5, 5, 5), (2, 2))",
        "F.softmax(torch.tensor([1, 2]), 0)",
        "F.softmax(torch.zeros(2), 3)",
    ],
)
def test_bad_input_is_refused_in_pytorch_s_words(call):
    same_error(call)


def test_legacy_arguments():
    for names in BOTH:
        x, y = tensors((A, B), names)
        with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
            total = names["F"].mse_loss(x, y, size_average=False)
        assert float(total.detach()) == pytest.approx(float(((A - B) ** 2).sum()), rel=1e-5)
        with pytest.warns(UserWarning, match="please use reduction='none' instead"):
            assert made("nn.MSELoss(reduce=False)", names).reduction == "none"


def test_implicit_dims():
    for names in BOTH:
        (x,) = tensors((A,), names)
        with pytest.warns(UserWarning, match="Implicit dimension choice for softmax has been deprecated"):
            y = names["F"].softmax(x)
        assert y.sum(1).tolist() == pytest.approx([1] * 4)


def test_where_nothing_counts_the_mean_is_not_a_number():
    for names in BOTH:
        x, t = tensors((A, np.full(4, -100)), names)
        assert str(float(names["F"].cross_entropy(x, t).detach())) == "nan"
