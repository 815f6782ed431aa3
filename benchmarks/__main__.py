"""`python -m benchmarks`: measure the rows, print the table; with --save also write it."""

import argparse
import sys
from collections.abc import Sequence

from . import machine, report
from .frameworks import CHAINRULE, FRAMEWORKS, PYTORCH
from .measure import QUICK, THOROUGH, Result, measure
from .rows import ROWS, Row


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", help="only these, separated by commas: " + ", ".join(row.name for row in ROWS))
    parser.add_argument("--quick", action="store_true", help="a fifth of the time: for a first look, not for decisions")
    parser.add_argument("--save", action="store_true", help="write results/latest.json here, and docs/benchmarks.md")
    options = parser.parse_args(argv)
    if options.save and (options.rows or options.quick):
        parser.error("--save writes the whole table, measured thoroughly: leave out --rows and --quick")
    return options


def chosen(names: str | None) -> list[Row]:
    if names is None:
        return list(ROWS)
    by_name = {row.name: row for row in ROWS}
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in by_name]:
        raise SystemExit(f"no row named {', '.join(unknown)}; there are {', '.join(by_name)}")
    return [by_name[name] for name in wanted]


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    rows = chosen(options.rows)
    frameworks = [framework for framework in FRAMEWORKS if framework.installed()]
    if CHAINRULE not in frameworks:
        raise SystemExit("chainrule is not importable here: pip install -e . first, or set PYTHONPATH=src")
    if PYTORCH not in frameworks:
        print("PyTorch is not installed here: times without ratios (pip install torch==2.13.0 for the comparison)")
    used, by = machine.busiest()
    if used is not None and used > machine.QUIET:
        print(f"the machine is not quiet: other processes use {used:.1f} CPUs ({', '.join(by)})", file=sys.stderr)
    results: list[Result] = []
    for row in rows:
        print(f"\r\033[K{row.title} …" if sys.stderr.isatty() else row.title, end="", file=sys.stderr, flush=True)
        results.append(measure(row, frameworks, QUICK if options.quick else THOROUGH))
        print("\r\033[K" if sys.stderr.isatty() else "\n", end="", file=sys.stderr, flush=True)
    names = [f.name for f in frameworks if any(f.name in r.measured or f.name in r.failures for r in results)]
    report.as_text(results, names)
    if options.save:
        versions = {framework.name: framework.load().__version__ for framework in frameworks}
        about = {"date": report.today(), "machine": machine.description(), "versions": versions}
        for path in report.save(results, names, about):
            print(f"wrote {path}")
    return 1 if any(result.failures for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
