"""Where the time of one small training step goes, call by call: the flame graph of docs/architecture.md.

``python -m benchmarks.flame`` prints the widest calls of the documents' Linear step in eager mode, ``--save`` draws them too.

Every call of a Python function is seen (`sys.setprofile`), and of NumPy's methods too; its ufuncs, such as ``a + b``, count
for those who call them. Each is timed. Looking costs more than many a call takes, so what
it costs is measured on an empty function, and taken off each call as many times as it happened within. What is left is
scaled to what a step takes when nobody looks.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "flame.svg"
STEPS, LOOKS = 2000, 400
WIDTH, LINE, TOP = 1060, 18, 54
LEAST = 0.1  # µs: narrower calls are left out
COLOURS = {
    "benchmarks": ("#d0d7de", "the step itself"),
    "tensors": ("#79c0ff", "tensors: operators, backward()"),
    "nn": ("#a5d6ff", "nn: layers, losses"),
    "graph": ("#ffa657", "graph: recording, the backward pass"),
    "ops": ("#ffd8a8", "ops: formulas and their rules"),
    "optim": ("#7ee787", "optim: updates"),
    "": ("#d2a8ff", "NumPy and Python's own"),
}


@dataclass
class Call:
    """A function called from a certain place in the step: how often, and for how long altogether."""

    name: str
    layer: str
    count: int = 0
    time: float = 0.0
    inner: dict[Any, Call] = field(default_factory=dict)

    def below(self) -> int:
        """How many calls were made within."""
        return sum(c.count + c.below() for c in self.inner.values())

    def correct(self, cost: float) -> None:
        """Take off what looking cost: once for each of its calls, and twice for each within."""
        for c in self.inner.values():
            c.correct(cost)
        own = self.time - cost * (self.count + 2 * self.below())
        self.time = max(own, sum(c.time for c in self.inner.values()))

    def scale(self, factor: float) -> None:
        self.time *= factor
        for c in self.inner.values():
            c.scale(factor)

    def each(self) -> Iterator[Call]:
        yield self
        for c in self.inner.values():
            yield from c.each()


def watched(step: Callable[[], Any], times: int) -> Call:
    """All calls of so many steps."""
    whole = Call("step", "benchmarks")
    stack: list[tuple[Call, float]] = [(whole, 0.0)]
    clock = time.perf_counter

    def look(frame: Any, event: str, argument: Any) -> None:
        now = clock()
        if event in ("call", "c_call"):
            key = frame.f_code if event == "call" else argument.__qualname__
            parent = stack[-1][0].inner
            if (found := parent.get(key)) is None:
                found = parent[key] = named(frame, argument if event == "c_call" else None)
            stack.append((found, clock()))
        elif len(stack) > 1:
            found, since = stack.pop()
            found.count += 1
            found.time += now - since

    for _ in range(times):
        sys.setprofile(look)
        step()
        sys.setprofile(None)
        del stack[1:]
    (found,) = [c for c in whole.inner.values() if c.layer == "benchmarks"]
    return found


def named(frame: Any, builtin: Any) -> Call:
    if builtin is not None:
        return Call(builtin.__qualname__, "")
    code = frame.f_code
    parts = Path(code.co_filename).parts
    layer = next((p for p in reversed(parts) if p in COLOURS), "")
    return Call(code.co_qualname if hasattr(code, "co_qualname") else code.co_name, layer)


def cost_of_looking() -> float:
    """What a call of a function that does nothing seems to take."""

    def nothing() -> None:
        pass

    def loop() -> None:
        for _ in range(2000):
            nothing()

    whole = Call("", "")
    clock, since, seen = time.perf_counter, 0.0, []

    def look(frame: Any, event: str, argument: Any) -> None:  # as much to do as `watched` has
        nonlocal since
        now = clock()
        if event == "call" and frame.f_code is nothing.__code__:
            if whole.inner.get(frame.f_code) is None:
                since = clock()
        elif event == "return" and frame.f_code is nothing.__code__:
            seen.append(now - since)

    sys.setprofile(look)
    loop()
    sys.setprofile(None)
    return statistics.median(seen)


def measured() -> Call:
    """The calls of one step, in microseconds."""
    import chainrule

    from .workloads import documents

    step, _ = documents.linear(chainrule)
    for _ in range(STEPS):
        step()
    alone = []
    for _ in range(STEPS):
        start = time.perf_counter()
        step()
        alone.append(time.perf_counter() - start)
    found = watched(step, LOOKS)
    found.correct(cost_of_looking())
    found.scale(statistics.median(alone) * 1e6 / found.time)
    return found


def svg(whole: Call) -> str:
    """The calls as boxes: as wide as they took long, below those that made them, the longest first."""
    boxes: list[str] = []
    deepest = 0

    def draw(call: Call, x: float, depth: int) -> None:
        nonlocal deepest
        deepest = max(deepest, depth)
        width, y = call.time / whole.time * WIDTH, TOP + depth * LINE
        title = f"{call.name}: {call.time:.2f} µs, {call.count / LOOKS:.3g} calls a step"
        text = call.name if len(call.name) * 6.3 < width - 6 else call.name[: max(int((width - 8) / 6.3), 0)]
        boxes.append(
            f'<g><title>{escape(title)}</title><rect x="{x:.1f}" y="{y}" width="{max(width - 0.6, 0.4):.1f}" height="{LINE - 1}" '
            f'rx="1.5" fill="{COLOURS[call.layer][0]}"/><text x="{x + 3:.1f}" y="{y + 13}">{escape(text)}</text></g>'
        )
        for inner in sorted(call.inner.values(), key=lambda c: -c.time):
            if inner.time >= LEAST:
                draw(inner, x, depth + 1)
                x += inner.time / whole.time * WIDTH

    draw(whole, 0.0, 0)
    legend, x = [], 0
    for colour, meaning in COLOURS.values():
        legend.append(f'<rect x="{x}" y="28" width="12" height="12" fill="{colour}"/><text x="{x + 16}" y="38">{meaning}</text>')
        x += 24 + round(5.3 * len(meaning))
    height = TOP + (deepest + 1) * LINE
    head = f"One step of the documents' Linear loop in eager mode: {whole.time:.1f} µs"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            'font-family="ui-monospace, monospace" font-size="10.5" fill="#24292f">',
            f'<title>{head}</title><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="0" y="16" font-size="14" font-family="system-ui, sans-serif">{escape(head)}</text>',
            f'<g font-family="system-ui, sans-serif">{"".join(legend)}</g>',
            *boxes,
            "</svg>\n",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flame", description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true", help=f"draw them as {PICTURE.name} in docs/images")
    options = parser.parse_args()
    whole = measured()
    own: dict[str, float] = {}
    for call in whole.each():
        own[call.name] = own.get(call.name, 0) + call.time - sum(c.time for c in call.inner.values())
    print(f"{whole.time:.1f} µs a step, of it by themselves:")
    for name, spent in sorted(own.items(), key=lambda pair: -pair[1])[:20]:
        print(f"{spent:8.2f} µs  {name}")
    if options.save:
        PICTURE.write_text(svg(whole))
        print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
