"""Write a file so that every reader, at every moment, finds the old content or the new one, never a part of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Replace the content of ``path`` in one step; text is written as UTF-8.

    The bytes go to a temporary file in the same folder, reach the disk, and then take the name: ``os.replace`` is
    atomic within one file system. When anything fails (a full disk, Ctrl-C) the temporary file is removed and what
    stood at ``path`` stands there still.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(pathlib.Path(folder, "note.txt"), "∂L/∂w")
    ...     [(file.name, file.read_text(encoding="utf-8")) for file in pathlib.Path(folder).iterdir()]
    [('note.txt', '∂L/∂w')]
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
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
