"""Machine code on disk: private, checked before use, whole or not there, and no more of it than is said."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from chainrule.native import Kernel, cache, kernels, machine
from chainrule.native.elf import Loaded, Unsupported

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="object files are loaded by LLVM here")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "code"))
    return tmp_path / "code"


def tripled(name="tripled"):
    def body(k, x, n):
        for i in k.vectors(n):
            x[i] = x[i] * 3

    return Kernel(body, {"x": "f32*", "n": "i64"}, name)


def use(kernel):
    x = np.arange(20, dtype=np.float32)
    kernel(x, 20)
    assert x.tolist() == [3.0 * i for i in range(20)]


@on_linux
def test_the_second_time_llvm_is_not_asked(folder, monkeypatch):
    use(tripled())
    assert len(os.listdir(folder)) == 1
    monkeypatch.setattr(machine, "object_code", lambda *_: pytest.fail("compiled again"))
    use(tripled())


@on_linux
@pytest.mark.parametrize("damage", ["cut off", "one bit", "empty", "another's"])
def test_a_damaged_file_is_made_again(folder, damage):
    use(tripled())
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    bad = {"cut off": whole[:-10], "one bit": whole[:99] + bytes([whole[99] ^ 1]) + whole[100:], "empty": b"", "another's": b"x" * 999}
    path.write_bytes(bad[damage])
    use(tripled())
    assert path.read_bytes() == whole


@on_linux
def test_only_its_owner_may_enter(folder):
    use(tripled())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    folder.chmod(0o777)  # others could have put code there
    assert cache.folder() is None
    use(tripled())


def test_no_folder_is_no_reason_to_stop(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", "")
    assert cache.folder() is None
    use(tripled())
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "file" / "below"))
    assert cache.folder() is None
    use(tripled())


def test_the_oldest_go_first(folder, monkeypatch):
    monkeypatch.setattr(cache, "MOST_FILES", 8)
    monkeypatch.setattr(cache, "OFTEN", 1)
    for i in range(9):
        cache.write(f"code{i}", b"x")
        os.utime(folder / f"code{i}", (i, i))
    cache.write("last", b"x")
    left = sorted(path.name for path in folder.iterdir())
    assert "last" in left and "code0" not in left and len(left) <= 8


def test_all_files_are_looked_at_now_and_then(folder, monkeypatch):
    looks = []
    monkeypatch.setattr(cache, "tidy", looks.append)
    for i in range(2 * cache.OFTEN):
        cache.write(f"code{i}", b"x")
    assert len(looks) == 2


PROGRAM = """
import sys, numpy as np
sys.path.insert(0, {root!r})
from tests.native.test_cache import tripled, use
for i in range(1000):
    use(tripled(f"tripled_{{i}}"))
    if i == 0: print("ready", flush=True)
"""


@on_linux
def test_killed_at_any_moment_and_two_at_once(folder):
    """What two processes left when they were killed is whole, or has a name that is never read."""
    program = PROGRAM.format(root=os.getcwd())
    running = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(2)]
    for process in running:
        assert process.stdout.readline() == b"ready\n"
    time.sleep(0.3)
    for process in running:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    names = [name for name in os.listdir(folder) if not name.startswith(".")]
    assert names and all(cache.read(name) is not None for name in names)
    use(tripled("tripled_0"))


@on_linux
def test_what_is_no_object_file_is_refused():
    with pytest.raises(Unsupported, match="no little-endian ELF-64"):
        Loaded(b"MZ" + bytes(100))
    text = "declare void @elsewhere()\ndefine void @f() {\n  call void @elsewhere()\n  ret void\n}\n"
    with pytest.raises(Unsupported, match="something outside itself"):
        Loaded(machine.object_code(text))


def test_without_llvm_numpy_does_it():
    program = (
        "import chainrule as cr; from chainrule.native import kernels; x = cr.linspace(-1, 1, 100_000).requires_grad_();"
        "cr.nn.functional.gelu(x).sum().backward(); import sys;"
        "print(kernels.ready(), 'llvmlite' in sys.modules, round(x.grad.sum().item(), 1))"
    )
    environment = {**os.environ, "CHAINRULE_NATIVE": "0"}
    found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "False False 50000.0\n"
