"""What all tests share: which files are tests, how hypothesis searches, what the report says about PyTorch and size."""

import os
import re
from importlib import metadata
from pathlib import Path

from hypothesis import settings

from tests.architecture.sizes import FILE_BUDGET, FUNCTION_BUDGET, over_budget

REFERENCE = "2.13.0"  # the PyTorch whose digits, reprs and errors the comparing tests expect

os.environ.setdefault("MPLBACKEND", "Agg")  # no test opens a window

# `make test` tries the same inputs on every run, so that it fails for a change and never by chance;
# `make fuzz` tries new ones. No deadline in either: tests do not measure time.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("fuzz", max_examples=2000, deadline=None)
settings.load_profile("repeatable")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Only test_*.py are tests: collecting doctests would otherwise import every helper and sample program."""
    return True if collection_path.suffix == ".py" and not collection_path.name.startswith("test_") else None


def torch_version() -> str | None:
    """The installed PyTorch's version, read without importing it (that takes a second per process)."""
    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return None


def pytest_report_header() -> str:
    version = torch_version()
    if version is None:
        return f"torch: not installed: tests that compare with PyTorch {REFERENCE} are skipped"
    same = version.partition("+")[0] == REFERENCE
    return f"torch: {version}" + ("" if same else f" (the tests expect {REFERENCE}; what differs may be PyTorch's own)")


def pytest_terminal_summary(terminalreporter) -> None:
    report_comparisons(terminalreporter)
    report_sizes(terminalreporter)


def report_comparisons(terminalreporter) -> None:
    """Say how much went untested for want of PyTorch: a file that imports it at the top is skipped as one."""
    without_torch = {
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if re.search(r"could not import 'torch\b", str(report.longrepr))
    }
    files = sum("::" not in nodeid for nodeid in without_torch)
    if without_torch:
        terminalreporter.section("comparisons with PyTorch")
        terminalreporter.line(
            f"torch not installed: {files} comparing test files and {len(without_torch) - files} single tests "
            "are skipped (`make test-torch` runs them)"
        )


def report_sizes(terminalreporter) -> None:
    """List what exceeds the size budgets: they are there to be noticed; test_sizes.py says where it ends."""
    if over := over_budget():
        terminalreporter.section(f"over {FILE_BUDGET} lines a file or {FUNCTION_BUDGET} lines a function")
        for line in over:
            terminalreporter.line(line)
