"""`python -m benchmarks`: measure the rows, print the table; with --save also write results, page and chart."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import chart, limits, machine, page, report, results
from .frameworks import CHAINRULE, FRAMEWORKS, TINY, TORCH_COMPILE, Framework, chosen, pick
from .measure import QUICK, THOROUGH, measure
from .results import Result, Run
from .rows import ROWS, Row

SLOW_TO_START = (TORCH_COMPILE, TINY)  # left out of a quick look, unless they are named


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", help="only these, separated by commas: " + ", ".join(row.name for row in ROWS))
    parser.add_argument("--frameworks", help="only these: " + ", ".join(framework.key for framework in FRAMEWORKS))
    slow = " and ".join(framework.name for framework in SLOW_TO_START)
    parser.add_argument(
        "--quick", action="store_true", help=f"short samples, without {slow}: for a first look, not for decisions"
    )
    parser.add_argument(
        "--save", action="store_true", help="once all is measured, write results/latest.json, the page and its chart"
    )
    parser.add_argument("--render", action="store_true", help="write page and chart anew from results/latest.json")
    options = parser.parse_args(argv)
    if options.save and (options.rows or options.frameworks or options.quick):
        parser.error("--save writes the whole table, measured thoroughly: leave out --rows, --frameworks and --quick")
    return options


def chosen_rows(names: str | None) -> list[Row]:
    by_name = {row.name: row for row in ROWS}
    return list(ROWS) if names is None else pick(by_name, names, "row", list(by_name))


def chosen_frameworks(options: argparse.Namespace) -> list[Framework]:
    frameworks = chosen(options.frameworks)
    if CHAINRULE in frameworks and not CHAINRULE.installed():
        raise SystemExit("chainrule is not importable here: pip install -e . first, or set PYTHONPATH=src")
    if options.quick and options.frameworks is None:
        frameworks = [framework for framework in frameworks if framework not in SLOW_TO_START]
    return frameworks


def measured(rows: Sequence[Row], frameworks: Sequence[Framework], quick: bool) -> Run:
    used, by = machine.busiest()
    if used is not None and used > machine.QUIET:
        print(f"the machine is not quiet: other processes use {used:.1f} CPUs ({', '.join(by)})", file=sys.stderr)
    allowed = limits.measured()
    found: list[Result] = []
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="benchmarks-", ignore_cleanup_errors=True) as cache:
        for row in rows:
            progress(f"{time.perf_counter() - start:4.0f} s  {row.title} …")
            found.append(measure(row, frameworks, QUICK if quick else THOROUGH, Path(cache), allowed))
    progress("")
    print(f"measured in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    versions = {framework.module: version_of(framework) for framework in frameworks}
    return Run(results.today(), machine.description(), versions, found, allowed.as_dict() if allowed else {})


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def version_of(framework: Framework) -> str:
    try:
        return version(framework.module)
    except PackageNotFoundError:  # run from its sources
        return framework.load().__version__


def write_documents(run: Run) -> None:
    """Page and chart; the page is looked at first, so that nothing is written where it can't be."""
    text = page.with_tables(page.PAGE.read_text(encoding="utf-8"), run)
    for path, content in ((chart.CHART, chart.svg(run)), (page.PAGE, text)):
        results.write(path, content)
        print(f"wrote {path}")


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    if options.render:
        write_documents(results.load())
        return 0
    run = measured(chosen_rows(options.rows), chosen_frameworks(options), options.quick)
    report.show(run)
    if options.save:
        page.with_tables(page.PAGE.read_text(encoding="utf-8"), run)
        results.write(results.RESULTS, results.as_json(run))
        print(f"wrote {results.RESULTS}")
        write_documents(run)
    ours = {CHAINRULE.name}
    return 1 if any(result.cells[name].failure for result in run.results for name in ours & set(result.cells)) else 0


if __name__ == "__main__":
    sys.exit(main())
