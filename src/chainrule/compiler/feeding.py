"""Steps that are each given something else, without Python in between: the rows of a minibatch, numbers drawn anew.

Before a step, each `Feed` copies what that step is given to where the step reads it:

    step s:   target[j] = source[order[s, j]]      the rows of a minibatch, in the order that was drawn
              target    = source[s]                numbers that were drawn ahead, for many steps at once

and then the step runs, with its own row of `numbers` and its own place in the history.
"""

from __future__ import annotations

import ctypes
import struct
from functools import cache
from typing import Any, NamedTuple

import numpy as np

WORDS = struct.Struct("6q")  # target, source, bytes from one row (or step) to the next, bytes of one, rows of a step, order

CODE = """
define void @fed(ptr %segment, ptr %table, i64 %steps, ptr %feeds, i64 %count, i64 %numbers, i64 %row, ptr %copy) #0 {
entry:
  %numbers.at = getelementptr i64, ptr %table, i64 %numbers
  %all.numbers = load i64, ptr %numbers.at
  br label %step
step:
  %s = phi i64 [ 0, %entry ], [ %s.next, %ran ]
  %more = icmp slt i64 %s, %steps
  br i1 %more, label %feed, label %done
feed:
  %f = phi i64 [ 0, %step ], [ %f.next, %fed ]
  %some = icmp slt i64 %f, %count
  br i1 %some, label %read, label %run
read:
  %place = mul i64 %f, 6
  %target.at = getelementptr i64, ptr %feeds, i64 %place
  %target = load ptr, ptr %target.at
  %source.at = getelementptr i64, ptr %target.at, i64 1
  %source = load ptr, ptr %source.at
  %stride.at = getelementptr i64, ptr %target.at, i64 2
  %stride = load i64, ptr %stride.at
  %bytes.at = getelementptr i64, ptr %target.at, i64 3
  %bytes = load i64, ptr %bytes.at
  %rows.at = getelementptr i64, ptr %target.at, i64 4
  %rows = load i64, ptr %rows.at
  %order.at = getelementptr i64, ptr %target.at, i64 5
  %order = load ptr, ptr %order.at
  %straight = icmp eq ptr %order, null
  br i1 %straight, label %whole, label %gather
whole:
  %from.step = mul i64 %s, %stride
  %here = getelementptr i8, ptr %source, i64 %from.step
  %ignored = call ptr %copy(ptr %target, ptr %here, i64 %bytes)
  br label %fed
gather:
  %first = mul i64 %s, %rows
  br label %row.head
row.head:
  %j = phi i64 [ 0, %gather ], [ %j.next, %row.body ]
  %left = icmp slt i64 %j, %rows
  br i1 %left, label %row.body, label %fed
row.body:
  %at = add i64 %first, %j
  %number.at = getelementptr i64, ptr %order, i64 %at
  %number = load i64, ptr %number.at
  %from.row = mul i64 %number, %stride
  %there = getelementptr i8, ptr %source, i64 %from.row
  %to.row = mul i64 %j, %bytes
  %to = getelementptr i8, ptr %target, i64 %to.row
  %ignored.too = call ptr %copy(ptr %to, ptr %there, i64 %bytes)
  %j.next = add i64 %j, 1
  br label %row.head
fed:
  %f.next = add i64 %f, 1
  br label %feed
run:
  %beyond = mul i64 %s, %row
  %numbers.now = add i64 %all.numbers, %beyond
  store i64 %numbers.now, ptr %numbers.at
  call void %segment(ptr %table, i64 %s, i64 1)
  br label %ran
ran:
  %s.next = add i64 %s, 1
  br label %step
done:
  store i64 %all.numbers, ptr %numbers.at
  ret void
}
attributes #0 = { nounwind }
"""


@cache
def code() -> tuple[Any, Any, Any]:
    """The function `fed`, the address of the one that copies memory, and what keeps the code in memory."""
    from ..native.load import load_all

    (address,), keep = load_all(("fed",), CODE)
    word, place = ctypes.c_int64, ctypes.c_void_p
    fed = ctypes.CFUNCTYPE(None, place, place, word, ctypes.c_char_p, word, word, word, place)(address)
    return fed, ctypes.cast(ctypes.memmove, place).value, keep


class Feed(NamedTuple):
    """What each of many steps is given in one array."""

    target: np.ndarray  # (rows, …), without gaps: what the step reads
    source: np.ndarray  # (many, …), each without gaps
    order: np.ndarray | None  # (steps · rows,) int64, none of them outside of the source; None: one of the source for each step

    def after(self, steps: int) -> Feed:
        """What comes once so many steps have been taken."""
        if self.order is None:
            return self._replace(source=self.source[steps:])
        return self._replace(order=self.order[steps * len(self.target) :])

    def words(self) -> bytes:
        """What machine code is told."""
        source, target, stride = address(self.source), address(self.target), self.source.strides[0]
        if self.order is None:
            return WORDS.pack(target, source, stride, self.target.nbytes, 1, 0)
        rows = len(self.target)
        return WORDS.pack(target, source, stride, self.target.nbytes // rows, rows, address(self.order))


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])
