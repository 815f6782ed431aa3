"""What may not be in a file does nothing, and is named; what is damaged is said to be damaged."""

import io
import os
import pickle
import re
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.formats.torch_archive import write_archive
from tests.serialization.against import loaded, objects, saved


class Asks:
    """Pickles as a call of ``function(*arguments)``."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def archive(pickled, storages=()):
    """A file of torch.save with this pickle in it."""
    file = io.BytesIO()
    write_archive(file, "archive", pickled, dict(storages))
    return file.getvalue()


HARM = {
    "posix.system": Asks(os.system, "touch HARM"),
    "builtins.eval": Asks(eval, "open('HARM', 'w')"),
    "builtins.exec": Asks(exec, "open('HARM', 'w')"),
    "io.open": Asks(open, "HARM", "w"),
    "builtins.getattr": Asks(getattr, "x", "__class__"),
    "builtins.__import__": Asks(__import__, "antigravity"),
    "subprocess.Popen": Asks(subprocess.Popen, ["touch", "HARM"]),
    "importlib.import_module": Asks(__import__("importlib").import_module, "antigravity"),
    "pickle.loads": Asks(__import__("pickle").loads, pickle.dumps(1)),
    "posix.unlink": Asks(os.unlink, "KEEP"),
}  # fmt: skip


@pytest.mark.parametrize("weights_only", [True, False, None])
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("wanted", HARM)
def test_a_file_that_wants_something_run(tmp_path, monkeypatch, wanted, protocol, weights_only):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "KEEP").write_text("")
    content = archive(pickle.dumps({"weight": 1, "deep": [{"inside": (HARM[wanted],)}]}, protocol))
    with pytest.raises(pickle.UnpicklingError) as caught:
        loaded(cr, content, weights_only=weights_only)
    assert re.match(r"Weights only load failed. Unsupported global: GLOBAL (\S+) ", str(caught.value))[1].endswith(
        wanted.partition(".")[2]
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["KEEP"]
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("weights_only", [True, False])
def test_the_old_format_too(tmp_path, monkeypatch, weights_only):
    monkeypatch.chdir(tmp_path)
    for content in (
        pickle.dumps(HARM["posix.system"]),  # where the magic number should be
        b"".join(pickle.dumps(head, 2) for head in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
        + pickle.dumps(HARM["posix.system"], 2),
    ):
        with pytest.raises(pickle.UnpicklingError, match="GLOBAL posix.system"):
            loaded(cr, content, weights_only=weights_only)
    assert list(tmp_path.iterdir()) == []


SLY = {
    "attributes of a function of ours": b"ctorch._utils\n_rebuild_tensor_v2\nN}X\x0c\x00\x00\x00__defaults__)s\x86b.",
    "attributes of a class of ours": b"ctorch\nTensor\nN}X\x07\x00\x00\x00__add__Ns\x86b.",
    "attributes of a module of ours": b"cchainrule.nn.module\nModule\nN}X\x07\x00\x00\x00forwardNs\x86b.",
    "a call of a class of ours": b"ctorch\nTensor\n(K\x01tR.",
    "a codec by name": b"c_codecs\nencode\n(X\x01\x00\x00\x00xX\x02\x00\x00\x00ostR.",
    "a terabyte": b"c__builtin__\nbytearray\n(\x8a\x06\x00\x00\x00\x00\x00\x01tR.",
    "the attributes of a list": b"]}X\x06\x00\x00\x00appendNsb.",
    "the attributes of an ordered dict": b"ccollections\nOrderedDict\n)R}X\x05\x00\x00\x00itemsNsb.",
    "a function below a name we know": b"\x80\x04\x8c\x0btorch._utils\x8c\x1e_rebuild_tensor_v2.__globals__\x93.",
    "a storage by path": b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x0b\x00\x00\x00../data.pklX\x03\x00\x00\x00cpuK\x01tQ.",
    "a storage that is none": b"(X\x07\x00\x00\x00storagectorch\nfloat32\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQ.",
    "a storage of no size": b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ\xff\xff\xff\xfftQ.",
}  # fmt: skip


@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize("program", SLY.values(), ids=SLY)
def test_programs_that_would_change_the_library(program, weights_only):
    before = cr.ones(2) + cr.ones(2), cr.nn.Linear(1, 1).forward
    with pytest.raises((pickle.UnpicklingError, RuntimeError)):
        loaded(cr, archive(program, {"0": memoryview(bytearray(4))}.items()), weights_only=weights_only)
    assert (cr.ones(2) + cr.ones(2)).tolist() == before[0].tolist()
    assert saved(cr, cr.ones(2))


def tensor_program(offset, size, stride):
    head = b"ctorch._utils\n_rebuild_tensor\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"
    return head + b"".join(pickle.dumps(x, 2)[2:-1].replace(b"q\x00", b"") for x in (offset, size, stride)) + b"tR."


@pytest.mark.parametrize(
    "offset, size, stride, words",
    [
        (0, (5,), (1,), r"setStorage: sizes \[5\], strides \[1\], storage offset 0, and itemsize 4 requiring a storage size of "
         r"20 are out of bounds for storage of size 16"),
        (2, (3,), (1,), "out of bounds"),
        (0, (2, 2), (4, 1), "out of bounds"),
        (0, (2**61,), (2**61,), "out of bounds"),
        (-1, (1,), (1,), "damaged"),
        (0, (-1,), (1,), "damaged"),
        (0, (2,), (-1,), "damaged"),
        (0, (2,), (1, 1), "damaged"),
        (0, "ab", (1,), "damaged"),
    ],
)  # fmt: skip
def test_tensors_that_reach_outside_their_storage(offset, size, stride, words):
    storages = {"0": memoryview(bytearray(16))}.items()
    assert loaded(cr, archive(tensor_program(0, (2, 2), (2, 1)), storages)).tolist() == [[0, 0], [0, 0]]
    with pytest.raises((RuntimeError, pickle.UnpicklingError), match=words):
        loaded(cr, archive(tensor_program(offset, size, stride), storages))


# ---------------------------------------------------------------------- classes of the program's own


class Settings:
    def __init__(self, width):
        self.width = width


class Strict:
    def __init__(self, width):
        self.width = width

    def __getstate__(self):
        return (self.width,)

    def __setstate__(self, state):
        (self.width,) = state


@pytest.mark.parametrize("kind", [Settings, Strict])
def test_a_class_is_allowed_by_the_program_and_by_nobody_else(kind):
    content = saved(cr, {"settings": kind(3)})
    name = f"{kind.__module__}.{kind.__qualname__}"
    for weights_only in (True, False):
        with pytest.raises(pickle.UnpicklingError) as caught:
            loaded(cr, content, weights_only=weights_only)
        assert f"Unsupported global: GLOBAL {name} was not an allowed global" in str(caught.value)
        assert f"torch.serialization.add_safe_globals([{kind.__name__}])" in str(caught.value)
    with cr.serialization.safe_globals([kind]):
        found = loaded(cr, content)["settings"]
    assert (type(found), found.width) == (kind, 3)
    with pytest.raises(pickle.UnpicklingError):
        loaded(cr, content)


def test_the_list_of_allowed_classes():
    try:
        cr.serialization.add_safe_globals([Settings, (Strict, "old.place.Strict")])
        assert cr.serialization.get_safe_globals() == [Settings, (Strict, "old.place.Strict")]
        program = b"cold.place\nStrict\n)\x81(K\x05tb."
        assert loaded(cr, archive(program)).width == 5
    finally:
        cr.serialization.clear_safe_globals()
    assert cr.serialization.get_safe_globals() == []
    with pytest.raises(TypeError, match="add_safe_globals takes classes and functions, not 3"):
        cr.serialization.add_safe_globals([3])


# ---------------------------------------------------------------------- files that are damaged, or none


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_file_that_was_cut_off(tmp_path, share):
    content = saved(cr, objects(cr))
    path = tmp_path / "half.pt"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RuntimeError) as caught:
        cr.load(path)
    text = str(caught.value)
    assert text.startswith("PytorchStreamReader failed reading zip archive: failed finding central directory")
    assert f"the file ({path.stat().st_size:,} bytes) was cut off or changed" in text
    assert text.endswith("instead: the file that was saved, copied whole")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_stream_that_was_cut_off(share):
    content = saved(cr, [cr.arange(100.0)], _use_new_zipfile_serialization=False)
    with pytest.raises((RuntimeError, pickle.UnpicklingError), match="cut off|not complete"):
        loaded(cr, content[: int(len(content) * share)])


def test_a_byte_that_changed():
    content = bytearray(saved(cr, cr.ones(1000)))
    content[len(content) // 2] ^= 1
    with pytest.raises(RuntimeError, match="failed reading zip archive: failed reading file data/0"):
        loaded(cr, bytes(content))


def test_a_storage_that_is_missing_or_short():
    content = saved(cr, [cr.ones(4), cr.ones(3)])
    for change, words in ((None, "failed locating file data/1: file not found"), (b"1234", "storage has wrong byte size")):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as there, zipfile.ZipFile(out, "w") as here:
            for name in there.namelist():
                if not name.endswith("data/1"):
                    here.writestr(name, there.read(name))
                elif change:
                    here.writestr(name, change)
        with pytest.raises(RuntimeError, match=words):
            loaded(cr, out.getvalue())


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"N.")
    return file.getvalue()


@pytest.mark.parametrize(
    "content, error, words",
    [
        (b"", EOFError, "the given file is empty"),
        (b"hello world", pickle.UnpicklingError, "it begins with b'hello world'"),
        (b"\x89HDF\r\n", pickle.UnpicklingError, "is not a file of torch.save"),
        (pickle.dumps({"a": 1}), RuntimeError, "and are [{'a': 1}]"),
        (zipped("report.xlsx"), RuntimeError, "a zip archive of another kind; it holds report.xlsx"),
        (zipped("m/data.pkl", "m/constants.pkl"), RuntimeError, "is a TorchScript archive"),
    ],
)
def test_files_of_another_kind(content, error, words):
    with pytest.raises(error, match=re.escape(words)):
        loaded(cr, content)


def test_arguments():
    with pytest.raises(FileNotFoundError):
        cr.load("there-is-no-such-file.pt")
    with pytest.raises(AttributeError, match="You can only torch.load from a file that is seekable"):
        cr.load(3)
    with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object with a 'write' attribute"):
        cr.save(1, 3)
    with pytest.raises(RuntimeError, match="Parent directory /nowhere does not exist.\n  instead: os.makedirs"):
        cr.save(1, "/nowhere/x.pt")
    with pytest.raises(ValueError, match="cannot save with pickle_module='json' and protocol 2"):
        cr.save(1, io.BytesIO(), pickle_module=__import__("json"))
    with pytest.raises(ValueError, match="and protocol 1\n"):
        cr.save(1, io.BytesIO(), pickle_protocol=1)
    with pytest.raises(ValueError, match="cannot load with pickle_module='json'"):
        cr.load(io.BytesIO(), pickle_module=__import__("json"))
    with pytest.raises(RuntimeError, match="Can not safely load weights when explicit pickle_module is specified"):
        cr.load(io.BytesIO(), pickle_module=pickle, weights_only=True)


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "model.pt"
    cr.save(cr.ones(2), path)
    before = path.read_bytes()
    with pytest.raises((pickle.PicklingError, AttributeError)):
        cr.save({"w": cr.zeros(2), "bad": lambda: None}, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.pt"]


def test_the_same_memory_as_two_dtypes():
    x = cr.ones(2, dtype=cr.complex64)
    with pytest.raises(RuntimeError) as caught:
        saved(cr, [x, cr.view_as_real(x)])
    assert str(caught.value).splitlines() == [
        "Cannot save multiple tensors or storages that view the same data as different types",
        "  why: the same memory is used as torch.complex64 and as torch.float32",
        "  instead: x.clone() for one of them",
    ]


GOOD = {"zip": saved(cr, objects(cr)), "stream": saved(cr, objects(cr), _use_new_zipfile_serialization=False)}


@given(data=st.data(), kind=st.sampled_from(sorted(GOOD)), weights_only=st.booleans())
def test_whatever_bytes_change_the_error_is_one_of_these(data, kind, weights_only):
    content = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        loaded(cr, bytes(content), weights_only=weights_only)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        assert str(error)


def test_views_of_storages_from_before_pytorch_0_4():
    """There a storage could be a part of another: the sixth entry of its identity says which."""

    def program(view):
        text = b"(X\x07\x00\x00\x00storagectorch\nLongStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04" + view + b"tQ."
        heads = b"".join(pickle.dumps(head, 2) for head in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
        entries = (4).to_bytes(8, "little") + b"".join(n.to_bytes(8, "little") for n in (5, 6, 7, 8))
        return heads + b"\x80\x02" + text + pickle.dumps(["0"], 2) + entries

    assert loaded(cr, program(b"N")).tolist() == [5, 6, 7, 8]
    assert loaded(cr, program(b"X\x01\x00\x00\x00aK\x01K\x02\x87")).tolist() == [6, 7]
    with pytest.raises(pickle.UnpicklingError, match="is no part of a storage"):
        loaded(cr, program(b"K\x01"))
