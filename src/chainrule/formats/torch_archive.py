"""The file of ``torch.save``: a pickle, and beside it the bytes of every storage that the pickle names by a key.

Since PyTorch 1.6 it is a zip archive, nothing in it compressed::

    model/data.pkl       the pickle
    model/byteorder      "little" or "big"
    model/data/0         the bytes of storage "0", beginning at a multiple of 64
    model/version        "3"

Before, it was one stream: pickles of a magic number, the protocol and the sizes of C types, then the pickle, then the
list of keys, then for each key the number of entries and the entries. Both are read; the zip archive is written unless
the other is asked for.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from ..base.errors import message
from .unpickling import FAILED, Machine

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
ALIGNED = 64
MOST_INFLATED = 1100  # deflate makes no more of a byte
DAMAGE = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, struct.error, zlib.error)
WHOLE = "the file that was saved, copied whole"


class Archive:
    """A file of ``torch.save``, opened for reading: ``pickle`` is its pickle, ``read(key)`` the bytes of a storage."""

    big_endian = False

    def __init__(self, file: IO[bytes], path: str | None, mmap: bool = False) -> None:
        self.file, self.path, self.mmap = file, path, mmap
        try:
            self.zip = zipfile.ZipFile(file)
        except DAMAGE as error:
            raise RuntimeError(cut_off("failed finding central directory", file, error)) from error
        self.sizes = {entry.filename: entry for entry in self.zip.infolist()}
        found = [name for name in self.sizes if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(found) != 1:
            raise RuntimeError(
                message(
                    "PytorchStreamReader failed locating file data.pkl: file not found",
                    f"{self.name} is a zip archive of another kind; it holds {', '.join(list(self.sizes)[:5]) or 'nothing'}",
                    "a file that torch.save wrote",
                )
            )
        self.folder = found[0].removesuffix("data.pkl")
        if f"{self.folder}constants.pkl" in self.sizes:
            raise RuntimeError(
                message(
                    f"{self.name} is a TorchScript archive",
                    "it holds a program (torch.jit.save) and not only numbers, and chainrule runs no program from a file",
                    "with PyTorch, torch.save(torch.jit.load(path).state_dict(), path)",
                )
            )
        self.pickle = self.bytes_of("data.pkl").tobytes()
        order = f"{self.folder}byteorder"
        self.big_endian = order in self.sizes and self.bytes_of("byteorder").tobytes() == b"big"

    @property
    def name(self) -> str:
        return self.path or "the given file"

    def read(self, key: str) -> np.ndarray:
        """The bytes of a storage."""
        return self.bytes_of(f"data/{key}")

    def bytes_of(self, record: str) -> np.ndarray:
        entry = self.sizes.get(self.folder + record)
        if entry is None:
            raise RuntimeError(
                message(
                    f"PytorchStreamReader failed locating file {record}: file not found",
                    f"the pickle in {self.name} names it, and it is not there",
                    WHOLE,
                )
            )
        if self.mmap and self.path and entry.compress_type == zipfile.ZIP_STORED and entry.file_size:
            return np.memmap(self.path, np.uint8, "c", self.start_of(entry), (entry.file_size,)).view(np.ndarray)
        if entry.file_size > MOST_INFLATED * entry.compress_size:
            raise RuntimeError(cut_off(f"file {record} is said to hold {entry.file_size:,} bytes", self.file))
        content = np.empty(entry.file_size, np.uint8)
        try:
            with self.zip.open(entry) as source:
                got = source.readinto(content.data) if entry.file_size else 0  # type: ignore[attr-defined]
        except DAMAGE as error:
            raise RuntimeError(cut_off(f"failed reading file {record}", self.file, error)) from error
        if got != entry.file_size:
            raise RuntimeError(cut_off(f"file {record} has {got} of {entry.file_size} bytes", self.file))
        return content

    def start_of(self, entry: zipfile.ZipInfo) -> int:
        """Where in the file the bytes of a record begin: after its local header, a name and an extra field."""
        self.file.seek(entry.header_offset)
        header = self.file.read(30)
        if not is_zip(header) or len(header) < 30:
            raise RuntimeError(cut_off(f"{entry.filename} is not where it is said to be", self.file))
        return entry.header_offset + 30 + sum(struct.unpack("<HH", header[26:30]))


def cut_off(what: str, file: IO[bytes], error: Exception | None = None) -> str:
    size = file.seek(0, os.SEEK_END)
    return message(
        f"PytorchStreamReader failed reading zip archive: {what}",
        f"the file ({size:,} bytes) was cut off or changed: a zip archive ends with its table of contents"
        + (f" ({error})" if error else ""),
        WHOLE,
    )


def is_zip(start: bytes) -> bool:
    return start[:4] == b"PK\x03\x04"


# ---------------------------------------------------------------------- writing


class Sink:
    """What `zipfile` writes to: one stretch after the other, never going back, so that any file object will do."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.written = file, 0

    def write(self, data: Any) -> int:
        self.file.write(data)
        count = memoryview(data).nbytes
        self.written += count
        return count

    def flush(self) -> None:
        pass


