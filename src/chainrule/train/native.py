"""Epochs as calls of machine code, from the step on from which that pays; see `chainrule.compile`.

A resumed run has the epochs that an uninterrupted one would have had, bit for bit. So which epochs are taken by machine
code, whose sums round otherwise, follows from their number alone; and a session that begins there first lets the step
show what it does, a few times, and then puts everything back.
"""

from __future__ import annotations

from typing import Any

import chainrule as cr
from chainrule.data.dataset import TensorDataset
from chainrule.data.loader import DataLoader

PAYS = 5000  # steps before the first epoch that machine code takes: to make it may cost as much time as these
SHOWN = 3  # how often a step shows what it does


class Native:
    """The step of a trainer, compiled, and the loader of its rows in a given order."""

    def __init__(self, trainer: Any) -> None:
        model, loss, optimizer = trainer.model, trainer.loss, trainer.optimizer
        self.model, self.optimizer, self.size = model, optimizer, trainer.batch_size

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad()
            value = loss(model(x), y)
            value.backward()
            optimizer.step()
            return value

        self.step = cr.compile(step)
        self.rows = TensorDataset(cr.from_numpy(trainer.training.x), cr.from_numpy(trainer.training.y))
        self.ready = self.usable() and self.shown()

    def usable(self) -> bool:
        """Whether all is this library's own, so that it does nothing to show a step more often than it is taken."""
        modules = list(self.model.modules())
        own = all(type(part).__module__.startswith("chainrule.") for part in [*modules, self.optimizer])
        return own and all(m._hooks is None for m in modules) and not any(self.optimizer._hooks.values())

    def shown(self) -> bool:
        """Let the step show what it does with batches of each size, and put back what it changed; whether it is compiled."""
        state = self.optimizer.state
        kept = [(t, t.array.copy()) for t in [*self.model.parameters(), *self.model.buffers()]]
        moments = [(p, name, t.array.copy()) for p in state for name, t in state[p].items() if isinstance(t, cr.Tensor)]
        size = min(self.size, len(self.rows))
        compiled = True
        for first in {0, len(self.rows) // size * size} - {len(self.rows)}:
            rows = slice(first, first + size)
            batch = [cr.from_numpy(t.numpy()[rows].copy()) for t in self.rows.tensors]
            for _ in range(SHOWN):
                self.step(*batch)
            compiled = compiled and self.step.compiled
        for t, before in [*kept, *[(state[p][name], before) for p, name, before in moments]]:
            t.array[...] = before
        for pack in [pack for _, packs in self.optimizer._packs.values() for pack in packs]:
            pack.t = int(state.get(pack.params[0], {}).get("step", 1))
        return compiled

    def epoch(self, order: Any) -> list[float]:
        """The loss of each minibatch of the rows in this order."""
        sampler = range(len(self.rows)) if order is None else order.numpy()
        loader = DataLoader(self.rows, self.size, sampler=sampler, generator=cr.Generator())
        losses: list[float] = self.step.epochs(1, loader)[0].tolist()
        return losses

