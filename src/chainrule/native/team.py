"""A team of threads that share the pieces of a job, without Python in between.

Waking a sleeping thread takes about 50 µs, as long as many a job. So who has finished looks out for the next job for a
millisecond or two before going to sleep; meanwhile a piece costs one atomic operation. Each thread has a share of the pieces, as
many as the others, side by side: of the next array it will get the same part, which it finds in its own core's cache where the
last job left it. (Pieces claimed by whoever came first took 3 to 10 % longer in the steps of networks.) Who has done its share
claims pieces of the others': if they are asleep, or the system has given their core to another program, the caller does them
all. Who waits for a piece that somebody else has begun gives way before long.

    job: open (1 while pieces may be left), active (threads at work on it), count, function, arguments, give_way (to other
         programs), size (of the team), awake (threads that look out), and for each thread the pieces of its share not yet claimed

`function(arguments, piece, thread)` must give the same whichever thread runs it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from ..base import threads
from .address import HEAD

SOON, PATIENCE = 500, 20_000  # looks at the job: closely for some 20 µs, then giving way to other programs in between
# words of 8 bytes; contended ones have a cache line each
OPEN, ACTIVE, COUNT, FUNCTION, ARGUMENTS, GIVE_WAY, SIZE, AWAKE, SHARES = 0, 8, 16, 17, 18, 19, 20, 24, 32
LINE = 8  # words of a cache line: each thread's share has one

PAUSE = {
    "x86_64": ("call void @llvm.x86.sse2.pause()", "declare void @llvm.x86.sse2.pause()"),
    "AMD64": ("call void @llvm.x86.sse2.pause()", "declare void @llvm.x86.sse2.pause()"),
    "aarch64": ("call void @llvm.aarch64.hint(i32 1)", "declare void @llvm.aarch64.hint(i32)"),
    "arm64": ("call void @llvm.aarch64.hint(i32 1)", "declare void @llvm.aarch64.hint(i32)"),
}

CODE = """
define internal void @work(ptr %job, i64 %me) #0 {{
entry:
  %active = getelementptr i64, ptr %job, i64 {ACTIVE}
  %before = atomicrmw add ptr %active, i64 1 acq_rel
  %size.at = getelementptr i64, ptr %job, i64 {SIZE}
  %size = load i64, ptr %size.at
  br label %visit
visit:
  %visited = phi i64 [ 0, %entry ], [ %next, %leave ]
  %whole.turn = icmp eq i64 %visited, %size
  br i1 %whole.turn, label %done, label %choose
choose:
  %ahead = add i64 %me, %visited
  %beyond = icmp sge i64 %ahead, %size
  %around = sub i64 %ahead, %size
  %whose = select i1 %beyond, i64 %around, i64 %ahead
  %line = mul i64 %whose, {LINE}
  %place = add i64 %line, {SHARES}
  %left.at = getelementptr i64, ptr %job, i64 %place
  br label %look
look:
  %seen = load atomic i64, ptr %left.at monotonic, align 8
  %maybe = icmp sgt i64 %seen, 0
  br i1 %maybe, label %claim, label %leave
claim:
  %left = atomicrmw sub ptr %left.at, i64 1 acq_rel
  %some = icmp sgt i64 %left, 0
  br i1 %some, label %piece, label %leave
piece:
  %count.at = getelementptr i64, ptr %job, i64 {COUNT}
  %count = load i64, ptr %count.at
  %function.at = getelementptr i64, ptr %job, i64 {FUNCTION}
  %function = load ptr, ptr %function.at
  %arguments.at = getelementptr i64, ptr %job, i64 {ARGUMENTS}
  %arguments = load ptr, ptr %arguments.at
  %after.whose = add i64 %whose, 1
  %end = call i64 @first(i64 %count, i64 %after.whose, i64 %size)
  %number = sub i64 %end, %left
  call void %function(ptr %arguments, i64 %number, i64 %me)
  br label %look
leave:
  %next = add i64 %visited, 1
  br label %visit
done:
  store atomic i64 0, ptr %job release, align 8
  %after = atomicrmw sub ptr %active, i64 1 acq_rel
  ret void
}}

define internal i64 @first(i64 %count, i64 %whose, i64 %size) alwaysinline #0 {{
  %product = mul i64 %count, %whose
  %less = sub i64 %size, 1
  %up = add i64 %product, %less
  %first = udiv i64 %up, %size
  ret i64 %first
}}

