"""Why a name of PyTorch's is not here: what is said is true of the name, and of names that are here nothing is said."""

import fnmatch

import pytest

import chainrule
from chainrule.interop.reasons import FAMILIES, REASONS, reason


@pytest.mark.parametrize("name, words", [
    ("torch.mkldnn_convolution", "one library's kernel"), ("torch.quantized_lstm", "numbers as they are"),
    ("torch.int4", "so few bits"), ("torch.math", "module of Python's"), ("torch.FunctionSchema", "TorchScript"),
    ("torch.hspmm", "sparse matrices"), ("torch.lstm", "torch.nn.LSTM"), ("torch.batch_norm_stats", "several GPUs"),
])  # fmt: skip
def test_families(name, words):
    assert words in reason(name)


def test_nothing_is_said_of_names_that_are_here():
    here = [f"torch.{n}" for n in dir(chainrule)] + [f"torch.Tensor.{n}" for n in dir(chainrule.Tensor)]
    said = [n for n in here if reason(n) and not n.startswith("torch._")]
    assert said == ["torch.native_channel_shuffle"]  # which begins like a family of names that are not


def test_no_reason_for_what_pytorch_does_not_have():
    torch = pytest.importorskip("torch")
    for name in [n for n in [*REASONS, *FAMILIES] if n.count(".") == 1]:
        assert fnmatch.filter(dir(torch), name.removeprefix("torch.")), name
