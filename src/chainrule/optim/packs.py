"""How a rule is carried to the parameters of a group, for speed.

With machine code, all of them are updated where they are, by one loop (`machine.py`). Without, many small parameters are packed
into one, and a large one is cut into pieces that stay in the cache while the rule makes its dozen passes over them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.threads import parallel
from ..graph.value import wrap
from ..native import KINDS, kernels
from ..native.aligned import empty
from . import machine

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor
    from .optimizer import Group, Optimizer

PIECE = 16384  # entries a rule is given at once: with its temporaries they stay in the second-level cache
PASSES = 8  # about how often a rule goes over its arrays, by which it is judged whether threads pay


class Pack:
    """Parameters that one call of the rule updates together: several small ones, a single one in pieces, or, by ``code``, any."""

    def __init__(self, optimizer: Optimizer, group: Group, params: list[Tensor], t: int, code: bool) -> None:
        self.params, self.t = params, t
        self.sizes = [p.array.size for p in params]
        self.ends = np.cumsum(self.sizes).tolist()
        self.places = machine.Places(self.sizes) if code else None
        self.names = optimizer.state_for(group)
        self.kind = kind = params[0].array.dtype
        self.state: dict[str, Any] = {name: empty((sum(self.sizes),), kind) for name in self.names}
        self.counts = np.full(len(params), t, np.float32)
        self.steps = [wrap(self.counts[i : i + 1].reshape(())) for i in range(len(params))]
        self.numbers: dict[str, Any] = numbers_of(optimizer, group, params[0])
        self.shown = {name: wrap(np.array(value, np.float32)) for name, value in self.numbers.items()}
        for p, end, size, step in zip(params, self.ends, self.sizes, self.steps):
            old = optimizer.state[p] if self.names else optimizer.state.get(p, {})
            for name in self.names:
                view = self.state[name][end - size : end].reshape(p.array.shape)
                view[...] = old[name].array if old.get(name) is not None else optimizer.initial(name, p.array, group)
                old[name] = wrap(view)
            if self.names:
                old.pop("step", None)
                arrays = {name: value for name, value in old.items() if name not in self.shown}
                optimizer.state[p] = {"step": step, **self.shown, **arrays} if optimizer.counts_steps else old
        self.first = optimizer.state[params[0]][self.names[0]] if self.names else None
        # a single parameter is read and written where it is; several are gathered and scattered
        self.alone = len(params) == 1

    def stale(self, optimizer: Optimizer, group: Group) -> bool:
        """Whether a parameter's shape or dtype, the optimizer's state or a group's settings were replaced since packing."""
        if self.names != optimizer.state_for(group):
            return True
        if self.names and optimizer.state.get(self.params[0], {}).get(self.names[0]) is not self.first:
            return True
        kind = self.kind
        for p, n in zip(self.params, self.sizes):
            x = p.array
            if x.size != n or x.dtype is not kind and x.dtype != kind:
                return True
        return False

    def step(self, optimizer: Optimizer, group: Group) -> None:
        self.t += 1
        self.counts[...] = self.t
        numbers: dict[str, Any] = self.numbers
        if numbers:
            numbers = optimizer.advance(numbers, group, self.t)
            for name, value in self.numbers.items():
                self.shown[name].array[...] = value
                self.numbers[name] = float(self.shown[name].array)
        maximize = group.get("maximize", False)
        if self.places is not None and self.where_they_are(self.places, optimizer, group, maximize):
            return
        if self.alone:
            p = self.params[0]
            x = p.array
            if x.flags.c_contiguous:
                self.in_pieces(optimizer, group, x.reshape(-1), p._grad.array.reshape(-1), maximize, numbers)
                p.version[0] += 1
                return
        self.gathered(optimizer, group, maximize, numbers)

    def where_they_are(self, places: machine.Places, optimizer: Optimizer, group: Group, maximize: bool) -> bool:
        """Update all parameters by machine code; False where there is none for them."""
        told = optimizer.in_machine_code(group, self.t)
        if told is None:
            return False
        xs, gs = [p.array for p in self.params], [p._grad.array for p in self.params]
        if maximize:
            gs = [np.asarray(-g) for g in gs]  # of a number, "-" makes a scalar
        if not places.update(told, xs, gs, list(self.state.values())):
            return False
        for p in self.params:
            p.version[0] += 1
        return True

    def gathered(self, optimizer: Optimizer, group: Group, maximize: bool, numbers: dict[str, float]) -> None:
        """Update several parameters as if they were one."""
        g = np.concatenate([p._grad.array.reshape(-1) for p in self.params], dtype=self.kind, casting="same_kind")
        if maximize:
            g = -g
        x = np.concatenate([p.array.reshape(-1) for p in self.params])
        state: dict[str, Any] = {**self.state, **numbers}
        delta = optimizer.update(x, g, state, group, self.t)
        start = 0
        for p, end in zip(self.params, self.ends):
            y = p.array
            np.subtract(y, delta[start:end].reshape(y.shape), y)
            p.version[0] += 1
            start = end

    def in_pieces(
        self, optimizer: Optimizer, group: Group, x: np.ndarray, g: np.ndarray, maximize: bool, numbers: dict[str, float]
    ) -> None:
        """Update one large parameter where it is; the pieces are shared by all cores."""

        def run(first: int, last: int) -> None:
            for start in range(first * PIECE, min(last * PIECE, x.size), PIECE):
                cut = slice(start, start + PIECE)
                piece = x[cut]
                g_piece = -g[cut] if maximize else g[cut]
                state = {name: s[cut] for name, s in self.state.items()} | numbers
                np.subtract(piece, optimizer.update(piece, g_piece, state, group, self.t), piece)

        parallel(run, -(-x.size // PIECE), x.size * PASSES)


def pack_up(optimizer: Optimizer, group: Group, params: list[Tensor]) -> list[Pack]:
    """Sort parameters into packs: one dtype and one step count each, small ones together.

    Where machine code is made for a large one, all have it.
    """
    packs = []
    pays = max([p.array.size for p in params]) >= machine.LEAST and kernels.ready()
    pays = pays and optimizer.in_machine_code(group, 1) is not None
    together: dict[Any, list[Tensor]] = defaultdict(list)
    for p in params:
        state = optimizer.state.get(p, {}) if optimizer.state_for(group) else {}
        t = int(state.get("step", 0)) if optimizer.counts_steps else int(state.get("momentum_buffer") is not None)
        x = p.array
        code = pays and x.dtype.char in KINDS and x.flags.carray
        if x.size > PIECE // 2 and not code:
            packs.append(Pack(optimizer, group, [p], t, False))
        else:
            together[x.dtype, t, code, *numbers_of(optimizer, group, p).values()].append(p)
    for (_, t, code, *_), some in together.items():
        packs.append(Pack(optimizer, group, some, t, code))
    return packs


def numbers_of(optimizer: Optimizer, group: Group, p: Tensor) -> dict[str, float]:
    """The numbers in the state of a parameter, in single precision as PyTorch keeps them."""
    state = optimizer.state.get(p, {})
    return {
        name: float(np.float32(state[name] if name in state else optimizer.initial_number(name, group)))
        for name in optimizer.state_numbers
    }
