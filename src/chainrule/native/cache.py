"""Machine code on disk. A folder that only its owner may enter holds one file per kernel, named by all that its code
depends on, and beginning with a checksum of it. A file that is damaged is made again; the oldest go when there are too many.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path

MOST_FILES, MOST_BYTES = 4000, 256 << 20
OFTEN = 64  # files that a process writes between two looks at all of them, the first look being at the first
_written = count()
DIGEST = 32


def folder() -> Path | None:
    """The folder, made if need be: ``CHAINRULE_CACHE``, or chainrule in the user's cache. None if it is not private."""
    chosen = os.environ.get("CHAINRULE_CACHE")
    if chosen == "":
        return None
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = Path(chosen) if chosen else home / "chainrule" / "code"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022):
        return None
    return path


def key(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def read(name: str) -> bytes | None:
    """The code under a name; None if there is none, or what is there is not what was written."""
    where = folder()
    if where is None:
        return None
    try:
        content = (where / name).read_bytes()
    except OSError:
        return None
    code = content[DIGEST:]
    if content[:DIGEST] != digest(name, code):
        return None
    return code


def write(name: str, code: bytes) -> None:
    """Keep code under a name. A cache that can't be written to (a full disk, no home) is no reason to stop."""
    where = folder()
    if where is None:
        return
    from tempfile import mkstemp

    with suppress(OSError):
        handle, partial = mkstemp(dir=where, prefix=".")  # only its owner may read it
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(digest(name, code) + code)
            os.replace(partial, where / name)
        except OSError:
            os.unlink(partial)
            raise
        if next(_written) % OFTEN == 0:
            tidy(where)


def digest(name: str, code: bytes) -> bytes:
    return sha256(name.encode() + code).digest()


def tidy(where: Path) -> None:
    """Delete the files that were made longest ago, down to three quarters, once there are too many or they are too large."""
    with os.scandir(where) as entries:
        files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
    count, size = len(files), sum(size for _, size, _ in files)
    if count <= MOST_FILES and size <= MOST_BYTES:
        return
    for _, bytes_, path in files:
        if count <= MOST_FILES * 3 // 4 and size <= MOST_BYTES * 3 // 4:
            break
        with suppress(OSError):  # another process may be tidying too
            os.unlink(path)
        count, size = count - 1, size - bytes_
