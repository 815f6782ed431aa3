"""Dropout and batch norm in the wrong mode; graphs recorded where none is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..finding import Finding, hint, sure
from ..record import Call, Run

DRAWS = 4  # as many calls with one input are Monte Carlo dropout


def check(run: Run) -> Iterator[Finding]:
    yield from evaluating_in_training_mode(run)
    yield from training_in_evaluation_mode(run)
    yield from evaluating_with_gradients(run)


def evaluating_in_training_mode(run: Run) -> Iterator[Finding]:
    trained = {id(c.module) for c in run.calls if c.trained}
    times = Counter((id(c.module), c.key) for c in run.calls if not c.trained and c.key)
    last = max((c.tick for c in run.calls if c.trained), default=0)
    for call in run.calls:
        if call.trained or not call.noisy or call.reused or id(call.module) not in trained:
            continue
        if times[id(call.module), call.key] >= DRAWS and sampled(run, call) or compared(run, call):
            continue
        looking = not call.recording or call.tick > last
        if looking and run.first_step is not None and call.tick > run.first_step:
            yield sure(
                "D18", call.line,
                f"{type(call.module).__name__} was asked for predictions in training mode: {counted(call.noisy)} active for "
                f"{call.rows} samples",
                "model.eval() before, model.train() after",
                layers=len(call.noisy), samples=call.rows,
            )  # fmt: skip
            return


def sampled(run: Run, call: Call) -> bool:
    """Whether the repeated calls come right after each other, as samples of a random prediction do."""
    places = [i for i, c in enumerate(run.calls) if c.module is call.module and c.key == call.key and not c.trained]
    return any(b - a <= 2 and c - b <= 2 for a, b, c in zip(places, places[1:], places[2:]))


def compared(run: Run, call: Call) -> bool:
    """Whether the same input is also looked at in evaluation mode, to see what the mode changes."""
    return call.key != 0 and any(
        c.key == call.key and c.quiet and not c.noisy and c.module is call.module for c in run.calls
    )


def training_in_evaluation_mode(run: Run) -> Iterator[Finding]:
    for module in {id(c.module): c.module for c in run.calls}.values():
        own = [c for c in run.calls if c.module is module and c.trained]
        noisy = [bool(c.noisy) for c in own]
        if len(own) >= 4 and noisy[0] and not noisy[-1]:
            since = len(noisy) - 1 - noisy[::-1].index(True)
            quiet = own[since + 1 :]
            if len(quiet) >= 2 and all(c.quiet for c in quiet) and run.passes and since * 4 < len(own) * 3:
                yield sure(
                    "D18", quiet[0].line,
                    f"after eval() {type(module).__name__} was trained on in evaluation mode: {len(quiet)} of {len(own)} training calls, "
                    f"with {counted(quiet[0].quiet)} off",
                    "model.train() at the start of every epoch",
                    calls=len(quiet), of=len(own),
                )  # fmt: skip


def evaluating_with_gradients(run: Run) -> Iterator[Finding]:
    trained = {id(c.module) for c in run.calls if c.trained}
    idle = [
        c for c in run.calls
        if c.recording and not c.trained and not c.training and c.root is not None and not c.reused and id(c.module) in trained
    ]  # fmt: skip
    times = Counter(id(c.module) for c in idle)
    idle = [c for c in idle if times[id(c.module)] >= 2]
    rows = sum(c.rows for c in idle)
    switched = any(c.training for c in run.calls if c.trained)
    attacked = any(c.trained and not c.training for c in run.calls)  # gradients of the input are wanted in this mode
    if idle and switched and not attacked:
        yield hint(
            "D19", idle[0].line,
            f"{len(idle)} calls in evaluation mode recorded graphs that no backward pass used, over {rows} samples",
            "with torch.no_grad(): around the evaluation",
            calls=len(idle), samples=rows,
        )  # fmt: skip


def counted(names: tuple[str, ...]) -> str:
    return ", ".join(f"{n} {name}" for name, n in Counter(names).items())
