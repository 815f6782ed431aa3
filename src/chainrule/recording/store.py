"""The file of a recording: a SQLite database, so a step is there whole or not at all, whenever the program ends.

::

    about        name → value           of the run: versions, how it ended
    parameters   id → name, shape, dtype, role
    steps        number → facts (JSON), numbers (what `summaries` packs), checksum
    texts        hash → text            graphs and optimizer settings, each distinct one once
    arrays       hash → bytes           the entries that are kept, each distinct array once

Reading runs nothing that the file says: the schema is held to these five tables.
"""

from __future__ import annotations

import json
import os
import sqlite3
import weakref
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..base.errors import message
from ..formats.atomic import write_atomically

SIGNATURE = b"SQLite format 3\0"
APPLICATION = int.from_bytes(b"crr1", "big")  # at byte 68 of the file: whose database this is
VERSION = 1
KEY = 16  # bytes of a hash
HEADER = 100  # bytes

SCHEMA = f"""
    PRAGMA application_id = {APPLICATION};
    PRAGMA user_version = {VERSION};
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
    CREATE TABLE parameters (id INTEGER PRIMARY KEY, name TEXT, shape TEXT, dtype TEXT, role TEXT);
    CREATE TABLE steps (number INTEGER PRIMARY KEY, facts TEXT, numbers BLOB, checksum INTEGER);
    CREATE TABLE texts (key BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID;
    CREATE TABLE arrays (key BLOB PRIMARY KEY, data BLOB) WITHOUT ROWID;
"""
TABLES = {"about", "parameters", "steps", "texts", "arrays"}


class RecordingError(ValueError):
    """A file that is no recording, or no longer a whole one."""


def key_of(*parts: bytes | memoryview) -> bytes:
    """The hash by which content is known.

    >>> key_of(b"abc").hex()[:8], key_of(b"ab", b"c") == key_of(b"abc")
    ('cf4ab791', True)
    """
    found = blake2b(digest_size=KEY)
    for part in parts:
        found.update(part)
    return found.digest()


