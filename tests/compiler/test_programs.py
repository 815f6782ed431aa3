"""Complete programs with their loops compiled: the same prints; which of them train whole by machine code, and why others do not."""

import pytest

from chainrule.native import kernels
from tests.compiler.programs import NONE, PROGRAMS, WHOLE, kind_of, reasons, run_compiled
from tests.programs_runner import differences

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")

# Programs that print whether two runs are equal bit for bit, one of them from the first call, the other later: a step's
# first calls are not yet done by machine code, whose sums round otherwise.
BIT_FOR_BIT = {"checkpoint_resume": {"the same: True", "True True"}}

NO_LOOP = {"dqn_corridor", "function_transforms", "hessian_vector", "lbfgs_fit", "tensors_tour"}

# What remains Python's in the programs that do not train whole: (line of the loop, a part of the reason).
NOT_WHOLE = {
    "grad_scaler_resume": [(29, "a gradient scaler decides by the gradients it sees")],
    "multitask_hooks": [(38, "reads a number out of a tensor")],  # a hook of the program's own
    "reinforce": [
        (14, "gives a Categorical"),
        (40, "calls backward(…), which looks at entries in a way that can't be followed"),  # a history of before the step
        (68, "decides by the value of a tensor"),  # a distribution checks what it is given
    ],
    "seq2seq_attention": [(103, "calls Random.random, which differs from call to call")],
}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_prints_the_same_and_trains_whole(path):
    printed, loops = run_compiled(path)
    parted = differences(path.with_suffix(".txt").read_text(encoding="utf-8"), printed)
    assert [p for p in parted if not any(f"expected '{line}'" in p for line in BIT_FOR_BIT.get(path.stem, ()))] == []
    found = reasons(loops)
    if path.stem in NO_LOOP:
        assert kind_of(loops) == NONE
    elif path.stem in NOT_WHOLE:
        expected = NOT_WHOLE[path.stem]
        told = [(line, next((part for n, part in expected if n == line and part in why), why)) for line, why in found]
        assert told == expected, "what is Python's in it has changed; if it trains whole by now, take it off the list"
    else:
        assert kind_of(loops) == WHOLE, found


def test_of_four_programs_three_train_whole():
    assert len(NOT_WHOLE) <= (len(PROGRAMS) - len(NO_LOOP)) / 4
