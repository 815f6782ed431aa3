"""Loop-nest instructions as LLVM IR, one instruction to one or two lines.

Floating-point results are those of IEEE arithmetic, but a product may flow into a sum without being rounded (``contract``).
"""

from __future__ import annotations

import struct
from typing import Any

from .loops import BYTES, Type, Value
from .machine import processor
from .program import Program

NAMES = {"f16": "half", "f32": "float", "f64": "double", "i1": "i1", "i8": "i8", "i16": "i16", "i32": "i32", "i64": "i64"}
FLOAT = {"add": "fadd contract", "sub": "fsub contract", "mul": "fmul contract", "div": "fdiv contract"}
INT = {
    "add": "add", "sub": "sub", "mul": "mul", "quotient": "udiv", "remainder": "urem", "and": "and", "or": "or",
    "xor": "xor", "shl": "shl", "ashr": "ashr",
}  # fmt: skip
COMPARE = {"lt": "olt slt", "le": "ole sle", "gt": "ogt sgt", "ge": "oge sge", "eq": "oeq eq", "ne": "une ne"}
INTRINSIC = {
    "sqrt": "sqrt", "floor": "floor", "nearest": "roundeven", "abs": "fabs", "fma": "fma", "minimum": "minimum",
    "maximum": "maximum",
}  # fmt: skip
TILE_WORDS = {
    "config": "ldtilecfg", "release": "tilerelease", "zero": "tilezero", "load": "tileloadd64", "store": "tilestored64",
    "product": "tdpbf16ps",
}  # fmt: skip
# 64 bytes: palette 1; from byte 16 on, the bytes of a row of each register, in two bytes; from byte 48 on, its rows
TILES = f"<16 x i32> <{', '.join(f'i32 {n}' for n in [1, 0, 0, 0, *[64 | 64 << 16] * 4, *[0] * 4, *[0x10101010] * 2, 0, 0])}>"
ATTRIBUTES = 'nounwind "no-builtins" "prefer-vector-width"="512" "min-legal-vector-width"="512"'


def spelled(kind: Type) -> str:
    return NAMES[kind.kind] if kind.lanes == 1 else f"<{kind.lanes} x {NAMES[kind.kind]}>"


def suffix(kind: Type) -> str:
    """A type as intrinsics spell it in their names.

    >>> suffix(Type("f32", 16))
    'v16f32'
    """
    return kind.kind if kind.lanes == 1 else f"v{kind.lanes}{kind.kind}"


def constant(x: Value) -> str:
    one = spell_number(x.data, x.type.kind)
    if x.type.lanes == 1:
        return one
    return f"<{', '.join([f'{NAMES[x.type.kind]} {one}'] * x.type.lanes)}>"


def spell_number(value: Any, kind: str) -> str:
    if kind == "f32":
        value = struct.unpack("f", struct.pack("f", value))[0]
    if kind[0] == "f":
        return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
    return str(int(value))


