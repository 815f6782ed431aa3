"""Notes beside machine code: what they are found by, and that nothing is taken from one that no longer holds."""

import os
import sys

import numpy as np
import pytest

import chainrule
from chainrule.native import Kernel, kernels, lines, notes
from chainrule.ops.activations import LeakyRelu
from chainrule.ops.arithmetic import add, mul

pytestmark = pytest.mark.skipif(not kernels.ready() or sys.platform != "linux", reason="machine code is kept on disk on Linux")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "code"))
    return tmp_path / "code"


def product():
    """A kernel of this library, not loaded yet."""
    return lines.across.__wrapped__("f32")


def use(kernel):
    a, x, y = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones(3, np.float32), np.empty(2, np.float32)
    kernel.share(1, a, x, np.zeros(1, np.float32), y, 2, 3, 3, 16)
    assert y.tolist() == [3, 12]


def written_anew(monkeypatch):
    """Which kernels are written anew from here on."""
    names, original = [], Kernel.program
    monkeypatch.setattr(Kernel, "program", lambda self: names.append(self.name) or original(self))
    return names


def test_the_second_time_nothing_is_written(folder, monkeypatch):
    use(product())
    again = written_anew(monkeypatch)
    use(product())
    assert again == []


def test_what_a_kernel_writes_to_is_known_the_second_time(folder):
    use(product())
    kernel = product()
    use(kernel)
    fixed = np.zeros(2, np.float32)
    fixed.flags.writeable = False
    with pytest.raises(TypeError, match="may not be written to"):
        kernel.share(1, np.ones((2, 3), np.float32), np.ones(3, np.float32), np.zeros(1, np.float32), fixed, 2, 3, 3, 16)


def test_a_changed_library_finds_nothing(folder, monkeypatch):
    use(product())
    monkeypatch.setattr(notes, "stamp", lambda: "other files")
    again = written_anew(monkeypatch)
    use(product())
    assert again == ["across_f32"]


def test_without_its_files_nothing_is_noted(folder, monkeypatch):
    monkeypatch.setattr(notes, "stamp", lambda: None)
    use(product())
    assert len(list(folder.iterdir())) == 1  # the code


@pytest.mark.parametrize("which", ["note", "code"])
@pytest.mark.parametrize("damage", ["cut off", "another's", "gone"])
def test_what_is_damaged_is_made_again(folder, monkeypatch, which, damage):
    use(product())
    path = sorted(folder.iterdir(), key=lambda p: p.stat().st_size)[which == "code"]
    whole = path.read_bytes()
    path.unlink() if damage == "gone" else path.write_bytes(whole[:-3] if damage == "cut off" else b"x" * 200)
    again = written_anew(monkeypatch)
    use(product())
    assert again == ["across_f32"]
    assert path.read_bytes() == whole


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Files in place of this library's; one of them."""
    for name in notes.FOLDERS:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(notes, "__file__", str(tmp_path / "native" / "notes.py"))
    file = tmp_path / "ops" / "one.py"
    file.write_text("x = 1")
    os.utime(file, (1e9, 1e9))
    return file


@pytest.mark.parametrize("change", ["another time", "another size", "one more", "another name"])
def test_the_stamp_changes_with_a_file(library, change):
    first = notes.stamp.__wrapped__()
    assert first == notes.stamp.__wrapped__() is not None
    file = library.with_name("two.py") if change in ("one more", "another name") else library
    if change == "another name":
        library.unlink()
    file.write_text("x = 12" if change == "another size" else "x = 1")
    os.utime(file, (1e9 + (change == "another time"),) * 2)
    assert first != notes.stamp.__wrapped__() is not None


def test_files_that_were_changed_while_this_runs_have_no_stamp(library):
    library.write_text("x = 2")
    assert notes.stamp.__wrapped__() is None


def test_a_function_is_told_with_what_it_closes_over():
    one, other = lines.across.__wrapped__("f32").function, lines.across.__wrapped__("f64").function
    assert notes.told(one) == notes.told(lines.across.__wrapped__("f32").function) != notes.told(other)
    assert notes.told(one) != notes.told(lines.down.__wrapped__("f32").function)


def test_values_that_differ_are_told_differently():
    values = [0.0, -0.0, 0, False, None, "0", (0,), [0], {0: 0}, float("nan"), np.float32(0), np.float64(0), np.dtype("f4"), add, mul,
              LeakyRelu(0.1), LeakyRelu(0.2), int, np.add]  # fmt: skip
    assert len({notes.told(v) for v in values}) == len(values)


def loop():
    found = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    "thing",
    [lambda x: x, np.zeros(2), object(), loop(), type("Local", (), {}), Kernel, chainrule.zeros, (1, object())],
    ids=["a user's function", "an array", "an object", "itself", "a local class", "a kernel's class in another file", "a tensor function", "within"],
)
def test_what_may_be_another_thing_elsewhere_has_no_key(thing):
    if thing is Kernel:
        thing = Kernel(lambda k: None, {})
    assert notes.key_of(thing) is None
