"""CIFAR reads the files that its makers publish, and runs nothing that a file asks for."""

import os
import pickle

import numpy as np
import pytest

from chainrule.vision.datasets.pickled import read_pickled
from tests.vision.files import cifar_files, photographs, put, small_cifar


@pytest.mark.parametrize("how", ["python 2", 2, 4, 5])
def test_cifar(tmp_path, how):
    files = cifar_files(how)
    put(tmp_path, files)
    data = small_cifar(files)(tmp_path)
    expected = np.vstack([photographs(4, i)[0] for i in (0, 1)]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    assert data.data.shape == (8, 32, 32, 3)
    assert (data.data == expected).all()
    assert data.targets == photographs(4, 0)[1] + photographs(4, 1)[1]
    assert data.class_to_idx == {"airplane": 0, "automobile": 1}
    assert repr(data).splitlines()[1:] == [
        "    Number of datapoints: 8", f"    Root location: {tmp_path}", "    Split: Train"]  # fmt: skip
    assert len(small_cifar(files)(tmp_path, train=False)) == 4


def test_cifar_gives_pictures(tmp_path):
    pytest.importorskip("PIL")
    files = cifar_files("python 2")
    put(tmp_path, files)
    picture, label = small_cifar(files)(tmp_path, target_transform=str)[5]
    assert (picture.mode, picture.size, label) == ("RGB", (32, 32), str(photographs(4, 1)[1][1]))
    assert (np.array(picture) == photographs(4, 1)[0][1].reshape(3, 32, 32).transpose(1, 2, 0)).all()


def test_cifar_files_that_are_not_the_published_ones(tmp_path):
    files = cifar_files(2)
    folder = put(tmp_path, files)
    (folder / "data_batch_2").write_bytes(files["data_batch_2"][:-1])
    with pytest.raises(RuntimeError) as caught:
        small_cifar(files)(tmp_path)
    assert str(caught.value).splitlines() == [
        "Dataset not found or corrupted. You can use download=True to download it",
        f"  why: {folder / 'data_batch_2'} has not the checksum of the published file",
    ]


class Attack:
    def __reduce__(self):
        return (eval, ("__import__('os').environ.__setitem__('ATTACKED', 'yes')",))


@pytest.mark.parametrize(
    "entry, words",
    [
        (Attack(), "eval was not an allowed global"),
        ({"data": np.zeros(2)}, "an array of dtype f8, where bytes (u1) are known"),
        ({"data": np.array([print, 3], object)}, "an array of dtype O8"),
        ([1], "it holds a list, not a dictionary"),
    ],
)
def test_pickles_run_nothing(tmp_path, entry, words, monkeypatch):
    monkeypatch.delenv("ATTACKED", raising=False)
    path = tmp_path / "data_batch_1"
    path.write_bytes(pickle.dumps(entry, protocol=2))
    with pytest.raises(RuntimeError) as caught:
        read_pickled(path)
    assert words in str(caught.value)
    assert "ATTACKED" not in os.environ