class Emitter:
    """Writes a program as the text of one LLVM module with one function."""

    def __init__(self, program: Program) -> None:
        self.program, self.count = program, 0
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.declared: set[str] = set()

    def module(self) -> str:
        parts = [self.function(), *sorted(self.declared)]
        if list(self.program.parameters)[-2:] == ["piece", "thread"]:
            parts.append(self.shared())
        return "\n".join([*parts, f"attributes #0 = {{ {ATTRIBUTES} }}", ""])

    def function(self, internal: bool = False, inline: bool = False) -> str:
        """The program as one function; an ``internal`` one is seen by its module only, and may be made ``inline``."""
        parameters = ", ".join(
            f"ptr noalias %{name}" if kind.endswith("*") else f"{NAMES[kind]} %{name}"
            for name, kind in self.program.parameters.items()
        )
        for variable in self.program.builder.variables:
            self.lines.append(f"%{variable.name} = alloca {spelled(variable.type)}")
        self.block(self.program.body)
        body = "\n".join(line if line.endswith(":") else "  " + line for line in self.lines)
        how = "internal " if internal else ""
        inlined = " alwaysinline" if inline else " noinline" if internal else ""
        head = f"define {how}void @{self.program.name}({parameters}) #0{inlined} {{\nentry:"
        return "\n".join([head, body, "  ret void", "}"])

    def shared(self) -> str:
        """The function that a team calls: it reads the parameters from words of memory, but the piece and the thread."""
        lines, arguments = [], []
        for i, (name, kind) in enumerate(list(self.program.parameters.items())[:-2]):
            spelling = "ptr" if kind.endswith("*") else NAMES[kind]
            lines.append(f"  %{name}.at = getelementptr i64, ptr %arguments, i64 {i}")
            lines.append(f"  %{name} = load {spelling}, ptr %{name}.at")
            arguments.append(f"{spelling} %{name}")
        call = f"  call void @{self.program.name}({', '.join([*arguments, 'i64 %piece', 'i64 %thread'])})"
        head = f"define void @{self.program.name}.piece(ptr %arguments, i64 %piece, i64 %thread) #0 {{\nentry:"
        return "\n".join([head, *lines, call, "  ret void", "}"])

    def fresh(self) -> str:
        self.count += 1
        return f"%t{self.count}"

    def name(self, x: Value) -> str:
        if x.op == "constant":
            return constant(x)
        if x.op == "parameter":
            return f"%{x.data}"
        return self.names[id(x)]

    def typed(self, x: Value) -> str:
        return f"{spelled(x.type)} {self.name(x)}"

    def say(self, x: Value, text: str) -> None:
        name = self.names[id(x)] = self.fresh()
        self.lines.append(f"{name} = {text}")

    def call(self, x: Value, intrinsic: str, kind: Type) -> None:
        """Call an LLVM intrinsic on all arguments, and declare it."""
        name = f"@llvm.{intrinsic}.{suffix(kind)}"
        self.declared.add(f"declare {spelled(x.type)} {name}({', '.join(spelled(a.type) for a in x.args)})")
        self.say(x, f"call {spelled(x.type)} {name}({', '.join(self.typed(a) for a in x.args)})")

    def block(self, body: list[Value]) -> None:
        for x in body:
            getattr(self, f"emit_{x.op}", self.emit_plain)(x)

    def emit_plain(self, x: Value) -> None:
        """An operation on one, two or three values of one type."""
        if x.op in INTRINSIC:
            self.call(x, INTRINSIC[x.op], x.type)
        elif x.op in COMPARE:
            kind = x.args[0].type.kind
            instruction, way = ("fcmp", 0) if kind[0] == "f" else ("icmp", 1)
            a, b = x.args
            self.say(x, f"{instruction} {COMPARE[x.op].split()[way]} {self.typed(a)}, {self.name(b)}")
        else:
            a, b = x.args
            table = FLOAT if x.type.kind[0] == "f" else INT
            self.say(x, f"{table[x.op]} {self.typed(a)}, {self.name(b)}")

    def emit_neg(self, x: Value) -> None:
        self.say(x, f"fneg {self.typed(x.args[0])}")

    def emit_select(self, x: Value) -> None:
        self.say(x, f"select {', '.join(self.typed(a) for a in x.args)}")

    def emit_either(self, x: Value) -> None:
        found, a, b = (array.name for array in x.data)
        self.lines.append(f"%{found} = select {self.typed(x.args[0])}, ptr %{a}, ptr %{b}")

    def emit_spread(self, x: Value) -> None:
        one, whole = self.fresh(), spelled(x.type)
        self.lines.append(f"{one} = insertelement {whole} poison, {self.typed(x.args[0])}, i64 0")
        self.say(x, f"shufflevector {whole} {one}, {whole} poison, <{x.type.lanes} x i32> zeroinitializer")

    def emit_shuffle(self, x: Value) -> None:
        picks = ", ".join(f"i32 {i}" for i in x.data)
        self.say(x, f"shufflevector {', '.join(self.typed(a) for a in x.args)}, <{len(x.data)} x i32> <{picks}>")

    def emit_convert(self, x: Value) -> None:
        source, target = x.args[0].type.kind, x.type.kind
        if source[0] == target[0] == "f":
            how = "fpext" if BYTES[target] > BYTES[source] else "fptrunc"
        elif source[0] == target[0]:
            how = "trunc" if BYTES[target] < BYTES[source] else "zext" if source == "i1" else "sext"
        else:
            how = "fptosi" if target[0] == "i" else "uitofp" if source == "i1" else "sitofp"
        self.say(x, f"{how} {self.typed(x.args[0])} to {spelled(x.type)}")

    def emit_bits(self, x: Value) -> None:
        self.say(x, f"bitcast {self.typed(x.args[0])} to {spelled(x.type)}")

    def emit_sum(self, x: Value) -> None:
        """Halves are added to halves: the same order everywhere, and only as many steps as the lanes have bits."""
        (vector,) = x.args
        current, lanes, kind = self.name(vector), vector.type.lanes, vector.type.kind
        while lanes > 1:
            a, b, current = self.halves(current, lanes, NAMES[kind])
            lanes //= 2
            self.lines.append(f"{current} = fadd <{lanes} x {NAMES[kind]}> {a}, {b}")
        self.say(x, f"extractelement <1 x {NAMES[kind]}> {current}, i64 0" if vector.type.lanes > 1 else f"fadd {self.typed(vector)}, 0.0")

    def emit_largest(self, x: Value) -> None:
        """Halves beside halves; NaN is looked for by itself, which takes fewer instructions than to carry it along."""
        (vector,) = x.args
        current, lanes, kind = self.name(vector), vector.type.lanes, NAMES[vector.type.kind]
        if lanes == 1:
            self.names[id(x)] = current
            return
        whole, wrong, some = f"<{lanes} x {kind}>", self.fresh(), self.fresh()
        self.lines.append(f"{wrong} = fcmp uno {whole} {current}, {current}")
        self.lines.append(f"{some} = bitcast <{lanes} x i1> {wrong} to i{lanes}")
        while lanes > 1:
            a, b, current = self.halves(current, lanes, kind)
            lanes //= 2
            more = self.fresh()
            self.lines.append(f"{more} = fcmp ogt <{lanes} x {kind}> {a}, {b}")
            self.lines.append(f"{current} = select <{lanes} x i1> {more}, <{lanes} x {kind}> {a}, <{lanes} x {kind}> {b}")
        none, top = self.fresh(), self.fresh()
        self.lines.append(f"{none} = icmp eq i{vector.type.lanes} {some}, 0")
        self.lines.append(f"{top} = extractelement <1 x {kind}> {current}, i64 0")
        self.say(x, f"select i1 {none}, {kind} {top}, {kind} {spell_number(float('nan'), vector.type.kind)}")

    def halves(self, vector: str, lanes: int, kind: str) -> tuple[str, str, str]:
        """The names of the two halves of a vector, and a new one for what they become."""
        half, whole, parts = lanes // 2, f"<{lanes} x {kind}>", []
        for first in (0, half):
            picked = ", ".join(f"i32 {first + i}" for i in range(half))
            part = self.fresh()
            self.lines.append(f"{part} = shufflevector {whole} {vector}, {whole} poison, <{half} x i32> <{picked}>")
            parts.append(part)
        return parts[0], parts[1], self.fresh()

    def emit_estimate(self, x: Value) -> None:
        """1/x to 14 bits, of a whole vector of float32."""
        whole, name = spelled(x.type), "@llvm.x86.avx512.rcp14.ps.512"
        self.declared.add(f"declare {whole} {name}({whole}, {whole}, i16)")
        self.say(x, f"call {whole} {name}({self.typed(x.args[0])}, {whole} zeroinitializer, i16 -1)")

    def emit_any(self, x: Value) -> None:
        mask, bits = x.args[0], self.fresh()
        self.lines.append(f"{bits} = bitcast {self.typed(mask)} to i{mask.type.lanes}")
        self.say(x, f"icmp ne i{mask.type.lanes} {bits}, 0")

    def emit_nth(self, x: Value) -> None:
        """The mask of lane n."""
        self.emit_first(x, "eq")

    def emit_first(self, x: Value, how: str = "slt") -> None:
        """The mask of the first n lanes."""
        n, spread, whole = self.fresh(), self.fresh(), f"<{x.type.lanes} x i32>"
        short = self.fresh()
        self.lines.append(f"{short} = trunc {self.typed(x.args[0])} to i32")
        self.lines.append(f"{n} = insertelement {whole} poison, i32 {short}, i64 0")
        self.lines.append(f"{spread} = shufflevector {whole} {n}, {whole} poison, {whole} zeroinitializer")
        places = ", ".join(f"i32 {i}" for i in range(x.type.lanes))
        self.say(x, f"icmp {how} {whole} <{places}>, {spread}")

    def address(self, x: Value, within: str = " inbounds") -> str:
        pointer = self.fresh()
        kind = NAMES[x.data.kind]
        self.lines.append(f"{pointer} = getelementptr{within} {kind}, ptr %{x.data.name}, {self.typed(x.args[0])}")
        return pointer

    def emit_load(self, x: Value) -> None:
        pointer, align = self.address(x), BYTES[x.type.kind]
        if len(x.args) == 1:
            self.say(x, f"load {spelled(x.type)}, ptr {pointer}, align {align}")
            return
        mask = x.args[1]
        name = f"@llvm.masked.load.{suffix(x.type)}.p0"
        whole = spelled(x.type)
        self.declared.add(f"declare {whole} {name}(ptr, i32, {spelled(mask.type)}, {whole})")
        self.say(x, f"call {whole} {name}(ptr {pointer}, i32 {align}, {self.typed(mask)}, {whole} zeroinitializer)")

    def emit_gather(self, x: Value) -> None:
        n, (places,) = x.type.lanes, x.args
        pointers, whole = self.fresh(), spelled(x.type)
        self.lines.append(f"{pointers} = getelementptr inbounds {NAMES[x.data.kind]}, ptr %{x.data.name}, {self.typed(places)}")
        name = f"@llvm.masked.gather.{suffix(x.type)}.v{n}p0"
        self.declared.add(f"declare {whole} {name}(<{n} x ptr>, i32, <{n} x i1>, {whole})")
        every = ", ".join(["i1 true"] * n)
        self.say(x, f"call {whole} {name}(<{n} x ptr> {pointers}, i32 {BYTES[x.type.kind]}, <{n} x i1> <{every}>, {whole} zeroinitializer)")

    def emit_store(self, x: Value) -> None:
        pointer, align, value = self.address(x), BYTES[x.type.kind], x.args[1]
        if len(x.args) == 2:
            self.lines.append(f"store {self.typed(value)}, ptr {pointer}, align {align}")
            return
        mask = x.args[2]
        name = f"@llvm.masked.store.{suffix(x.type)}.p0"
        self.declared.add(f"declare void {name}({spelled(value.type)}, ptr, i32, {spelled(mask.type)})")
        self.lines.append(f"call void {name}({self.typed(value)}, ptr {pointer}, i32 {align}, {self.typed(mask)})")

    def emit_stream(self, x: Value) -> None:
        whole = BYTES[x.type.kind] * x.type.lanes
        self.lines.append(f"store {self.typed(x.args[1])}, ptr {self.address(x)}, align {whole}, !nontemporal !{{i32 1}}")

    def emit_settle(self, x: Value) -> None:
        self.lines.append("fence seq_cst")

    def emit_prefetch(self, x: Value) -> None:
        self.declared.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        self.lines.append(f"call void @llvm.prefetch.p0(ptr {self.address(x, '')}, i32 0, i32 3, i32 1)")

    def emit_tile(self, x: Value) -> None:
        """Instructions on tile registers: what is done, with which of them, and for loads and stores where, and how far it is from
        row to row in bytes."""
        word, *numbers = x.data
        if word == "config":
            self.lines += ["%tiles = alloca <16 x i32>, align 64", f"store {TILES}, ptr %tiles, align 64"]
            arguments, kinds = "ptr %tiles", "ptr"
        elif word in ("load", "store"):
            number, array = numbers
            pointer = self.fresh()
            self.lines.append(f"{pointer} = getelementptr {NAMES[array.kind]}, ptr %{array.name}, {self.typed(x.args[0])}")
            arguments, kinds = f"i8 {number}, ptr {pointer}, {self.typed(x.args[1])}", "i8, ptr, i64"
        else:
            arguments, kinds = ", ".join(f"i8 {n}" for n in numbers), ", ".join("i8" for n in numbers)
        name = f"@llvm.x86.{TILE_WORDS[word]}"
        self.declared.add(f"declare void {name}({kinds})")
        self.lines.append(f"call void {name}({arguments})")

    def emit_call(self, x: Value) -> None:
        """A function at an address, given a context, where an entry of an array lies, and numbers."""
        function, pointer, place = self.fresh(), self.fresh(), x.args[2]
        self.lines.append(f"{function} = inttoptr {self.typed(x.args[0])} to ptr")
        self.lines.append(f"{pointer} = getelementptr {NAMES[x.data.kind]}, ptr %{x.data.name}, {self.typed(place)}")
        numbers = ", ".join(self.typed(a) for a in x.args[3:])
        self.lines.append(f"call void {function}({self.typed(x.args[1])}, ptr {pointer}, {numbers})")

    def emit_tiny(self, x: Value) -> None:
        """Two bits of the register that says how x86 computes: tiny numbers are 0 when read, and when they come out; if a number is 1."""
        if not processor().startswith(("x86_64", "AMD64")):
            return
        self.declared |= {f"declare void @llvm.x86.sse.{word}mxcsr(ptr)" for word in ("ld", "st")}
        if x.data == "count":
            self.lines.append("call void @llvm.x86.sse.ldmxcsr(ptr %usual)")
            return
        self.lines += [
            "%usual = alloca i32", "%flushing = alloca i32",
            "call void @llvm.x86.sse.stmxcsr(ptr %usual)", "%usual.bits = load i32, ptr %usual",
            f"%tiny.chosen = trunc {self.typed(x.args[0])} to i32", "%tiny.bits = mul i32 %tiny.chosen, 32832",
            "%flushing.bits = or i32 %usual.bits, %tiny.bits", "store i32 %flushing.bits, ptr %flushing",
            "call void @llvm.x86.sse.ldmxcsr(ptr %flushing)",
        ]  # fmt: skip

    def emit_get(self, x: Value) -> None:
        self.say(x, f"load {spelled(x.type)}, ptr %{x.data.name}")

    def emit_set(self, x: Value) -> None:
        self.lines.append(f"store {self.typed(x.args[0])}, ptr %{x.data.name}")

    def emit_loop(self, x: Value) -> None:
        index, step, body = x.data
        start, stop = (self.name(a) for a in x.args)
        self.count += 1
        number = self.count
        before, head, inside, after = (f"{word}{number}" for word in ("before", "head", "inside", "after"))
        here, there = self.fresh(), self.fresh()
        more = self.fresh()
        self.names[id(index)] = here
        self.lines += [f"br label %{before}", f"{before}:", f"br label %{head}", f"{head}:"]
        self.lines.append(f"{here} = phi i64 [ {start}, %{before} ], [ {there}, %last{number} ]")
        self.lines.append(f"{more} = icmp slt i64 {here}, {stop}")
        self.lines += [f"br i1 {more}, label %{inside}, label %{after}", f"{inside}:"]
        self.block(body)
        self.lines += [f"br label %last{number}", f"last{number}:", f"{there} = add nsw i64 {here}, {step}"]
        self.lines += [f"br label %{head}", f"{after}:"]


def module(program: Program) -> str:
    """The text of an LLVM module with the program as its one function."""
    return Emitter(program).module()
