"""Predictions and targets that do not fit together: PyTorch's words first, then why, and what to write instead."""

import warnings

import pytest

import chainrule

LOSSES = {
    "mse_loss": (lambda t, f, o: f.mse_loss(o(3), o(4)), "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0", "shapes [3] (`o(3)`) and [4] (`o(4)`) are aligned at their last axis, and there 3 meets 4"),
    "smooth_l1_loss": (lambda t, f, o: f.smooth_l1_loss(o(2, 3), o(4)), "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", "there 3 meets 4"),
    "cross_entropy, number of samples": (lambda t, f, o: f.cross_entropy(o(3, 5), t.tensor([1, 2])), "Expected input batch_size (3) to match target batch_size (2).", "input of shape [3, 5] takes targets of shape [3]"),
    "cross_entropy, class": (lambda t, f, o: f.cross_entropy(o(2, 3), t.tensor([1, 3])), "Target 3 is out of bounds.", "the input has 3 scores for each sample, so classes are 0 … 2; target[1] = 3\n  instead: target - 1: these are numbered from 1"),
    "cross_entropy, kind of target": (lambda t, f, o: f.cross_entropy(o(2, 3), o(2)), "expected target dtype to be Long or Byte, but got Float", "each target is the index of a class"),
    "cross_entropy, a column of targets": (lambda t, f, o: f.cross_entropy(o(2, 3), t.tensor([[0], [1]])), "0D or 1D target tensor expected, multi-target not supported", "input of shape [2, 3] takes targets of shape [2]\n  instead: target.squeeze(1)"),
    "nll_loss": (lambda t, f, o: f.nll_loss(o(3, 5), t.tensor([1, 2])), "Expected input batch_size (3) to match target batch_size (2).", "takes targets of shape [3]"),
    "binary_cross_entropy": (lambda t, f, o: f.binary_cross_entropy(o(3), o(4)), "Using a target size (torch.Size([4])) that is different to the input size (torch.Size([3]))", "each probability is compared with its own target"),
    "binary_cross_entropy, no probabilities": (lambda t, f, o: f.binary_cross_entropy(o(3) * 2, o(3)), "all elements of input should be between 0 and 1", "instead: torch.sigmoid(input), or better F.binary_cross_entropy_with_logits(input, target)"),
    "binary_cross_entropy_with_logits": (lambda t, f, o: f.binary_cross_entropy_with_logits(o(3, 1), o(3)), "Target size (torch.Size([3])) must be the same as input size (torch.Size([3, 1]))", "instead: target.reshape(3, 1), or input.squeeze(-1)"),
    "reduction": (lambda t, f, o: f.mse_loss(o(3), o(3), reduction="avg"), "avg is not a valid value for reduction", "instead: reduction='mean', 'sum' or 'none'"),
    "sum of shapes": (lambda t, f, o: o(2, 3) + o(3, 2), "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1", "instead: transpose one of them: o(3, 2).T"),
}  # fmt: skip


def raised(lib, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # losses of different shapes are warned about as well
        with pytest.raises((RuntimeError, IndexError, ValueError)) as error:
            LOSSES[name][0](lib, lib.nn.functional, lib.ones)
    return error.value


@pytest.mark.parametrize("name", LOSSES)
def test_the_words(name):
    _, words, more = LOSSES[name]
    text = str(raised(chainrule, name))
    assert text.startswith(words) and more in text


@pytest.mark.parametrize("name", LOSSES)
def test_the_class_and_the_words_are_pytorch_s(name):
    torch = pytest.importorskip("torch")
    theirs = raised(torch, name)
    assert str(theirs).startswith(LOSSES[name][1])
    assert isinstance(raised(chainrule, name), type(theirs))


def test_a_loss_that_would_broadcast_is_warned_about():
    """(4, 1) against (4,) would compare every prediction with every target."""
    with pytest.warns(UserWarning, match="Using a target size \\(torch.Size\\(\\[4\\]\\)\\) that is different to the input size") as seen:
        chainrule.nn.functional.mse_loss(chainrule.ones(4, 1), chainrule.ones(4))
    text = str(seen[0].message)
    assert "why: every prediction is compared with every target, not each with its own: input `chainrule.ones(4, 1)` of shape [4, 1]" in text
    assert "instead: chainrule.ones(4).reshape(4, 1)" in text
