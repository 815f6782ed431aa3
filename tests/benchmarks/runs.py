"""A run that was never measured: two steps and a process, with a winner, a tie, a failure and a reason in them."""

from benchmarks.results import Cell, Result, Run

MACHINE = {"processor": "P", "cpus": 2, "python": "3.12"}


def around(median: float, spread: float = 0.02, first: float | None = None) -> Cell:
    """Five samples whose quartiles lie ``spread`` to both sides of the median."""
    return Cell(tuple(median * (1 + k * spread) for k in (-1, -1, 0, 1, 1)), first)


STEP = Result(
    "step",
    "a step",
    "s",
    {
        "chainrule": around(30e-6, first=1e-3),
        "chainrule compiled": Cell(left_out="not compiled: reason"),
        "PyTorch": around(90e-6, first=2e-3),
        "JAX jit": around(15e-6, first=0.4),
        "tinygrad": Cell(failure="FileNotFoundError: no clang"),
    },
    target=2.0,
    hardware=3e-6,
)
TIE = Result("tie", "a <tie> | of two", "s", {"chainrule": around(1e-3, 0.1), "PyTorch": around(1.05e-3, 0.1)}, target=2.0)
COST = Result("import", "an import", "B", {"chainrule": Cell((40e6,)), "PyTorch": Cell((314e6,))}, most=60e6)

RUN = Run(
    "2025-01-01",
    MACHINE,
    {"chainrule": "0.1", "torch": "2.13.0"},
    [STEP, TIE, COST],
    {"flops_of_a_core": 200e9, "flops": 400e9, "bytes": 20e9},
)
