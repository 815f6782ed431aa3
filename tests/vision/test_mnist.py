"""MNIST and its relatives read the files that their makers publish."""

import gzip
import struct

import numpy as np
import pytest

import chainrule
from chainrule.vision import datasets, transforms
from chainrule.vision.datasets.mnist import read_idx
from tests.vision.files import FILES, digits


@pytest.fixture
def mnist(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in FILES.items():
        (raw / name).write_bytes(content)
    return tmp_path


def test_mnist(mnist):
    data = datasets.MNIST(mnist, train=True)
    pictures, labels = digits(5, 0)
    assert len(data) == 5
    assert (data.data.numpy() == pictures).all()
    assert data.targets.tolist() == labels.tolist()
    assert data.targets.dtype is chainrule.int64
    assert repr(data) == f"Dataset MNIST\n    Number of datapoints: 5\n    Root location: {mnist}\n    Split: Train"
    assert len(datasets.MNIST(str(mnist), train=False)) == 3
    assert data.class_to_idx["7 - seven"] == 7


def test_items_pass_through_the_transforms(mnist):
    pytest.importorskip("PIL")
    data = datasets.MNIST(mnist, transform=transforms.ToTensor(), target_transform=lambda target: -target)
    x, y = data[2]
    assert (x.numpy()[0] == digits(5, 0)[0][2] / np.float32(255)).all()
    assert y == -int(digits(5, 0)[1][2])
    plain, _ = datasets.MNIST(mnist)[2]
    assert (plain.mode, plain.size) == ("L", (28, 28))
    batches = list(chainrule.utils.data.DataLoader(data, batch_size=2))
    assert [tuple(x.shape) for x, _ in batches] == [(2, 1, 28, 28), (2, 1, 28, 28), (1, 1, 28, 28)]


def test_compressed_files_are_read_too(mnist):
    raw = mnist / "MNIST" / "raw"
    for path in list(raw.iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert (datasets.MNIST(mnist).data.numpy() == digits(5, 0)[0]).all()


def test_files_that_are_missing(mnist):
    (mnist / "MNIST" / "raw" / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(RuntimeError) as caught:
        datasets.MNIST(mnist)
    assert str(caught.value).splitlines() == [
        "Dataset not found. You can use download=True to download it",
        f"  why: {mnist / 'MNIST' / 'raw'} is without t10k-labels-idx1-ubyte",
    ]


@pytest.mark.parametrize(
    "change, why",
    [
        (lambda content: content[:-7], "an array of 5 × 28 × 28 needs 3,936 bytes, the file has 3,929"),
        (lambda content: content + b"x", "an array of 5 × 28 × 28 needs 3,936 bytes, the file has 3,937"),
        (
            lambda content: b"<html>",
            "an IDX file begins with two zeros and a known kind of number, this one with b'<htm'",
        ),
        (lambda content: b"", "an IDX file begins with two zeros"),
        (lambda content: content[:9], "its 9 bytes end before the sizes of its 3 axes"),
        (
            lambda content: struct.pack(">BBBB3I", 0, 0, 8, 3, *(2**32 - 1,) * 3),
            "needs 79,228,162,458,924,105,385,300,197,391 bytes",
        ),
    ],
)
def test_damaged_files(mnist, change, why):
    path = mnist / "MNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(RuntimeError) as caught:
        datasets.MNIST(mnist)
    what, reason, instead = str(caught.value).splitlines()
    assert what == f"{path} is damaged"
    assert why in reason
    assert instead == "  instead: delete it, and download=True fetches it again"


def test_damaged_compressed_files(tmp_path):
    path = tmp_path / "a.gz"
    for content in (gzip.compress(FILES["train-images-idx3-ubyte"])[:-300], b"nothing"):
        path.write_bytes(content)
        with pytest.raises(RuntimeError, match="is damaged"):
            read_idx(path)


def test_labels_of_other_pictures(mnist):
    raw = mnist / "MNIST" / "raw"
    (raw / "train-labels-idx1-ubyte").write_bytes(FILES["t10k-labels-idx1-ubyte"])
    with pytest.raises(RuntimeError, match=r"pictures of shape \(5, 28, 28\) do not belong to labels of shape \(3,\)"):
        datasets.MNIST(mnist)


def test_idx_of_other_numbers(tmp_path):
    path = tmp_path / "floats"
    path.write_bytes(struct.pack(">BBBBI2f", 0, 0, 13, 1, 2, 0.5, -3.0))
    assert read_idx(path).tolist() == [0.5, -3.0]


def test_former_names(mnist):
    data = datasets.MNIST(mnist)
    with pytest.warns(UserWarning, match="train_labels has been renamed targets"):
        assert data.train_labels is data.targets