define void @run(ptr %job, ptr %function, ptr %arguments, i64 %count) #0 {{
entry:
  %single = icmp eq i64 %count, 1
  br i1 %single, label %alone, label %several
alone:
  call void %function(ptr %arguments, i64 0, i64 0)
  ret void
several:
  %count.at = getelementptr i64, ptr %job, i64 {COUNT}
  store i64 %count, ptr %count.at
  %function.at = getelementptr i64, ptr %job, i64 {FUNCTION}
  store ptr %function, ptr %function.at
  %arguments.at = getelementptr i64, ptr %job, i64 {ARGUMENTS}
  store ptr %arguments, ptr %arguments.at
  %size.at = getelementptr i64, ptr %job, i64 {SIZE}
  %size = load i64, ptr %size.at
  br label %deal
deal:
  %whose = phi i64 [ 0, %several ], [ %after.whose, %deal ]
  %begin = phi i64 [ 0, %several ], [ %end, %deal ]
  %after.whose = add i64 %whose, 1
  %end = call i64 @first(i64 %count, i64 %after.whose, i64 %size)
  %share = sub i64 %end, %begin
  %line = mul i64 %whose, {LINE}
  %place = add i64 %line, {SHARES}
  %left.at = getelementptr i64, ptr %job, i64 %place
  store atomic i64 %share, ptr %left.at release, align 8
  %dealt = icmp eq i64 %after.whose, %size
  br i1 %dealt, label %begin.work, label %deal
begin.work:
  store atomic i64 1, ptr %job release, align 8
  call void @work(ptr %job, i64 0)
  %active.at = getelementptr i64, ptr %job, i64 {ACTIVE}
  %give_way.at = getelementptr i64, ptr %job, i64 {GIVE_WAY}
  br label %wait
wait:
  %waits = phi i64 [ 0, %begin.work ], [ %longer, %again ]
  %active = load atomic i64, ptr %active.at acquire, align 8
  %over = icmp eq i64 %active, 0
  br i1 %over, label %done, label %idle
idle:
  %soon = icmp slt i64 %waits, {SOON}
  br i1 %soon, label %near, label %far
near:
  {pause}
  br label %again
far:
  %give_way = load ptr, ptr %give_way.at
  %ignored = call i32 %give_way()
  br label %again
again:
  %longer = add i64 %waits, 1
  br label %wait
done:
  ret void
}}

define void @run_on(ptr %job, ptr %function, ptr %words, i64 %count, i64 %arrays) #0 {{
entry:
  br label %look
look:
  %left = phi i64 [ %arrays, %entry ], [ %fewer, %one ]
  %none = icmp eq i64 %left, 0
  br i1 %none, label %begin, label %one
one:
  %which = call i64 @llvm.cttz.i64(i64 %left, i1 true)
  %word.at = getelementptr i64, ptr %words, i64 %which
  %array = load ptr, ptr %word.at
  %data.at = getelementptr i8, ptr %array, i64 {HEAD}
  %data = load i64, ptr %data.at
  store i64 %data, ptr %word.at
  %less = sub i64 %left, 1
  %fewer = and i64 %left, %less
  br label %look
begin:
  call void @run(ptr %job, ptr %function, ptr %words, i64 %count)
  ret void
}}

declare i64 @llvm.cttz.i64(i64, i1)

define void @attend(ptr %job, i64 %me, i64 %patience, ptr %give_way) #0 {{
entry:
  %awake.at = getelementptr i64, ptr %job, i64 {AWAKE}
  %awake = atomicrmw add ptr %awake.at, i64 1 acq_rel
  br label %fresh
fresh:
  br label %look
look:
  %looks = phi i64 [ 0, %fresh ], [ %more, %next ]
  %open = load atomic i64, ptr %job acquire, align 8
  %some = icmp sgt i64 %open, 0
  br i1 %some, label %busy, label %idle
busy:
  call void @work(ptr %job, i64 %me)
  br label %fresh
idle:
  %soon = icmp slt i64 %looks, {SOON}
  br i1 %soon, label %near, label %far
near:
  {pause}
  br label %next
far:
  %ignored = call i32 %give_way()
  br label %next
next:
  %more = add i64 %looks, 1
  %tired = icmp sgt i64 %more, %patience
  br i1 %tired, label %done, label %look