class Store:
    """A recording that is being written, or read; ``path`` is None for one in memory."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.connection, self.path = connection, path
        self._close = weakref.finalize(self, connection.close)

    @classmethod
    def create(cls, path: str | os.PathLike[str] | None) -> Store:
        """An empty recording, in the place of whatever file stood at ``path``."""
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        memory.executescript(SCHEMA)
        if path is None:
            return cls(memory, None)
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            memory.close()
            raise RecordingError(
                message(f"cannot record into {str(path)!r}", "it is no ordinary file", "record('run.rec')")
            )
        try:
            write_atomically(target, memory.serialize())
        finally:
            memory.close()
        journal(target).unlink(missing_ok=True)  # what a killed program had begun to write belongs to the old file
        connection = sqlite3.connect(target, check_same_thread=False)
        connection.execute("PRAGMA synchronous = OFF")  # a killed program loses no step; a power failure may
        return cls(connection, target)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Store:
        """The recording at ``path``, for reading."""
        target = Path(path).resolve()
        check_file(target, str(path))
        # A program that was killed in the middle of a step left a journal, by which the step is undone.
        mode = "rw" if journal(target).exists() else "ro"
        connection = sqlite3.connect(f"{target.as_uri()}?mode={mode}", uri=True, check_same_thread=False)
        store = cls(connection, target)
        with store.reading():
            connection.execute("PRAGMA trusted_schema = OFF")
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL")}
            if tables != TABLES:
                raise foreign(str(path), f"its tables are {', '.join(sorted(tables)) or 'none'}")
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise damaged(target, found)
        return store

    def close(self) -> None:
        self._close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Turn what SQLite says of a damaged file into an error of ours."""
        try:
            yield self.connection
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise damaged(self.path, str(error)) from error

    # ------------------------------------------------------------------ writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that is put within becomes part of the file at once, or nothing of it."""
        try:
            yield
            self.connection.commit()
        except sqlite3.Error as error:
            self.connection.rollback()
            raise OSError(message(f"cannot write to the recording {str(self.path)!r}", str(error))) from error
        except BaseException:
            self.connection.rollback()
            raise

    def put_text(self, text: str) -> str:
        """Keep a text; returns its hash in hexadecimal."""
        data = text.encode()
        key = key_of(data)
        self.connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (key, text))
        return key.hex()

    def put_array(self, key: bytes, data: bytes) -> None:
        self.connection.execute("INSERT OR IGNORE INTO arrays VALUES (?, ?)", (key, data))

    def put_parameter(self, number: int, name: str, shape: tuple[int, ...], dtype: str, role: str) -> None:
        row = number, name, json.dumps(shape), dtype, role
        self.connection.execute("INSERT INTO parameters VALUES (?, ?, ?, ?, ?)", row)

    def put_about(self, name: str, value: Any) -> None:
        self.connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, json.dumps(value)))

    def put_step(self, number: int, facts: dict[str, Any], numbers: bytes) -> None:
        text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        row = number, text, numbers, checksum(text, numbers)
        self.connection.execute("INSERT INTO steps VALUES (?, ?, ?, ?)", row)

    # ------------------------------------------------------------------ reading

    def about(self) -> dict[str, Any]:
        with self.reading() as db:
            return {name: self.parsed(value) for name, value in db.execute("SELECT * FROM about")}

    def parameters(self) -> list[tuple[int, str, tuple[int, ...], str, str]]:
        with self.reading() as db:
            rows = db.execute("SELECT * FROM parameters ORDER BY id").fetchall()
        return [(n, name, tuple(self.parsed(shape)), dtype, role) for n, name, shape, dtype, role in rows]

    def numbers(self) -> list[int]:
        """The numbers of the steps that are there."""
        with self.reading() as db:
            return [n for (n,) in db.execute("SELECT number FROM steps ORDER BY number")]

    def step(self, number: int) -> tuple[dict[str, Any], bytes]:
        with self.reading() as db:
            text, numbers, check = db.execute(
                "SELECT facts, numbers, checksum FROM steps WHERE number = ?", (number,)
            ).fetchone()
        if not isinstance(text, str) or not isinstance(numbers, bytes) or checksum(text, numbers) != check:
            raise damaged(self.path, f"the checksum of step {number} is another")
        return self.parsed(text), numbers

    def text(self, key: str) -> str:
        with self.reading() as db:
            row = db.execute("SELECT text FROM texts WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        if row is None or key_of(str(row[0]).encode()).hex() != key:
            raise damaged(self.path, f"text {key} is missing or another")
        return row[0]

    def array(self, key: bytes) -> bytes | None:
        """The bytes of a kept array, or None where only its summary was kept."""
        with self.reading() as db:
            row = db.execute("SELECT data FROM arrays WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        if not isinstance(row[0], bytes) or key_of(row[0]) != key:
            raise damaged(self.path, f"array {key.hex()} is another than was written")
        return row[0]

    def parsed(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (TypeError, ValueError) as error:
            raise damaged(self.path, f"{str(text)[:40]!r} is no JSON") from error


def checksum(text: str, numbers: bytes) -> int:
    return zlib.crc32(numbers, zlib.crc32(text.encode()))


def journal(path: Path) -> Path:
    """Where SQLite notes how to undo what it is about to write."""
    return path.with_name(path.name + "-journal")


def check_file(path: Path, name: str) -> None:
    """Refuse, from its first bytes and its length, what cannot be a recording."""
    if path.is_dir():
        raise IsADirectoryError(message(f"{name!r} is a folder", "a recording is one file"))
    if not path.exists():
        raise FileNotFoundError(
            message(f"there is no file {name!r}", "", "with chainrule.record('run.rec'): … writes one")
        )
    with path.open("rb") as file:
        head = file.read(HEADER)
        size = file.seek(0, os.SEEK_END)
    if head[:16] != SIGNATURE[: len(head)] or not head:
        raise foreign(name, f"it begins with {head[:8]!r}" if head else "it is empty")
    if len(head) < HEADER:
        raise damaged(path, f"only {size} bytes are there")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise foreign(name, "it is a SQLite database of another program")
    version = int.from_bytes(head[60:64], "big")
    if version != VERSION:
        raise RecordingError(
            message(
                f"{name!r} is a recording of format {version}",
                f"this chainrule reads format {VERSION}",
                "read it with the chainrule that wrote it" if version < VERSION else "pip install --upgrade chainrule",
            )
        )
    page = int.from_bytes(head[16:18], "big")
    whole = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    if size < whole:
        raise damaged(path, f"it is cut short: {size:,} of {whole:,} bytes are there")


def foreign(name: str, why: str) -> RecordingError:
    return RecordingError(
        message(f"{name!r} is not a recording of chainrule", why, "with chainrule.record('run.rec'): … writes one")
    )


def damaged(path: Path | None, why: str) -> RecordingError:
    return RecordingError(
        message(
            f"the recording {str(path or 'in memory')!r} is damaged", why, "take a whole copy, or record the run again"
        )
    )
