"""What is written for TensorBoard can be read again; without the package, the error says what to install."""

import struct
import sys

import pytest

import chainrule as cr


def test_tensors_are_written_as_numbers(tmp_path):
    pytest.importorskip("tensorboardX")
    from chainrule.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", cr.tensor(0.5, requires_grad=True) * 2, 3)
        writer.add_scalars("both", {"a": cr.tensor(1.0), "b": 2.0}, 1)
        writer.add_histogram("weights", cr.randn(100), 1)
        writer.add_text("note", "hello")
        assert writer.logdir == str(tmp_path)
    found = b"".join(file.read_bytes() for file in tmp_path.rglob("events*"))
    for word in (b"loss", b"weights", b"note", b"hello", struct.pack("<f", 1.0)):
        assert word in found


def test_graphs_are_refused(tmp_path):
    pytest.importorskip("tensorboardX")
    from chainrule.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path)) as writer, pytest.raises(NotImplementedError, match="chainrule makes none"):
        writer.add_graph(cr.nn.Linear(1, 1))


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        from chainrule.utils.tensorboard import SummaryWriter  # noqa: F401
    assert str(caught.value).splitlines()[::2] == ["No module named 'tensorboardX'", '  instead: pip install "chainrule[tensorboard]"']
