"""A plan: what is known of one kind of call of a step, from its first recording to its machine code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.value import Value, clock
from ..tensors.random import default_generator
from .attached import Compiled
from .bounds import limits_of
from .calls import Form, flat, given, history
from .exchanges import recording
from .facts import Fact, Reading, decided_by, told
from .feeding import Feed
from .homes import Homes, place
from .paired import Pair
from .program import Node, copied, verify
from .pullback import WayBack, used, way_back
from .recording import Hosted, Recording
from .reliance import Reliance
from .running import Machine
from .sources import Sources, hooked, same, stored
from .trial import checksum, overlaps, tried

MOST_TRIES = 5  # recordings of one kind of call that may differ before it is left alone
MOST_TRIALS = 2  # of two entries that are the largest but for rounding, another may be chosen: not again in the next call
UNUSED = "a result carries a history that nobody has gone back through: compile the whole step, with its backward()"
AHEAD = 64  # steps whose numbers are computed at once
CHUNK = 1 << 15  # steps that are taken before Python may look up


class Plan:
    """What is known of one kind of call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.machine: Any = None  # a Machine, or a Pair
        self.way: WayBack | None = None
        self.reasons: list[tuple[Any, str]] = []
        self.last: Recording | None = None
        self.tries = self.trials = 0
        self.changed = ""
        self.found: Sources = Sources()

    # ------------------------------------------------------------------ learning

    def learn(self, args: Any, named: Any) -> Any:
        """Run the function as ever and record it; compile it once two recordings agree."""
        self.tries += 1
        if self.tries == 1:
            self.found.follow(self.function, {}, given(args, named))
        holders = self.found.held_now()
        for name, a in given(args, named):
            if isinstance(a, Value):
                holders[id(a.array)] = (a, name)
        before = self.snapshot() if self.last is not None else {}
        grads = {id(t): t._grad is None for t, _ in self.last.gradients.values()} if self.last is not None else {}
        sums = {i: (h.array, name, checksum(h.array)) for i, (h, name) in holders.items()} if self.last is not None else {}
        drawn = {id(default_generator): default_generator} | (self.last.generators if self.last is not None else {})
        state = [(g, g.get_state_bytes()) for g in drawn.values()]
        relied = [(g, g.now()) for g in self.found.guards]
        nodes = [(t, t.node) for t, _ in holders.values() if isinstance(t, Value)]
        began = clock()
        with recording(holders) as now:
            result = self.function(*args, **named)
            self.form = Form(result, now, args, named)
            if any(t.node is not node for t, node in nodes):
                now.stop("changes the history of a tensor that lives outside")
            self.way = way_back(now, [t for _, t in self.form.leaves], began)
        self.outside = {id(t) for t, _ in now.holders.values()} - {id(a) for _, a in given(args, named)}
        now.finish([x for x, _ in self.form.leaves] + (self.way.gradients if self.way else []))
        self.found = Sources()
        self.found.follow(self.function, now.called, given(args, named))
        reasons = self.judged(now, self.form.leaves, {id(a.array) for _, a in given(args, named) if isinstance(a, Value)})
        reasons += [(stored(g.key, now.called), f"sets {g.name}") for g, value in relied if not same(g.now(), value)]
        reasons += hooked(self.found.modules) if self.way else []
        seen = {id(n.data.array) for n in now.program.inputs}
        reasons += [
            (None, f"{name} was changed in a way that was not seen")
            for i, (array, name, before_) in sums.items()
            if i not in seen and checksum(array) != before_
        ]
        if reasons:
            self.reasons = reasons
            self.last = None
            return result
        self.name_inputs(now, args, named)
        if self.last is not None and self.same(self.last, now):
            try:
                moved = [(g, start) for g, start in state if g.get_state_bytes() != start]
                self.build(now, before, grads, moved, args, named)
            except Exception as wrong:  # whatever goes wrong here, the step itself must go on
                self.machine = None
                self.reasons = [(None, f"{type(wrong).__name__}: {wrong}")]
        elif self.tries >= MOST_TRIES:
            self.reasons = [(None, f"{self.tries} calls in a row did different things; the first difference: {self.differs}")]
        self.last = None if self.machine is not None or self.reasons else now
        return result

    def judged(self, now: Recording, leaves: list[Any], passed: set[int]) -> list[tuple[Any, str]]:
        """What of the recording stands in the way."""
        found = []
        self.read: dict[Node, None] = {}
        for line, why in now.breaks:
            if isinstance(why, Hosted) and why.number in now.returned:
                continue
            by = decided_by(why.node, now, passed) if isinstance(why, Reading) else None
            if by is None:
                found.append((line, str(why)))
            else:
                self.read.update(dict.fromkeys(by))
        for line, why, owner in now.mutations:
            if id(owner) in self.found.containers:
                found.append((line, why))
        for _, t in leaves:
            if not self.way and not found and isinstance(t, Value) and t.node is not None and not used(t.node, now):
                found.append((None, UNUSED))
        return list(dict.fromkeys(found))

    def snapshot(self) -> dict[int, np.ndarray]:
        """Copies of what the last recording read from outside, by the identity of the array that is there now."""
        assert self.last is not None
        arrays = [self.now_at(node) for node in self.last.program.inputs]
        self.started_with = arrays  # kept, so that no other array can take over an identity
        return {id(array): copied(array) for array in arrays}

    def now_at(self, node: Node) -> Any:
        holder = getattr(node.data, "holder", None)
        return holder.array if holder is not None else node.data.array

    def name_inputs(self, now: Recording, args: Any, named: Any) -> None:
        homes = {home: target for target, home in now.homes.values()}
        for node in now.program.inputs:
            data = node.data
            data.holder = None
            known = self.found.holders.get(id(data.array)) or now.holders.get(id(data.array))
            if node in homes:
                data.name, data.home = f"grad of {self.path(homes[node])}", homes[node]
                continue
            data.home = None
            if known is not None:
                data.holder, data.name = known
            elif id(data.array) in now.owned_by_optimizers:
                data.holder, data.name = now.owned_by_optimizers[id(data.array)]
        for i, (name, a) in enumerate(given(args, named)):
            if isinstance(a, Value):
                for node in now.program.inputs:
                    if node.data.array is a.array:
                        node.data.argument, node.data.name, node.data.holder = i, name, None

    def path(self, t: Value) -> str:
        known = self.found.holders.get(id(t.array))
        return known[1] if known else "a tensor"

    def same(self, last: Recording, now: Recording) -> bool:
        """Whether two recordings say the same; arrays without a name are the same if they are one, or hold the same."""
        before = {id(n.data.array) for n in last.program.inputs}
        kept = 0
        for node in now.program.inputs:
            if not node.data.name and id(node.data.array) in before:
                twin = next(n for n in last.program.inputs if n.data.array is node.data.array)
                twin.data.name = node.data.name = f"kept{kept}"
                kept += 1
        a, b = last.program.text().splitlines(), now.program.text().splitlines()
        self.differs = next((f"{x.strip()}    and    {y.strip()}" for x, y in zip(a, b) if x != y), "their length")
        return a == b

    def build(self, now: Recording, before: dict[int, np.ndarray], grads: dict[int, bool], state: Any, args: Any, named: Any) -> None:
        program = now.program
        verify(program)
        self.arriving, self.generators = now.arriving, now.generators
        machine: Any = Pair(program, len(self.form.leaves), self.way) if self.way else Machine(program)
        self.entry = [(t, grads.get(id(t), True), how) for t, how in now.gradients.values()]
        self.cleared = [t for t, _ in now.gradients.values() if t._grad is None]
        self.updates = now.updates
        self.tensors = [g for g in self.found.guards if isinstance(g.value, Value)]
        self.inputs = program.inputs
        self.reliance = Reliance(self.found, self.inputs)
        shared = overlaps(self, machine)
        why = shared or tried(self, machine, before, state)
        self.trials += 1
        if shared or why and self.trials == MOST_TRIALS:
            self.reasons = [(None, why)]
        if why:
            return
        if self.way:
            self.compiled = Compiled(self, machine, flat(args, named))
            self.form.forget()
            self.way.forget()
        self.machine = machine
        self.passed = [(n, n.data) for n in self.inputs if getattr(n.data, "argument", None) is not None]
        self.overwritten: list[Value] = []  # what of the latest call's arguments the step writes to
        self.held = [(n, n.data) for n in self.inputs if n.data.holder is not None]
        for _, data in self.held:
            data.began = data.holder
        trained = {id(t) for t, _, _ in self.entry} | {id(n.data.holder) for n in self.inputs if n in program.writes}
        self.fixed = trained
        passed = [a for _, a in given(args, named)]
        self.pinned = [
            (i, a) for i, a in enumerate(passed)
            if isinstance(a, Value) and (id(a) in trained or sum(a is b for b in passed) > 1 or id(a) in self.outside)
        ]  # fmt: skip
        self.limits = limits_of(self, machine)
        self.expected: Any = None
        self.row = 0
        self.facts = [Fact(n) for n in {**self.read, **program.static} if n.data.name]
        self.homes = Homes(self.inputs, machine)
        for node in self.inputs:
            machine.bind(node, self.now_at(node))

    # ------------------------------------------------------------------ using it

    def relied(self) -> bool:
        self.changed = self.reliance.broken()
        return not self.changed

    def holds(self, args: Any, named: Any) -> bool:
        """Whether what the program relies on is still so; looks up where the arrays lie now."""
        if not self.relied():
            return False
        for update in self.updates:
            if not update.holds():
                self.changed = "an optimizer's settings or state were replaced"
                return False
        for t, was_none, how in self.entry:
            if how == "added to" and t._grad is None or how == "new" and was_none and t._grad is not None:
                self.changed = "gradients were kept, or forgotten, between calls as they were not before"
                return False
        if not self.rebind(args, named):
            return False
        self.changed = told(self.facts) if self.facts else ""
        return not self.changed

    def allowed(self) -> bool:
        """Whether what the step looks rows and classes up by is such numbers."""
        return not self.limits or all(limit.holds() for limit in self.limits)

    def rebind(self, args: Any, named: Any) -> bool:
        """Look up where the arrays lie now."""
        for i, g in enumerate(self.tensors):
            t = g.read()
            if t is not g.value:
                alike = isinstance(t, Value) and history(t) is history(g.value)
                if not alike or id(g.value) in self.fixed or sum(x.value is g.value for x in self.tensors) > 1:
                    self.changed = f"{g.name} is another tensor now"
                    return False
                for _node, data in self.held:
                    if data.holder is g.value:
                        data.holder = t
                self.tensors[i] = g._replace(value=t)
        for node, data in self.held:
            if data.holder.array is not data.array and not self.homes.follow(node) and not self.moved(node, data.holder.array):
                return False
        if self.passed:
            arguments = flat(args, named)
            self.overwritten = [arguments[data.argument] for node, data in self.passed if node in self.machine.program.writes]
            for i, t in self.pinned:
                if arguments[i] is not t:
                    self.changed = "another tensor was passed where one is trained, or is passed twice"
                    return False
            for node, data in self.passed:
                array = arguments[data.argument].array
                if array is not data.array and not self.moved(node, array):
                    return False
        return True

    def moved(self, node: Node, array: np.ndarray) -> bool:
        """An input lies elsewhere; False where it is of another kind."""
        data = node.data
        if array.shape != node.shape or array.dtype != node.dtype or array.strides != data.array.strides:
            self.changed = f"{data.name} has another shape, dtype or order in memory"
            return False
        assert self.machine is not None
        if node in self.machine.program.writes and not array.flags.writeable:
            self.changed = f"{data.name} may not be written to"
            return False
        written = node in self.machine.program.writes
        for other in self.inputs if written else self.machine.program.writes:
            if other is not node and np.may_share_memory(array, other.data.array):
                self.changed = f"{data.name} shares memory with {other.data.name or 'another array'}, and one of them is written to"
                return False
        data.array = array
        self.machine.bind(node, array)
        return True

    def native(self) -> bool:
        """Whether many steps can be one call of machine code.

        Nothing is Python's, the numbers that they return are kept, and each begins as the one before.
        """
        if self.machine is None or not self.machine.whole or not self.machine.keeps or self.homes.before:
            return False
        if any(fact.passed for fact in self.facts):
            return False
        cleared = {id(t) for t in self.cleared}
        return all(how == "added to" or not was_none or id(t) in cleared for t, was_none, how in self.entry)

    def takes(self, sampler: Any, results: int) -> bool:
        """Whether an epoch can be one call: few enough results, and steps that leave the sampler's own stream alone."""
        alone = self.native() and id(getattr(sampler, "generator", None)) not in self.generators
        return alone and len(self.form.leaves) <= results

    def tell(self, steps: int) -> None:
        """The numbers of the next steps, many of which are computed ahead."""
        machine = self.machine
        assert machine is not None
        if not machine.program.numbers:
            return
        key = [u.changes for u in self.updates], [pack.t for u in self.updates for pack in u.packs[:1]]
        if key != self.expected or self.row + steps > len(machine.numbers):
            machine.tell(max(steps, AHEAD))
            self.row = 0
        machine.at_row(self.row)
        self.row += steps
        self.expected = key[0], [t + steps for t in key[1]]

    def run(self, args: Any, named: Any) -> Any:
        if self.way:
            return self.compiled.call(args, named)
        machine = self.machine
        assert machine is not None
        self.tell(1)
        self.homes.spare()
        machine.run(1, 0)
        self.leave(1)
        values = [np.array(machine.seen(n)) for n in machine.program.results]
        return self.form.filled(values, (args, named), self.stands_for)

    def returned(self, number: Any) -> Any:
        """What a step returns whose only result is this number."""
        return self.form.filled([np.full(self.machine.program.results[0].shape, number)], ((), {}), self.stands_for)  # type: ignore[union-attr]

    def stands_for(self, t: Value) -> Value:
        """The tensor that now lives where another one did."""
        return next((data.holder for _, data in self.held if data.began is t), t)

    def repeat(self, n: int, feeds: Sequence[Feed] = ()) -> np.ndarray:
        """Take up to n steps, each with what the feeds give it; gives the numbers that they return."""
        machine = self.machine
        assert machine is not None
        if machine.history.size < CHUNK:
            machine.history = np.zeros(CHUNK, machine.keeps)
        self.homes.spare()
        found, done, pace = np.empty(n, machine.keeps), 0, self.pace
        while done < n:
            steps = min(n - done, pace)
            for update in self.updates:
                steps = update.lasting(steps)
            if not steps:
                break
            self.tell(steps)
            machine.run(steps, 0, [f.after(done) for f in feeds])
            self.leave(steps)
            found[done : done + steps] = machine.history[:steps]
            done += steps
        return found[:done]

    @property
    def pace(self) -> int:
        """Steps in one call: about a tenth of a second, so that a program can be interrupted."""
        assert self.machine is not None
        most = CHUNK if self.machine.draws is None else min(CHUNK, self.machine.draws.most)
        return max(1, min(most, int(5e9 / max(self.machine.work, 1))))

    def leave(self, steps: int) -> None:
        """What steps leave behind besides entries: step counts, versions, gradients."""
        for update in self.updates:
            update.on(steps)
        machine = self.machine
        assert machine is not None
        for node in machine.program.writes:
            data = node.data
            if data.home is not None:
                place(data.home, data.array)
            elif data.holder is not None:
                data.holder.version[0] += steps
        for t in self.overwritten:
            t.version[0] += steps
        for t in self.cleared:
            t._grad = None

    # ------------------------------------------------------------------ to see

    def told(self) -> str:
        return "\n".join(f"  {where(line)}{why}" for line, why in self.reasons)

    def report(self, retired: list[str]) -> str:
        from .reporting import report

        return report(self, retired)

    def show(self, stage: str) -> str:
        from .reporting import show

        return show(self, stage)


def where(line: Any) -> str:
    return f"{line[0]}:{line[1]}: " if line else ""