def write_archive(file: IO[bytes], folder: str, pickled: bytes, storages: Mapping[str, Any]) -> None:
    """Write the zip archive. The same content gives the same bytes, whenever it is written."""
    sink: Any = Sink(file)
    with zipfile.ZipFile(sink, "w") as archive:

        def put(record: str, content: Any) -> None:
            entry = zipfile.ZipInfo(f"{folder}/{record}")
            entry.file_size = memoryview(content).nbytes
            begins = sink.written + 30 + len(entry.filename.encode())
            if entry.file_size * 1.05 > zipfile.ZIP64_LIMIT:
                begins += 20  # its size goes into an extra field of its own
            padding = -(begins + 4) % ALIGNED
            entry.extra = b"FB" + struct.pack("<H", padding) + b"\0" * padding
            with archive.open(entry, "w") as record_file:
                record_file.write(content)

        put("data.pkl", pickled)
        put(".format_version", b"1")
        put(".storage_alignment", str(ALIGNED).encode())
        put("byteorder", sys.byteorder.encode())
        for key, content in storages.items():
            put(f"data/{key}", memoryview(content))
        put("version", b"3\n")


def write_stream(file: IO[bytes], protocol: int, pickled: bytes, storages: Mapping[str, Any], sizes: Any) -> None:
    """Write the stream that PyTorch wrote before 1.6; ``sizes`` says how many entries each storage has."""
    system = {
        "protocol_version": PROTOCOL,
        "little_endian": sys.byteorder == "little",
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    for head in (MAGIC, PROTOCOL, system):
        pickle.dump(head, file, protocol)
    file.write(pickled)
    pickle.dump(sorted(storages), file, protocol)
    for key in sorted(storages):
        file.write(struct.pack("<q", sizes[key]))
        file.write(memoryview(storages[key]))


# ---------------------------------------------------------------------- the stream of before


class Stream:
    """A file of ``torch.save`` before PyTorch 1.6. Its storages come after the pickle: ``read`` gives room, `fill` fills it."""

    def __init__(self, data: bytes, path: str | None) -> None:
        self.data, self.name = data, path or "the given file"
        self.room: dict[str, tuple[np.ndarray, int]] = {}
        if data[:1] != b"\x80":
            raise pickle.UnpicklingError(f"{FAILED} {self.foreign(f'it begins with {data[:16]!r}')}")
        self.at = 0
        heads = [self.plain()]
        if heads == [MAGIC]:
            heads += [self.plain(), self.plain()]
        if heads[:2] != [MAGIC, PROTOCOL] or not isinstance(heads[2], dict):
            raise RuntimeError(self.foreign(f"magic number and protocol should be {MAGIC} and {PROTOCOL}, and are {heads[:2]}"))
        system = heads[2]
        if system.get("little_endian") is not (sys.byteorder == "little"):
            raise RuntimeError(self.foreign("it was written on a machine that stores numbers in the other byte order"))

    def foreign(self, why: str) -> str:
        return message(f"{self.name} is not a file of torch.save", why, "a file that torch.save wrote, copied whole")

    def plain(self) -> Any:
        """The next of the pickles that hold nothing but numbers, lists and strings."""
        machine = Machine(self.data, lambda name: None, start=self.at)
        found = machine.run()
        self.at = machine.end
        return found

    def reserve(self, key: str, count: int, itemsize: int) -> np.ndarray:
        """Room for a storage that comes later in the file."""
        if count * itemsize > len(self.data):
            raise RuntimeError(self.cut(f"storage {key} should have {count} entries of {itemsize} bytes"))
        self.room[key] = np.zeros(count * itemsize, np.uint8), itemsize
        return self.room[key][0]

    def fill(self, start: int) -> None:
        """Read the storages, which begin at ``start``."""
        self.at = start
        for key in self.plain():
            if key not in self.room:
                raise RuntimeError(self.cut(f"it holds a storage {key!r} that no tensor looks into"))
            content, itemsize = self.room[key]
            count = int.from_bytes(self.data[self.at : self.at + 8], "little")
            self.at += 8
            piece = np.frombuffer(self.data, np.uint8, offset=0)[self.at : self.at + content.nbytes]
            if count * itemsize != content.nbytes or piece.size != content.nbytes:
                raise RuntimeError(self.cut(f"storage {key} has {piece.size} of {content.nbytes} bytes"))
            content[...] = piece
            self.at += content.nbytes

    def cut(self, why: str) -> str:
        return message(f"unexpected EOF: {self.name} ({len(self.data):,} bytes) is not complete", why, WHOLE)
