"""Place the boxes of a graph in layers: edges lead downwards, cross seldom, and are nearly straight.

The method is Sugiyama's (Sugiyama, Tagawa & Toda, 1981): layers by the longest path, an order within each layer by the
mean of the neighbours, then coordinates as near to the neighbours as the boxes' widths allow.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

Point = tuple[float, float]
SWEEPS = 12  # over all layers, down and up


@dataclass(eq=False)
class Spot:
    """A box of a given size, or a place where a long edge passes a layer (of no size); (x, y) is its centre."""

    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0
    layer: int = 0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)


@dataclass
class Placed:
    """Where everything is: box centres, the points each edge passes, and the size of the whole."""

    spots: list[Spot]
    routes: list[list[Point]]
    width: float
    height: float


def place(
    sizes: list[tuple[float, float]], edges: list[tuple[int, int]], gap: float = 28, between: float = 54
) -> Placed:
    """Lay out boxes of the given (width, height), with edges between their indices, an earlier index above a later one.

    ``gap`` is the space between boxes of a layer, ``between`` that between layers.

    >>> found = place([(10, 10)] * 3, [(0, 1), (1, 2)], gap=5, between=20)
    >>> [(spot.x, spot.y) for spot in found.spots], found.width, found.height
    ([(5.0, 5.0), (5.0, 35.0), (5.0, 65.0)], 10.0, 70.0)
    """
    spots = [Spot(w, h) for w, h in sizes]
    downward = [(min(e), max(e)) for e in edges]
    assign_layers(spots, downward)
    layers: list[list[Spot]] = [[] for _ in range(1 + max((s.layer for s in spots), default=-1))]
    for spot in spots:
        layers[spot.layer].append(spot)
    chains = [connect(spots[a], spots[b], layers) for a, b in downward]
    order(layers)
    coordinates(layers, gap)
    height = heights(layers, between)
    left = min((s.x - s.width / 2 for row in layers for s in row), default=0.0)
    for row in layers:
        for spot in row:
            spot.x -= left
    width = max((s.x + s.width / 2 for row in layers for s in row), default=0.0)
    return Placed(spots, [route(chain) for chain in chains], width, height)


def assign_layers(spots: list[Spot], edges: list[tuple[int, int]]) -> None:
    """Each box below all that lead to it; what nothing leads to (a parameter, an input) just above its first user."""
    into: list[list[int]] = [[] for _ in spots]
    out: list[list[int]] = [[] for _ in spots]
    for a, b in edges:
        into[b].append(a)
        out[a].append(b)
    for i, spot in enumerate(spots):
        spot.layer = max((spots[a].layer + 1 for a in into[i]), default=0)
    for i, spot in enumerate(spots):
        if not into[i] and out[i]:
            spot.layer = min(spots[b].layer for b in out[i]) - 1


def connect(a: Spot, b: Spot, layers: list[list[Spot]]) -> list[Spot]:
    """The spots that an edge passes; one more in each layer between its ends."""
    chain = [a]
    for layer in range(a.layer + 1, b.layer):
        passing = Spot(layer=layer)
        layers[layer].append(passing)
        chain.append(passing)
    chain.append(b)
    for upper, lower in zip(chain, chain[1:]):
        upper.below.append(lower)
        lower.above.append(upper)
    return chain


def order(layers: list[list[Spot]]) -> None:
    """Sort each layer by the mean place of its neighbours, from above and from below in turn; keep the best."""
    best, fewest = [list(row) for row in layers], crossings(layers)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in layers if down else reversed(layers):
            at = places(layers, row)
            row.sort(key=lambda s: mean([at[id(n)] for n in (s.above if down else s.below)], at[id(s)]))  # noqa: B023
        count = crossings(layers)
        if count < fewest:
            best, fewest = [list(row) for row in layers], count
        if not fewest:
            break
    layers[:] = best


def places(layers: list[list[Spot]], row: list[Spot]) -> dict[int, int]:
    """The place of each spot in a layer and the layers next to it."""
    k = row[0].layer
    return {id(s): i for r in layers[max(k - 1, 0) : k + 2] for i, s in enumerate(r)}


def mean(values: list[int], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def crossings(layers: list[list[Spot]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    total = 0
    for upper, lower in zip(layers, layers[1:]):
        at = {id(s): i for i, s in enumerate(lower)}
        ends = [i for s in upper for i in sorted(at[id(n)] for n in s.below)]
        seen: list[int] = []
        for end in ends:
            k = bisect_right(seen, end)
            total += len(seen) - k
            seen.insert(k, end)
    return total


def coordinates(layers: list[list[Spot]], gap: float) -> None:
    """Move each spot towards its neighbours, as far as those beside it allow."""
    for row in layers:
        spread(row, [0.0] * len(row), gap)
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        for row in layers if down else reversed(layers):
            wishes = []
            for s in row:
                near = (s.above if down else s.below) or (s.below if down else s.above)
                wishes.append(sum(n.x for n in near) / len(near) if near else s.x)
            spread(row, wishes, gap)


def spread(row: list[Spot], wishes: list[float], gap: float) -> None:
    """The places nearest to the wishes (least squares) that keep the order and the gaps.

    With the gaps subtracted, the places must not decrease: neighbours that want to change places share their mean.
    """
    offsets = [0.0]
    for a, b in zip(row, row[1:]):
        offsets.append(offsets[-1] + (a.width + b.width) / 2 + gap)
    blocks: list[list[float]] = []  # [sum of wishes, how many]
    for wish, offset in zip(wishes, offsets):
        blocks.append([wish - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, n = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += n
    k = 0
    for total, n in blocks:
        for _ in range(int(n)):
            row[k].x = total / n + offsets[k]
            k += 1


def heights(layers: list[list[Spot]], between: float) -> float:
    """Stack the layers; returns the height of the whole."""
    y = 0.0
    for row in layers:
        tall = max((s.height for s in row), default=0.0)
        for spot in row:
            spot.y = y + tall / 2
        y += tall + between
    return max(y - between, 0.0)


def route(chain: list[Spot]) -> list[Point]:
    """The points an edge passes: out of one box's lower side, into another's upper side."""
    first, last = chain[0], chain[-1]
    middle = [(s.x, s.y) for s in chain[1:-1]]
    return [(first.x, first.y + first.height / 2), *middle, (last.x, last.y - last.height / 2)]