done:
  %asleep = atomicrmw sub ptr %awake.at, i64 1 acq_rel
  ret void
}}

{declare}
attributes #0 = {{ nounwind }}
"""


def text() -> str:
    pause, declare = PAUSE.get(platform.machine(), ("", ""))
    names = ("ACTIVE", "COUNT", "FUNCTION", "ARGUMENTS", "GIVE_WAY", "SIZE", "AWAKE", "SHARES", "LINE", "SOON")
    words = {name: globals()[name] for name in names} | {"HEAD": HEAD}
    return CODE.format(pause=pause, declare=declare, **words)


class Code(NamedTuple):
    """The functions of this module's code that are called from outside, and what keeps them in memory."""

    run: Any
    run_on: Any  # the same, with words that are array objects
    attend: Any
    keep: Any


@cache
def code() -> Code:
    from .load import load_all

    addresses, keep = load_all(("run", "run_on", "attend"), text(), "few")
    word, pointer = ctypes.c_int64, ctypes.c_void_p
    parameters = (pointer, pointer, pointer, word), (pointer, pointer, pointer, word, word), (pointer, word, word, pointer)
    run, run_on, attend = [ctypes.CFUNCTYPE(None, *p)(at) for p, at in zip(parameters, addresses)]
    return Code(run, run_on, attend, keep)


def job(size: int) -> tuple[Any, int]:
    """Memory for the words of a team's jobs, and where they begin."""
    memory = (ctypes.c_int64 * (SHARES + LINE * (size + 1)))()
    start = (ctypes.addressof(memory) + 63) // 64 * 64
    ctypes.c_int64.from_address(start + 8 * SIZE).value = size
    return memory, start


class Team:
    """The caller and ``size - 1`` threads of its own."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.memory, self.job = job(size)
        self.awake = ctypes.c_int64.from_address(self.job + 8 * AWAKE)
        _, self.run_on, self.attend, _ = code()
        give_way = ctypes.windll.kernel32.SwitchToThread if os.name == "nt" else ctypes.CDLL(None).sched_yield  # type: ignore[attr-defined]
        self.give_way = ctypes.cast(give_way, ctypes.c_void_p).value
        ctypes.c_int64.from_address(self.job + 8 * GIVE_WAY).value = self.give_way or 0
        self.over = False
        self.busy = threading.Lock()
        self.alarms = [threading.Lock() for _ in range(size - 1)]
        for number, alarm in enumerate(self.alarms, 1):
            alarm.acquire()
            threading.Thread(target=self.member, args=(alarm, number), name=f"chainrule-{number}", daemon=True).start()

    def member(self, alarm: threading.Lock, number: int) -> None:
        while True:
            alarm.acquire()
            if self.over:
                return
            self.attend(self.job, number, PATIENCE, self.give_way)

    def share(self, function: int, arguments: Any, count: int, arrays: int = 0) -> None:
        """Call the machine code at ``function`` for the pieces 0 … count − 1.

        Bits of ``arrays`` say which of the arguments, words of 8 bytes, are array objects (`address.word`): there it puts, in
        place, where the array begins. So they have to be bytes that nobody else has.
        """
        if not self.busy.acquire(blocking=False):  # another thread's job, or one of ours within a piece: do it alone
            _memory, lonely = job(1)
            self.run_on(lonely, function, arguments, count, arrays)
            return
        try:
            if count > 1 and self.awake.value < self.size - 1:
                self.wake()
            self.run_on(self.job, function, arguments, count, arrays)
        finally:
            self.busy.release()

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Wake the threads for machine code that shares jobs itself; nobody else may meanwhile."""
        with self.busy:
            if self.awake.value < self.size - 1:
                self.wake()
            yield

    def wake(self) -> None:
        for alarm in self.alarms:
            if alarm.locked():
                alarm.release()

    def dismiss(self) -> None:
        """Let the threads end."""
        self.over = True
        for alarm in self.alarms:
            if alarm.locked():
                alarm.release()


_team: Team | None = None


def team() -> Team:
    """The team of this process, of as many as `threads.cores` says."""
    global _team
    if _team is None or _team.size != threads._cores:
        if _team is not None:
            _team.dismiss()
        _team = Team(threads.cores())
    return _team


def forget() -> None:
    """A child of a fork has none of its parent's threads."""
    global _team
    _team = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
