"""The machine builds what Python's own reader builds, and does nothing that the dictionary does not say."""

import pickle
import pickletools
from collections import OrderedDict
from pickle import UnpicklingError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.formats.unpickling import INSTRUCTIONS, STOP, Known, Machine

NAMES = {
    "collections.OrderedDict": Known(OrderedDict, call=OrderedDict),
    "builtins.set": Known(set, call=set),
    "__builtin__.set": Known(set, call=set),
    "builtins.frozenset": Known(frozenset, call=frozenset),
    "__builtin__.frozenset": Known(frozenset, call=frozenset),
    "builtins.complex": Known(complex, call=complex),
    "__builtin__.complex": Known(complex, call=complex),
    "builtins.bytearray": Known(bytearray, call=bytearray),
    "__builtin__.bytearray": Known(bytearray, call=bytearray),
    "__builtin__.bytes": Known(bytes, call=bytes),
    "_codecs.encode": Known(str.encode, call=str.encode),
}

numbers = st.integers() | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False)
atoms = st.none() | st.booleans() | numbers | st.text() | st.binary() | st.binary().map(bytearray)
keys = st.booleans() | st.integers() | st.text() | st.binary() | st.frozensets(st.text()) | st.tuples(st.integers())
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(keys, inner)
        | st.dictionaries(st.text(), inner).map(OrderedDict)
        | st.sets(keys)
    ),
)


@given(value=values, protocol=st.integers(2, pickle.HIGHEST_PROTOCOL))
def test_builds_what_pickle_builds(value, protocol):
    found = Machine(pickle.dumps(value, protocol), NAMES.get).run()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_shared_and_recursive_objects(protocol):
    row = [1]
    value = {"a": row, "b": row}
    value["self"] = value
    found = Machine(pickle.dumps(value, protocol), NAMES.get).run()
    assert found["a"] is found["b"]
    assert found["self"] is found


def test_several_pickles_in_one_file():
    data = pickle.dumps(1) + pickle.dumps([2])
    first = Machine(data, NAMES.get)
    assert first.run() == 1
    second = Machine(data, NAMES.get, start=first.end)
    assert second.run() == [2]
    assert second.end == len(data)


def test_strings_of_python_2():
    data = b"\x80\x02U\x03\xe9t\xe9."
    assert Machine(data, NAMES.get, encoding="latin1").run() == "été"
    assert Machine(data, NAMES.get, encoding="bytes").run() == b"\xe9t\xe9"
    with pytest.raises(UnpicklingError, match="damaged"):
        Machine(data, NAMES.get).run()


@given(value=values, cut=st.floats(0, 1, exclude_max=True))
def test_cut_off_anywhere(value, cut):
    data = pickle.dumps(value, 2)
    with pytest.raises(UnpicklingError, match="it was cut off"):
        Machine(data[: int(cut * len(data))], NAMES.get).run()


@given(data=st.binary(max_size=40))
def test_noise_is_an_error_or_a_value_and_never_anything_else(data):
    try:
        Machine(b"\x80\x02" + data, NAMES.get).run()
    except UnpicklingError as error:
        assert str(error).startswith("Weights only load failed.")


def test_a_name_that_is_not_known():
    with pytest.raises(UnpicklingError) as caught:
        Machine(b"cos\nsystem\n(X\x04\x00\x00\x00truetR.", NAMES.get).run()
    assert str(caught.value).splitlines() == [
        "Weights only load failed. Unsupported global: GLOBAL os.system was not an allowed global by default.",
        "  why: the file asks for os.system; a file that could ask for anything could run anything, so only what tensors, "
        "containers and modules are made of is given, whatever weights_only says",
        "  instead: if system is a class of yours and you trust the file: torch.serialization.add_safe_globals([system])",
    ]


FUNCTION = Known(len, call=len)
KIND = Known(Known, make=lambda: [])
REFUSED = {
    "a call of what is not for calling": (b"cm\nkind\n(tR.", "which is not for calling"),
    "a call of what the pickle made": (b"](tR.", "which is not for calling"),
    "an instance of a function": (b"cm\nfunction\n)\x81.", "makes an instance of len"),
    "an instance of no class": (b"])\x81.", "makes an instance of []"),
    "attributes of a function": (b"cm\nfunction\n}X\x04\x00\x00\x00nameX\x01\x00\x00\x00xsb.", "sets attributes of len"),
    "attributes of a class": (b"cm\nkind\nN}X\x04\x00\x00\x00makeNs\x86b.", "sets attributes of Known"),
    "attributes of a list": (b"]}b.", "sets attributes of []"),
    "an object behind an extension code": (b"\x82\x01.", "Unsupported operand 130"),
    "an instance of before Python 2.3": (b"(icollections\nOrderedDict\n.", "Unsupported operand 105"),
    "something outside": (b"X\x01\x00\x00\x000Q.", "stored elsewhere"),
    "an attribute of what a name stands for":
        (b"\x8c\x01m\x8c\x11function.__self__\x93.", "Unsupported global: GLOBAL m.function.__self__"),
}  # fmt: skip


@pytest.mark.parametrize("data, words", REFUSED.values(), ids=REFUSED)
def test_refused(data, words):
    names = {"m.function": FUNCTION, "m.kind": KIND}
    with pytest.raises(UnpicklingError) as caught:
        Machine(data, names.get).run()
    assert words in str(caught.value)
    assert Known._fields == ("value", "call", "make", "build")
    assert FUNCTION.value.__name__ == "len"


def test_an_error_in_what_lies_outside_is_not_blamed_on_the_pickle():
    def persistent(key):
        raise KeyError("theirs")

    with pytest.raises(KeyError, match="theirs"):
        Machine(b"X\x01\x00\x00\x000Q.", NAMES.get, persistent).run()


def test_the_instructions_left_out_are_those_that_reach_past_the_dictionary():
    left_out = {op.name for op in pickletools.opcodes if ord(op.code) not in INSTRUCTIONS and ord(op.code) != STOP}
    older = {"INT", "LONG", "FLOAT", "STRING", "UNICODE", "LIST", "DICT", "GET", "PUT", "PERSID"}  # as text, protocol 0
    assert left_out - older == {"EXT1", "EXT2", "EXT4", "INST", "OBJ", "NEXT_BUFFER", "READONLY_BUFFER"}
