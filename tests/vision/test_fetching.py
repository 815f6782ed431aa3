"""Files are fetched whole or not at all, checked, from the first address that has them; archives unpack within their folder."""

import gzip
import io
import tarfile

import pytest

from chainrule.vision import datasets
from chainrule.vision.datasets import utils
from tests.vision.files import FILES, cifar_files, digits, md5, small_cifar


def published(folder, compress=gzip.compress):
    """Serve the files; a class of datasets that fetches them."""
    packed = {name + ".gz": compress(content) for name, content in FILES.items()}
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    return [(name, md5(content)) for name, content in packed.items()]


def test_download(server, tmp_path, capsys):
    address, folder = server

    class Mine(datasets.MNIST):
        mirrors = [address + "nowhere/", address]
        resources = published(folder)

    data = Mine(tmp_path / "data", train=False, download=True)
    assert (data.data.numpy() == digits(3, 1)[0]).all()
    raw = tmp_path / "data" / "Mine" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted([*FILES, *(name + ".gz" for name in FILES)])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 4
    assert shown.err.startswith("fetching train-images-idx3-ubyte.gz, ")
    for path in folder.iterdir():
        path.unlink()
    Mine(tmp_path / "data", download=True)  # what is there is not fetched again


def test_a_file_whose_checksum_is_wrong_is_not_kept(server, tmp_path):
    address, folder = server

    class Mine(datasets.MNIST):
        mirrors = [address]
        resources = published(folder)

    (folder / Mine.resources[0][0]).write_bytes(b"something else")
    with pytest.raises(RuntimeError) as caught:
        Mine(tmp_path, download=True)
    what, why, address_line, instead = str(caught.value).splitlines()
    assert what == "Error downloading train-images-idx3-ubyte.gz"
    assert address_line == (
        f"    {address}train-images-idx3-ubyte.gz: what came has the checksum {md5(b'something else')}, not {Mine.resources[0][1]}"
    )
    assert (
        instead
        == f"  instead: fetch it elsewhere and put it at {tmp_path / 'Mine' / 'raw' / 'train-images-idx3-ubyte.gz'}"
    )
    assert list((tmp_path / "Mine" / "raw").iterdir()) == []


def test_a_damaged_file_is_fetched_again(server, tmp_path):
    address, folder = server

    class Mine(datasets.MNIST):
        mirrors = [address]
        resources = published(folder)

    raw = tmp_path / "Mine" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte.gz").write_bytes(b"cut off")
    assert len(Mine(tmp_path, download=True)) == 5


@pytest.mark.parametrize(
    "file, why",
    [
        ("missing.gz", "the server answers 404 File not found"),
        ("cut.gz", "the connection ended after 10 of 1,000 bytes"),
    ],
)
def test_what_cannot_be_fetched(server, tmp_path, file, why):
    address, _ = server
    with pytest.raises(RuntimeError) as caught:
        utils.download_url(address + file, tmp_path)
    assert str(caught.value).splitlines() == [
        f"Error downloading {file}",
        "  why: it could not be fetched:",
        f"    {address}{file}: {why}",
        f"  instead: fetch it elsewhere and put it at {tmp_path / file}",
    ]
    assert list(tmp_path.iterdir()) == []


def test_offline(tmp_path, unused=("http://127.0.0.1:9/a.gz", "http://127.0.0.1:9/b.gz")):
    with pytest.raises(RuntimeError) as caught:
        utils.fetch_from_any(unused, tmp_path / "a.gz")
    lines = str(caught.value).splitlines()
    assert lines[1] == "  why: none of the addresses gives it:"
    assert [line.partition(": no connection: ")[0] for line in lines[2:4]] == [f"    {url}" for url in unused]


def test_the_progress_bar(server, tmp_path, monkeypatch, capsys):
    address, folder = server
    (folder / "a.bin").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    utils.download_url(address + "a.bin", tmp_path)
    shown = capsys.readouterr().err
    assert "a.bin" in shown
    assert "2.0/2.0 MB" in shown


def archive(files, more=()):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in [*((f"cifar-10-batches-py/{n}", c) for n, c in files.items()), *more]:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def test_cifar_is_fetched_and_unpacked(server, tmp_path):
    address, folder = server
    files = cifar_files(4)
    packed = archive(files)
    (folder / "cifar.tar.gz").write_bytes(packed)
    Small = small_cifar(files, address + "cifar.tar.gz")
    Small.tgz_md5 = md5(packed)
    assert len(Small(tmp_path / "data", download=True)) == 8
    (folder / "cifar.tar.gz").unlink()
    assert len(Small(tmp_path / "data", download=True)) == 8


def test_an_archive_writes_nothing_outside_its_folder(tmp_path):
    path = tmp_path / "in" / "a.tar.gz"
    path.parent.mkdir()
    path.write_bytes(archive({}, [("../escaped", b"x")]))
    with pytest.raises(RuntimeError, match="it holds '../escaped', which lies outside the folder"):
        utils.extract_archive(path)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_an_archive_that_was_cut_off(tmp_path):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(archive(cifar_files(4))[:-2000])
    with pytest.raises(RuntimeError, match="a.tar.gz cannot be unpacked\n  why: it is damaged or cut off"):
        utils.extract_archive(path)
