"""The flame graph: which calls are seen, and what is taken off for looking."""

import re

from benchmarks import flame
from benchmarks.flame import Call


def test_what_looking_cost_is_taken_off_each_call():
    leaf = Call("leaf", "ops", count=10, time=30.0)
    whole = Call("step", "benchmarks", count=1, time=100.0, inner={0: leaf})
    whole.correct(1.0)
    assert leaf.time == 20.0  # once for each of its calls
    assert whole.time == 100 - 1 - 2 * 10  # twice for each within
    whole.scale(0.5)
    assert (whole.time, leaf.time) == (39.5, 10.0)


def test_calls_are_seen_where_they_are_made():
    import chainrule
    from benchmarks.workloads import documents

    step, _ = documents.linear(chainrule)
    step()
    found = flame.watched(step, 3)
    assert found.count == 3 and {c.layer for c in found.each()} >= {"tensors", "nn", "graph", "ops", "optim"}
    (back,) = [c for c in found.inner.values() if c.name.endswith("backward")]
    assert "walk" in {c.name for c in back.each()} and back.count == 3


def test_boxes_are_as_wide_as_their_calls():
    inner = {i: Call(f"<call {i}>", "graph", 1, time) for i, time in enumerate([2.0, 6.0, 0.01])}
    text = flame.svg(Call("step", "benchmarks", 1, 10.0, inner))
    boxes = re.findall(r'<title>([^:]*): .*?x="([\d.]+)" y="(\d+)" width="([\d.]+)"', text)
    assert [b[0] for b in boxes] == ["step", "&lt;call 1&gt;", "&lt;call 0&gt;"]  # the longest first, the least left out
    assert float(boxes[1][3]) == round(0.6 * flame.WIDTH - 0.6, 1) and float(boxes[2][1]) == 0.6 * flame.WIDTH
