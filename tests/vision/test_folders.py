"""Images in folders; images of noise; transforms of both."""

import pytest

import chainrule
from chainrule.vision import datasets


@pytest.fixture
def pets(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    for i, name in enumerate(["dog/b.png", "dog/a.JPG", "cat/deep/c.png", "cat/notes.txt"]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("no picture")
        else:
            Image.new("L", (4, 3), i).save(path, format="PNG")
    return tmp_path


def test_image_folder(pets):
    data = datasets.ImageFolder(pets)
    assert data.classes == ["cat", "dog"]
    assert data.samples == data.imgs == [
        (str(pets / "cat/deep/c.png"), 0), (str(pets / "dog/a.JPG"), 1), (str(pets / "dog/b.png"), 1)]  # fmt: skip
    assert data.targets == [0, 1, 1]
    picture, label = data[2]
    assert (picture.mode, picture.size, picture.getpixel((0, 0)), label) == ("RGB", (4, 3), (0, 0, 0), 1)


def test_folders_of_other_files(pets):
    data = datasets.DatasetFolder(str(pets), loader=lambda path: path[-5:], extensions=(".txt",), allow_empty=True)
    assert list(data.samples) == [(str(pets / "cat/notes.txt"), 0)]
    assert data[0] == ("s.txt", 0)


def test_folders_without_files(pets):
    with pytest.raises(FileNotFoundError) as caught:
        datasets.DatasetFolder(pets, loader=str, extensions=(".txt",))
    assert str(caught.value).startswith("Found no valid file for the classes dog. Supported extensions are: .txt\n")
    with pytest.raises(FileNotFoundError, match="Couldn't find any class folder in"):
        datasets.ImageFolder(pets / "dog")
    with pytest.raises(
        ValueError, match="Both extensions and is_valid_file cannot be None or not None at the same time"
    ):
        datasets.DatasetFolder(pets, loader=str)


def test_fake_data_stays_the_same_and_leaves_the_stream_alone():
    pytest.importorskip("PIL")
    chainrule.manual_seed(3)
    before = chainrule.rand(2)
    data = datasets.FakeData(3, (3, 5, 6), random_offset=4)
    chainrule.manual_seed(3)
    first = data[1]
    assert (chainrule.rand(2) == before).all()
    assert first[0].tobytes() == data[1][0].tobytes()
    assert [data[i][1] for i in range(3)] == [9, 2, 7]  # as torchvision's
    with pytest.raises(IndexError, match="FakeData index out of range"):
        data[3]


def test_both_kinds_of_transforms():
    both = datasets.VisionDataset("x", transforms=lambda image, target: (image, target))
    assert both.transforms(1, 2) == (1, 2)
    with pytest.raises(NotImplementedError, match="Subclasses of VisionDataset should implement __len__"):
        len(both)
