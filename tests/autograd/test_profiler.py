"""The profiler counts every operation once, tells apart what it should, and leaves no trace in the library."""

import json

import pytest

import chainrule as cr
from chainrule.autograd.profiler import Clocks, profile, record_function
from chainrule.graph import apply


def counts(profiler):
    return {event.key: event.count for event in profiler.key_averages()}


def training_step():
    layer = cr.nn.Linear(3, 2)
    optimizer = cr.optim.SGD(layer.parameters(), 0.1)
    with record_function("forward"):
        loss = layer(cr.ones(4, 3)).relu().sum()
    loss.backward()
    optimizer.step()


def test_every_operation_is_counted_once():
    with profile() as found:
        training_step()
    assert counts(found) == {
        "forward": 1, "aten::linear": 1, "aten::relu": 1, "aten::sum": 1,
        "SumBackward0": 1, "ReluBackward0": 1, "AddmmBackward0": 1, "Optimizer.step#SGD.step": 1,
    }  # fmt: skip


def test_the_names_of_forward_operations_are_torchs():
    torch = pytest.importorskip("torch")

    def keys(t):
        with t.autograd.profiler.profile() as found:
            x = t.ones(3, 3)
            (x.exp().softmax(0) * 2).tanh().sum()
        return {event.key for event in found.key_averages()}

    assert {"aten::exp", "aten::mul", "aten::tanh", "aten::sum"} <= keys(cr) & keys(torch)


def test_afterwards_the_library_is_as_before():
    before = apply.binary, cr.tensors.arithmetic.binary, cr.optim.Optimizer.step, cr.ops.reduce.Sum.pull
    with profile():
        assert apply.binary is not before[0] and cr.tensors.arithmetic.binary is apply.binary
        with pytest.raises(RuntimeError, match="one profile is taken at a time"):
            profile().__enter__()
    assert (apply.binary, cr.tensors.arithmetic.binary, cr.optim.Optimizer.step, cr.ops.reduce.Sum.pull) == before
    assert Clocks.recorder is None
    with pytest.raises(ZeroDivisionError), profile():
        _ = 1 / 0
    assert apply.binary is before[0]


def test_results_are_the_same():
    def result():
        cr.manual_seed(0)
        x = cr.randn(4, 4, requires_grad=True)
        (x.half().float() @ x.T).softmax(1).std().backward()
        return x.grad.tolist()

    expected = result()
    with profile(record_shapes=True, profile_memory=True, with_stack=True):
        assert result() == expected


def test_time_is_divided_between_events():
    with profile() as found:
        training_step()
    outer = found.function_events[0]
    assert outer.key == "forward" and [child.key for child in outer.cpu_children][0] == "aten::linear"
    assert outer.cpu_time_total == pytest.approx(
        outer.self_cpu_time_total + sum(child.cpu_time_total for child in outer.cpu_children)
    )
    top = [event for event in found.function_events if event.cpu_parent is None]
    assert found.self_cpu_time_total == pytest.approx(sum(event.cpu_time_total for event in top))
    assert found.total_average().count == len(found.function_events)


def test_shapes_memory_and_lines():
    with profile(record_shapes=True, profile_memory=True, with_stack=True) as found:
        _ = cr.ones(2, 3) @ cr.ones(3, 4)  # this line
        _ = cr.ones(5, 3) @ cr.ones(3, 4)
    first, second = found.function_events
    assert first.input_shapes == ((2, 3), (3, 4)) and first.cpu_memory_usage == 4 * 8
    assert __file__ in first.stack[0]
    assert [e.count for e in found.key_averages()] == [2]
    assert [e.input_shapes for e in found.key_averages(group_by_input_shape=True)] == [first.input_shapes, second.input_shapes]
    table = found.key_averages(group_by_input_shape=True).table()
    assert "[[2, 3], [3, 4]]" in table and "32 B" in table
    assert "Source Location" in found.key_averages(group_by_stack_n=1).table()


def test_the_table():
    with profile() as found:
        training_step()
    lines = found.key_averages().table(sort_by="count", row_limit=2).splitlines()
    assert lines[1].split() == "Name Self CPU % Self CPU CPU total % CPU total CPU time avg # of Calls".split()
    assert len(lines) == 7 and lines[0] == lines[2] == lines[5] and set(lines[0]) == {"-", " "}
    assert lines[6].startswith("Self CPU time total: ")
    with pytest.raises(AttributeError, match="has no attribute 'cpu_time_totl'. Did you mean 'cpu_time_total'"):
        found.key_averages().table(sort_by="cpu_time_totl")
    assert "ms" not in found.key_averages().table(time_unit="us")


def test_a_timeline(tmp_path):
    with profile() as found:
        training_step()
    found.export_chrome_trace(str(tmp_path / "trace.json"))
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {e["name"] for e in events} == set(counts(found)) and all(e["ph"] == "X" and e["dur"] >= 0 for e in events)


def test_a_schedule():
    torch = pytest.importorskip("torch")

    def plan(t):
        actions = t.profiler.schedule(wait=1, warmup=1, active=2, repeat=2, skip_first=1)
        return [actions(step).name for step in range(12)]

    assert plan(cr) == plan(torch)
    with pytest.raises(AssertionError, match="Invalid profiler schedule arguments"):
        cr.profiler.schedule(wait=1, warmup=1, active=0)


def test_steps(tmp_path):
    seen = []
    write = cr.profiler.tensorboard_trace_handler(str(tmp_path), use_gzip=True)

    def ready(profiler):
        seen.append((profiler.step_num, [event.key for event in profiler.events()]))
        write(profiler)

    with cr.profiler.profile(
        activities=[cr.profiler.ProfilerActivity.CPU],
        schedule=cr.profiler.schedule(wait=1, warmup=0, active=2, repeat=2),
        on_trace_ready=ready,
    ) as profiler:
        for step in range(7):
            cr.ones(2).exp() if step % 2 else cr.ones(2).sin()
            profiler.step()
    assert seen == [(3, ["aten::exp", "aten::sin"]), (6, ["aten::sin", "aten::exp"])]
    assert len(list(tmp_path.glob("*.pt.trace.json.gz"))) == 2
    with pytest.raises(AssertionError, match="Profiler must be initialized before getting key averages"):
        cr.profiler.profile().key_averages()


def test_a_named_function():
    @record_function("mine")
    def double(x):
        return x * 2

    assert double(cr.ones(1)).item() == 2  # without a profile nothing is measured
    with cr.profiler.profile() as profiler:
        double(cr.ones(1))
    assert counts(profiler) == {"mine": 1, "aten::mul": 1}


def test_what_is_not_measured_is_said():
    with pytest.warns(UserWarning, match="with_flops is not measured"):
        profile(with_flops=True)
    with profile(enabled=False) as found:
        cr.ones(1).exp()
    with pytest.raises(RuntimeError, match="Profiler didn't finish running"):
        found.key_averages()
    assert str(found) == "<unfinished torch.autograd.profile>"
