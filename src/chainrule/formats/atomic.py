"""Write a file so that every reader, at every moment, finds the old content or the new one, never a part of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Replace the content of ``path`` in one step; text is written as UTF-8.

    When anything fails (a full disk, Ctrl-C) what stood at ``path`` stands there still.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(pathlib.Path(folder, "note.txt"), "∂L/∂w")
    ...     [(file.name, file.read_text(encoding="utf-8")) for file in pathlib.Path(folder).iterdir()]
    [('note.txt', '∂L/∂w')]
    """
    with replacing(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to; at the end of the block it takes the place of ``path``, unless the block failed.

    The bytes go to a temporary file in the same folder, reach the disk, and then take the name: ``os.replace`` is
    atomic within one file system. A link is followed, and what is no regular file (``/dev/null``, a pipe) is written to.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():
        with target.open("wb") as device:
            yield device
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp makes files that only their owner reads
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    """The permissions that new files do without; reading them means setting them for a moment."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
