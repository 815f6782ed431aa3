"""Taking turns: who is refused, who fails, who has had enough; and workers that end."""

import pytest

from benchmarks.dialects import HERE, LeftOut, is_compiled
from benchmarks.frameworks import CHAINRULE, Framework, chosen, pick
from benchmarks.measure import disagreements, take_turns
from benchmarks.worker import Worker


def test_frameworks_that_compute_something_else_are_named():
    agreed = {"PyTorch": [1.0, 0.5, 0.25], "chainrule": [1.0, 0.5, 0.25000001]}
    assert disagreements(agreed, 1e-4) == {}
    assert disagreements({**agreed, "JAX jit": [1.0, 0.51, 0.25]}, 1e-4) == {
        "JAX jit": "the loss of step 2 is 0.51, PyTorch's is 0.5"
    }
    assert disagreements({"PyTorch": [1.0] * 5 + [2.0], "chainrule": [1.0] * 5 + [3.0]}, 1e-4) == {
        "chainrule": "the norm of gradient 1 is 3, PyTorch's is 2"
    }
    assert "chainrule" in disagreements({**agreed, "chainrule": [1.0, float("nan"), 0.25]}, 1e-4)


def test_without_pytorch_chainrule_is_the_reference_and_without_both_whoever_is_first():
    computed = {"JAX jit": [1.0, 2.0, 3.0], "tinygrad": [1.0, 2.0, 4.0]}
    assert set(disagreements({**computed, "chainrule": [1.0, 2.0, 4.0]}, 1e-4)) == {"JAX jit"}
    assert set(disagreements(computed, 1e-4)) == {"tinygrad"}
    assert disagreements({}, 1e-4) == {}


def test_turns_go_back_and_forth():
    order = []
    take_turns({name: lambda name=name: order.append(name) or 1.0 for name in "ab"}, 3)
    assert order == ["b", "a", "a", "b", "b", "a"]


def test_one_that_fails_says_why_and_the_others_go_on():
    def breaks():
        raise RuntimeError("no answer within 20 s")

    cells = take_turns({"good": lambda: 2.0, "bad": breaks}, 4)
    assert cells["good"].samples == (2.0, 2.0, 2.0, 2.0)
    assert cells["bad"].failure == "no answer within 20 s" and cells["bad"].samples == ()


def test_one_that_has_used_its_time_takes_no_more_than_three_turns():
    assert len(take_turns({"slow": lambda: 1.0}, 11, budget=0.0)["slow"].samples) == 3


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(SystemExit, match="no framework named jacks here; there are eager"):
        chosen("eager,jacks")
    assert pick({"a": 1, "b": 2}, "b, a", "row", ["a", "b"]) == [1, 2]


def test_a_worker_answers_with_what_it_computes_and_with_times(tmp_path):
    worker = Worker(CHAINRULE, "autograd", tmp_path)
    assert worker.computed[:2] == pytest.approx([30, 21.675], rel=1e-4)
    assert worker.first > 0 and worker.turn(0.001) > 0
    worker.close()
    assert worker.process.returncode is not None


def test_a_worker_that_cannot_run_its_row_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="the worker ended with exit status 1: StopIteration"):
        Worker(Framework("nobody", "nobody", "nothing", "torch"), "autograd", tmp_path)


def test_a_worker_that_does_not_answer_is_ended(tmp_path):
    with pytest.raises(RuntimeError, match=r"no answer within 0\.001 s"):
        Worker(CHAINRULE, "autograd", tmp_path, patience=0.001)


class Interpreted:
    """A step that a compiler has left as it is."""

    compiled = False

    def __init__(self, why):
        self.why = why

    def report(self):
        return self.why


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (f"not compiled; it runs as ever:\n{HERE}steps/gpt.py:3: it reads a file\nmore", "not compiled: steps/gpt.py:3: it reads a file"),
        ("recorded once so far", "not compiled: recorded once so far"),
    ],
)
def test_what_is_not_compiled_is_left_out_with_the_compilers_reason(report, reason):
    with pytest.raises(LeftOut) as left_out:
        is_compiled(Interpreted(report))
    assert str(left_out.value) == reason
