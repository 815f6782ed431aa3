"""Which of the complete programs (`tests/torch_programs`) train whole by machine code, and why the others do not.

    python -m tests.compiler.programs [name …]      a table; also ``make whole``

A program is *whole* if the step of each of its training loops is: nothing in it is Python's. A loop that makes no three
calls of one kind has nothing to compile, and does not count; nor does a program without such a loop.
"""

import ast
import contextlib
import io
import sys
import warnings
from pathlib import Path

import chainrule
from chainrule.compiler.loops import turned
from tests.programs_runner import CELL, as_torch, cells, differences

PROGRAMS = sorted((Path(__file__).parents[1] / "torch_programs" / "programs").glob("*.py"))
WHOLE, PARTLY, BETWEEN, NOT, NONE = KINDS = "whole", "some loops whole", "Python in between", "not compiled", "no training loop"


def run_compiled(path, seed=None):
    """What a program prints with its loops compiled, and what became of them."""
    printed, scope = io.StringIO(), {"__name__": "__main__", "__file__": str(path)}
    with as_torch(chainrule), contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if seed is not None:
            chainrule.manual_seed(seed)
        found = [run_cell(cell, str(path), scope) for cell in cells(path.read_text(encoding="utf-8"))]
    return printed.getvalue(), [loop for loops in found for loop in loops.all]


def run_cell(cell, file, scope):
    """A cell of a notebook, or a whole script; the value of a cell's last expression is shown."""
    tree = ast.parse(cell, file)
    shown = tree.body.pop() if CELL in cell and tree.body and isinstance(tree.body[-1], ast.Expr) else None
    loops, names = turned(tree, file, scope)
    scope.update(names)
    exec(compile(tree, file, "exec"), scope)
    if shown is not None:
        value = eval(compile(ast.Expression(shown.value), file, "eval"), scope)
        if value is not None:
            print(repr(value))
    return loops


def counts(loop):
    """Whether it made enough calls of one kind: the third is the first that machine code can do."""
    return loop.step is None or bool(loop.kinds)


def kind_of(loops):
    counting = [loop for loop in loops if counts(loop)]
    whole = [loop for loop in counting if loop.whole]
    if not counting:
        return NONE
    if len(whole) == len(counting):
        return WHOLE
    return PARTLY if whole else BETWEEN if all(loop.done for loop in counting) else NOT


def reasons(loops):
    """(line, why) of the loops that are not whole; paths are left out."""
    return [(loop.line, short(loop.told())) for loop in loops if counts(loop) and not loop.whole]


def short(told):
    return " ".join(word.rpartition("/")[2] for word in told.split())


def main(names):
    tally = dict.fromkeys(KINDS, 0)
    for path in PROGRAMS:
        if names and path.stem not in names:
            continue
        printed, loops = run_compiled(path)
        parted = differences(path.with_suffix(".txt").read_text(encoding="utf-8"), printed)
        tally[kind_of(loops)] += 1
        print(f"{path.stem:28} {kind_of(loops)}" + ("; it prints something else" if parted else ""))
        for line, why in reasons(loops):
            print(f"    line {line}: {why}")
    print(", ".join(f"{n} {kind}" for kind, n in tally.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
