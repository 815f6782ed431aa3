"""Put the machine code of an object file into memory, without a linker and without LLVM.

This exists because loading LLVM takes some 50 ms and 40 MB: a program whose kernels are in the cache pays neither. Only the
file's sections are read, and the places where one refers to another: what our kernels need, and no more. A file that asks
for anything else is refused, and LLVM loads it.

Source of the layout: the ELF-64 object file format and the System V ABI's supplements for x86-64 and AArch64.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
from typing import NamedTuple

ALLOCATED, NO_BITS, RELOCATIONS, SYMBOLS = 2, 8, 4, 2
PAGE = 4096


class Unsupported(ValueError):
    """The object file holds something that this loader does not know."""


class Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry: int


class Loaded:
    """Machine code in memory; `address` says where a function starts."""

    def __init__(self, code: bytes) -> None:
        if code[:6] != b"\x7fELF\x02\x01" or len(code) < 64:
            raise Unsupported("no little-endian ELF-64 file")
        self.code = code
        (self.architecture,) = struct.unpack_from("<H", code, 18)
        (start,) = struct.unpack_from("<Q", code, 40)
        size, count = struct.unpack_from("<HH", code, 58)
        self.sections = [Section(*struct.unpack_from("<IIQQQQIIQQ", code, start + i * size)) for i in range(count)]
        self.places: dict[int, int] = {}
        end = 0
        for i, section in enumerate(self.sections):
            if section.flags & ALLOCATED and section.size:
                end = -(-end // max(section.align, 1)) * max(section.align, 1)
                self.places[i] = end
                end += section.size
        self.memory = mmap.mmap(-1, max(end, PAGE))
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        for i, place in self.places.items():
            section = self.sections[i]
            if section.kind != NO_BITS:
                self.memory[place : place + section.size] = code[section.offset : section.offset + section.size]
        self.functions: dict[str, int] = {}
        for section in self.sections:
            if section.kind == SYMBOLS:
                self.read_symbols(section)
        for section in self.sections:
            if section.kind == RELOCATIONS and section.info in self.places:
                self.relocate(section)
        protect(self.base, len(self.memory))

    def read_symbols(self, table: Section) -> None:
        strings = self.sections[table.link].offset
        self.symbols = []
        for i in range(table.size // 24):
            name, _info, _other, section, value, _size = struct.unpack_from("<IBBHQQ", self.code, table.offset + i * 24)
            place = self.places.get(section)
            self.symbols.append(None if place is None else self.base + place + value)
            text = self.code[strings + name : self.code.index(b"\0", strings + name)].decode()
            if place is not None and text:
                self.functions[text] = self.base + place + value

    def relocate(self, table: Section) -> None:
        for i in range(table.size // 24):
            offset, info, addend = struct.unpack_from("<QQq", self.code, table.offset + i * 24)
            target = self.symbols[info >> 32]
            if target is None:
                raise Unsupported("the code refers to something outside itself")
            place = self.places[table.info] + offset
            patch = PATCHES.get((self.architecture, info & 0xFFFFFFFF))
            if patch is None:
                raise Unsupported(f"relocation {info & 0xFFFFFFFF} of architecture {self.architecture}")
            patch(self.memory, place, target + addend, self.base + place)

    def address(self, name: str) -> int:
        return self.functions[name]


def absolute(memory: mmap.mmap, place: int, target: int, _here: int) -> None:
    struct.pack_into("<Q", memory, place, target)


def relative(memory: mmap.mmap, place: int, target: int, here: int) -> None:
    struct.pack_into("<i", memory, place, target - here)


def far_relative(memory: mmap.mmap, place: int, target: int, here: int) -> None:
    struct.pack_into("<q", memory, place, target - here)


def page(memory: mmap.mmap, place: int, target: int, here: int) -> None:
    """AArch64's ADRP: the distance in pages of 4 KiB, in two fields of the instruction."""
    (word,) = struct.unpack_from("<I", memory, place)
    pages = (target >> 12) - (here >> 12)
    word = word & 0x9F00001F | (pages & 3) << 29 | (pages >> 2 & 0x7FFFF) << 5
    struct.pack_into("<I", memory, place, word)


def within_page(shift: int):  # type: ignore[no-untyped-def]
    """AArch64's ADD and loads: the low 12 bits of an address, counted in entries of 2^shift bytes."""

    def patch(memory: mmap.mmap, place: int, target: int, _here: int) -> None:
        (word,) = struct.unpack_from("<I", memory, place)
        struct.pack_into("<I", memory, place, word & 0xFFC003FF | (target & 0xFFF) >> shift << 10)

    return patch


X86_64, AARCH64 = 62, 183
PATCHES = {
    (X86_64, 1): absolute, (X86_64, 2): relative, (X86_64, 4): relative, (X86_64, 24): far_relative,
    (AARCH64, 257): absolute, (AARCH64, 260): far_relative, (AARCH64, 261): relative, (AARCH64, 275): page,
    (AARCH64, 277): within_page(0), (AARCH64, 278): within_page(0), (AARCH64, 284): within_page(1),
    (AARCH64, 285): within_page(2), (AARCH64, 286): within_page(3), (AARCH64, 299): within_page(4),
}  # fmt: skip


def protect(address: int, size: int) -> None:
    """Make memory executable, and no longer writable."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "mprotect")
