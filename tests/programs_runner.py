"""Run a program written for PyTorch, under PyTorch or with chainrule in its place, and catch what it prints.

    run(path, chainrule)            the program as it stands; its `import torch` finds chainrule, as under `chainrule run`
    run(path, torch, seed=0)        the same under PyTorch, after torch.manual_seed(0)
    differences(expected, printed)  the lines that part, numbers compared to four significant digits

The outputs stored beside the programs are PyTorch's own, written by `python -m tests.programs_runner`
(with PyTorch 2.13.0 installed), so that the comparison also runs where PyTorch is not.
"""

import ast
import contextlib
import io
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from chainrule.interop import torch_alias

HERE = Path(__file__).parent
CELL = "# %%"  # starts a notebook cell, whose last expression is shown as a notebook shows it


def run(path: Path, namespace: ModuleType, seed: int | None = None) -> str:
    """Everything that the program at `path` prints when `torch` is `namespace`, PyTorch or chainrule."""
    return run_source(path.read_text(encoding="utf-8"), str(path), namespace, seed)


def run_source(source: str, name: str, namespace: ModuleType, seed: int | None = None) -> str:
    printed = io.StringIO()
    scope = {"__name__": "__main__", "__file__": name}
    with as_torch(namespace), contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a program is judged by what it prints
        if seed is not None:
            namespace.manual_seed(seed)
        for cell in cells(source):
            execute(cell, name, scope)
    return printed.getvalue()


def cells(source: str) -> list[str]:
    """The program's cells, each after as many empty lines as stand before it, so that tracebacks name true lines."""
    if CELL not in source:
        return [source]
    parts = re.split(rf"^(?={re.escape(CELL)})", source, flags=re.MULTILINE)
    starts = [sum(part.count("\n") for part in parts[:i]) for i in range(len(parts))]
    return ["\n" * start + part for start, part in zip(starts, parts, strict=True) if part.strip()]


def execute(cell: str, name: str, scope: dict[str, object]) -> None:
    tree = ast.parse(cell, name)
    shown = tree.body.pop() if tree.body and CELL in cell and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), scope)
    if isinstance(shown, ast.Expr):
        value = eval(compile(ast.Expression(shown.value), name, "eval"), scope)
        if value is not None:
            print(repr(value))


@contextlib.contextmanager
def as_torch(namespace: ModuleType) -> Iterator[None]:
    """Let `import torch`, and `import torch.nn` and its like, find `namespace`: PyTorch itself, or chainrule under its alias."""
    if namespace.__name__ == "torch":
        yield
        return
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
    for name in hidden:
        del sys.modules[name]
    torch_alias.install()
    try:
        yield
    finally:
        torch_alias.uninstall()
        sys.modules.update(hidden)


NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
LAYOUT = re.compile(r"[-+\s]+")  # a tensor's columns and line breaks move with the widths of its numbers


def differences(expected: str, printed: str, digits: int = 4) -> list[str]:
    """The lines that part in their words, or in a number beyond `digits` significant digits.

    A number with a decimal point may also be off by one unit of its last printed place: 0.12345 rounds either way.
    """
    want, got = expected.splitlines(), printed.splitlines()
    lines = [
        f"line {i}: expected {a!r}\n{' ' * len(f'line {i}:')}  printed {b!r}"
        for i, (a, b) in enumerate(zip(want, got, strict=False), 1)
        if not agree(a, b, digits)
    ]
    if len(want) != len(got):
        extra = want[len(got) :] or got[len(want) :]
        first = min(len(want), len(got)) + 1
        lines.append(f"expected {len(want)} lines, printed {len(got)}; line {first} is {extra[0]!r}")
    return lines


def agree(expected: str, printed: str, digits: int = 4) -> bool:
    words = [LAYOUT.sub(" ", NUMBER.sub("#", text)).strip() for text in (expected, printed)]
    numbers = list(zip(NUMBER.findall(expected), NUMBER.findall(printed), strict=False))
    return words[0] == words[1] and all(close(a, b, digits) for a, b in numbers)


def close(expected: str, printed: str, digits: int) -> bool:
    if not set(".eE") & set(expected + printed):  # a count
        return int(expected) == int(printed)
    unit = max(last_place(expected), last_place(printed))
    return abs(float(expected) - float(printed)) <= 1.001 * unit + 10.0**-digits * abs(float(expected))


def last_place(number: str) -> float:
    """The value of one unit in the last printed place: 0.01 for `3.14`, 1e-05 for `1.50e-03`, 0 for the exact `3.`."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals) if decimals else 0.0


def write_expected_outputs() -> None:
    import torch

    if torch.__version__.partition("+")[0] != "2.13.0":
        raise SystemExit(f"the stored outputs are PyTorch 2.13.0's; this is {torch.__version__}")
    for path in sorted((HERE / "torch_programs" / "programs").glob("*.py")):
        path.with_suffix(".txt").write_text(run(path, torch), encoding="utf-8")
    for path in sorted((HERE / "documents" / "programs").glob("*.py")):
        random = re.search(r"torch\.rand|nn\.Linear\(", path.read_text(encoding="utf-8"))
        if random or not path.with_suffix(".txt").exists():
            path.with_suffix(".seed0.txt").write_text(run(path, torch, seed=0), encoding="utf-8")


if __name__ == "__main__":
    write_expected_outputs()
