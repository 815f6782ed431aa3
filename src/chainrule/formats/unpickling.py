"""Read a pickle without running anything that it asks for.

A pickle is a program for a small stack machine, and two of its instructions call whatever function the file names:
whoever writes the file decides what runs on the computer that reads it. This machine knows the same instructions and a
*dictionary*: a name that is in it gives the value there; a name that is not is refused by name. Functions are called
only if the dictionary says how, and attributes are set only on objects that were made here.

(The alternative, `pickle.Unpickler` with a ``find_class`` of our own, is not enough: its instruction ``BUILD`` sets
attributes on anything, the functions and classes of the list included, and ``EXT1`` reaches objects past ``find_class``.)

Instructions: PEP 307, PEP 3154, PEP 574, as `pickletools` lists them.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any, NamedTuple

from ..base.errors import message

MARK = object()


class Known(NamedTuple):
    """What a name stands for.

    ``value``  goes on the stack where the name stands
    ``call``   what calling it does; None: it is not for calling
    ``make``   for a class: makes an empty instance
    ``build``  fills what ``call`` or ``make`` gave: ``build(instance, state)``
    """

    value: Any
    call: Callable[..., Any] | None = None
    make: Callable[..., Any] | None = None
    build: Callable[[Any, Any], None] | None = None


class Machine:
    """Runs the program in ``data``; ``resolve("module.name")`` is the dictionary, ``persistent`` gives what lies outside.

    ``end`` says afterwards where the program ended: several may follow each other in one file.

    >>> import pickle
    >>> Machine(pickle.dumps({"lr": 0.1, "betas": (0.9, 0.999)}), resolve={}.get).run()
    {'lr': 0.1, 'betas': (0.9, 0.999)}
    """

    def __init__(
        self,
        data: bytes,
        resolve: Callable[[str], Known | None],
        persistent: Callable[[Any], Any] | None = None,
        start: int = 0,
        encoding: str = "utf-8",
    ) -> None:
        self.data, self.end, self.encoding = data, start, encoding
        self.resolve, self.persistent = resolve, persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.known: dict[int, Known] = {}  # by the id of the value that was put on the stack
        self.made: dict[int, Known] = {}  # by the id of the instance
        self.kept: list[Any] = []  # keeps those ids taken
        self.foreign: Exception | None = None

    def run(self) -> Any:
        """The object that the program builds.

        Raises UnpicklingError for a name that is not in the dictionary, and for a program that is damaged or cut off.
        """
        data, instructions = self.data, INSTRUCTIONS
        try:
            while True:
                code = data[self.end]
                self.end += 1
                if code == STOP:
                    return self.stack.pop()
                act = instructions.get(code)
                if act is None:
                    raise UnpicklingError(f"{FAILED} {unknown_instruction(code, self.end - 1)}")
                act(self)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, struct.error) as error:
            if error is self.foreign:
                raise
            raise UnpicklingError(self.damaged(error)) from error

    def damaged(self, error: Exception) -> str:
        if self.end >= len(self.data):
            why = f"it was cut off: its {len(self.data)} bytes end before the instruction that says it is complete"
        else:
            why = f"the instruction that ends at byte {self.end} of {len(self.data)} cannot be carried out: {error}"
        return message(f"{FAILED} The pickle in this file is damaged.", why, "the file that was saved, copied whole")

    # ------------------------------------------------------------------ reading bytes

    def take(self, count: int) -> bytes:
        piece = self.data[self.end : self.end + count]
        self.end += count
        if len(piece) < count:
            raise IndexError("the data end here")
        return piece

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self) -> str:
        stop = self.data.find(b"\n", self.end)
        return self.take((stop if stop >= 0 else len(self.data)) + 1 - self.end)[:-1].decode()

    # ------------------------------------------------------------------ the stack

    def since_mark(self) -> list[Any]:
        stack = self.stack
        at = len(stack) - 1
        while stack[at] is not MARK:  # ends in an IndexError where there is none
            at -= 1
        items = stack[at + 1 :]
        del stack[at:]
        return items

    def extend(self, items: list[Any]) -> None:
        """APPENDS, ADDITEMS: put items into the list or set below them."""
        target = self.stack[-1]
        if type(target) is list or type(target) is deque:
            target.extend(items)
        elif type(target) is set:
            target.update(items)
        else:
            raise TypeError(f"items for a {type(target).__name__}")

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise TypeError(f"entries for a {type(target).__name__}")
        for key, value in zip(items[::2], items[1::2]):
            target[key] = value

    # ------------------------------------------------------------------ names, calls, instances

    def name(self, full: str) -> None:
        """GLOBAL: what a name stands for."""
        found = self.resolve(full)
        if found is None:
            raise UnpicklingError(refused(full))
        self.known[id(found.value)] = found
        self.kept.append(found.value)
        self.stack.append(found.value)

    def reduce(self) -> None:
        """REDUCE: call a function of the dictionary, as the dictionary says."""
        args = self.stack.pop()
        function = self.stack.pop()
        entry = self.known.get(id(function))
        if entry is None or entry.call is None or type(args) is not tuple:
            raise UnpicklingError(f"{FAILED} This file calls {brief(function)}, which is not for calling.")
        self.put(entry.call(*args), entry)

    def new(self, named: bool = False) -> None:
        """NEWOBJ: an empty instance of a class of the dictionary."""
        options = self.stack.pop() if named else {}
        args = self.stack.pop()
        kind = self.stack.pop()
        entry = self.known.get(id(kind))
        if entry is None or entry.make is None:
            raise UnpicklingError(f"{FAILED} This file makes an instance of {brief(kind)}, which it may not.")
        self.put(entry.make(*args, **options), entry)

    def put(self, made: Any, entry: Known) -> None:
        if entry.build is not None:
            self.made[id(made)] = entry
            self.kept.append(made)
        self.stack.append(made)

    def build(self) -> None:
        """BUILD: fill what was made here."""
        state = self.stack.pop()
        target = self.stack[-1]
        entry = self.made.get(id(target))
        if id(target) in self.known or entry is None or entry.build is None:
            raise UnpicklingError(f"{FAILED} This file sets attributes of {brief(target)}, which it may not.")
        entry.build(target, state)

    def outside(self) -> None:
        """BINPERSID: something that is stored beside the pickle."""
        if self.persistent is None:
            raise UnpicklingError(f"{FAILED} This pickle names {brief(self.stack[-1])}, stored elsewhere, and stands alone.")
        key = self.stack.pop()
        try:
            self.stack.append(self.persistent(key))
        except Exception as error:
            self.foreign = error  # the pickle is not to blame
            raise


FAILED = "Weights only load failed."


def refused(name: str) -> str:
    """The words for a name that is not in the dictionary."""
    module, _, last = name.rpartition(".")
    if module.startswith(("torch.nn.modules", "torch.optim", "torch.jit")):
        return message(
            f"{FAILED} Unsupported global: GLOBAL {name} was not an allowed global by default.",
            "the file holds a whole object of PyTorch's, not only its numbers; chainrule's classes are built differently",
            "with PyTorch, torch.save(model.state_dict(), path); then model.load_state_dict(torch.load(path))",
        )
    return message(
        f"{FAILED} Unsupported global: GLOBAL {name} was not an allowed global by default.",
        f"the file asks for {name}; a file that could ask for anything could run anything, so only what tensors, "
        "containers and modules are made of is given, whatever weights_only says",
        f"if {last} is a class of yours and you trust the file: torch.serialization.add_safe_globals([{last}])",
    )


def unknown_instruction(code: int, at: int) -> str:
    return message(
        f"Unsupported operand {code}",
        f"byte {at} is no instruction that a file of tensors and containers needs",
        "a file that torch.save wrote",
    )


def brief(value: Any) -> str:
    text = getattr(value, "__qualname__", None) or repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


# ---------------------------------------------------------------------- the instructions

STOP = ord(".")
INSTRUCTIONS: dict[int, Callable[[Machine], None]] = {}


def instruction(code: bytes) -> Callable[[Callable[[Machine], None]], Callable[[Machine], None]]:
    def register(act: Callable[[Machine], None]) -> Callable[[Machine], None]:
        INSTRUCTIONS[code[0]] = act
        return act

    return register


def pushing(codes: dict[bytes, Callable[[Machine], Any]]) -> None:
    """Instructions that put one value on the stack."""
    for code, value in codes.items():
        INSTRUCTIONS[code[0]] = lambda m, value=value: m.stack.append(value(m))  # type: ignore[misc]


def text(layout: str) -> Callable[[Machine], str]:
    return lambda m: m.take(m.number(layout)).decode("utf-8", "surrogatepass")


def old_text(layout: str) -> Callable[[Machine], Any]:
    """A string of Python 2: bytes in an encoding that the reader must know."""

    def read(m: Machine) -> str | bytes:
        data = m.take(m.number(layout))
        return data if m.encoding == "bytes" else data.decode(m.encoding)

    return read


def raw(layout: str) -> Callable[[Machine], bytes]:
    return lambda m: m.take(m.number(layout))


def long(layout: str) -> Callable[[Machine], int]:
    return lambda m: int.from_bytes(m.take(m.number(layout)), "little", signed=True)


def tuple_of(count: int) -> Callable[[Machine], tuple[Any, ...]]:
    def last(m: Machine) -> tuple[Any, ...]:
        items = tuple(m.stack[-count:])
        if len(items) < count:
            raise IndexError("the stack is empty")
        del m.stack[-count:]
        return items

    return last


pushing(
    {
        b"(": lambda m: MARK,
        b"N": lambda m: None,
        b"\x88": lambda m: True,
        b"\x89": lambda m: False,
        b"J": lambda m: m.number("<i"),
        b"K": lambda m: m.number("<B"),
        b"M": lambda m: m.number("<H"),
        b"\x8a": long("<B"),
        b"\x8b": long("<I"),
        b"G": lambda m: m.number(">d"),
        b"X": text("<I"),
        b"\x8c": text("<B"),
        b"\x8d": text("<Q"),
        b"U": old_text("<B"),
        b"T": old_text("<I"),
        b"B": raw("<I"),
        b"C": raw("<B"),
        b"\x8e": raw("<Q"),
        b"\x96": lambda m: bytearray(raw("<Q")(m)),
        b"]": lambda m: [],
        b"}": lambda m: {},
        b")": lambda m: (),
        b"\x8f": lambda m: set(),
        b"t": lambda m: tuple(m.since_mark()),
        b"\x85": tuple_of(1),
        b"\x86": tuple_of(2),
        b"\x87": tuple_of(3),
        b"\x91": lambda m: frozenset(m.since_mark()),
        b"2": lambda m: m.stack[-1],
        b"h": lambda m: m.memo[m.number("<B")],
        b"j": lambda m: m.memo[m.number("<I")],
    }
)
INSTRUCTIONS[b"\x80"[0]] = lambda m: m.number("<B")  # which protocol: the instructions themselves say it
INSTRUCTIONS[b"\x95"[0]] = lambda m: m.number("<Q")  # how long the next stretch is
INSTRUCTIONS[b"a"[0]] = lambda m: m.extend([m.stack.pop()])
INSTRUCTIONS[b"e"[0]] = INSTRUCTIONS[b"\x90"[0]] = lambda m: m.extend(m.since_mark())
INSTRUCTIONS[b"s"[0]] = lambda m: m.set_items(list(tuple_of(2)(m)))
INSTRUCTIONS[b"u"[0]] = lambda m: m.set_items(m.since_mark())
INSTRUCTIONS[b"c"[0]] = lambda m: m.name(f"{m.line()}.{m.line()}")
INSTRUCTIONS[b"\x93"[0]] = lambda m: m.name("{}.{}".format(*tuple_of(2)(m)))
INSTRUCTIONS[b"R"[0]] = Machine.reduce
INSTRUCTIONS[b"\x81"[0]] = Machine.new
INSTRUCTIONS[b"\x92"[0]] = lambda m: m.new(named=True)
INSTRUCTIONS[b"b"[0]] = Machine.build
INSTRUCTIONS[b"Q"[0]] = Machine.outside


@instruction(b"q")
def remember(m: Machine) -> None:
    m.memo[m.number("<B")] = m.stack[-1]


@instruction(b"r")
def remember_far(m: Machine) -> None:
    m.memo[m.number("<I")] = m.stack[-1]


@instruction(b"\x94")
def remember_next(m: Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


@instruction(b"0")
def drop(m: Machine) -> None:
    m.stack.pop()


@instruction(b"1")
def drop_to_mark(m: Machine) -> None:
    m.since_mark()
