"""``python -m tests.differential``: run many cases, and print those that differ."""

from __future__ import annotations

import argparse
import pickle
import sys
import time
import traceback
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import torch

from .case import At, Case, X, inf, nan
from .compare import kind
from .known import reason
from .report import page
from .run import drawn, judged, missing, unexplained
from .shrink import shrink
from .specs import FAMILIES, SPECS


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", help="names, with wildcards: 'nn.*'")
    parser.add_argument("--show", type=int, default=2, help="differences printed for each name and kind")
    parser.add_argument("--family", default="", help="one family of the table: 'shapes'")
    parser.add_argument("--first", type=int, default=0, help="the number of the first case of each name")
    parser.add_argument("--case", help="run this one, as it was printed")
    parser.add_argument("--write", action="store_true", help="write docs/compatibility.md")
    parser.add_argument("--save", help="keep what was found in this file, to be written with a later run's (--with)")
    parser.add_argument("--with", dest="others", nargs="*", default=[], help="files of earlier runs, to be written too")
    return parser.parse_args()


def once(text: str) -> None:
    """Run one printed case and show both sides."""
    case = eval(text, {"Case": Case, "X": X, "At": At, "inf": inf, "nan": nan})
    found, ours, theirs = judged(torch, case)
    for name, seen in (("chainrule", ours), ("PyTorch", theirs)):
        print(f"{name}: {seen.error!r}" if seen.error else f"{name}:", *(f"\n    {p}: {v}" for p, v in seen.parts))
        if seen.warned:
            print("    warns:", seen.warned)
        if seen.error and name == "chainrule":
            traceback.print_exception(seen.error)
    print(found or "the same")


class Tally:
    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.same: Counter[str] = Counter()
        self.known: Counter[tuple[str, str]] = Counter()
        self.open: Counter[tuple[str, str]] = Counter()
        self.absent: list[str] = []

    def add(self, path: str) -> None:
        """Count an earlier run's cases too."""
        other = pickle.loads(Path(path).read_bytes())
        for mine, theirs in zip((self.ran, self.same, self.known, self.open), other):
            mine.update(theirs)


def search(args: argparse.Namespace) -> Tally:
    tally = Tally()
    names = [n for n in (FAMILIES[args.family] if args.family else SPECS) if any(fnmatchcase(n, o) for o in args.only.split())]
    tally.absent = [n for n in names if missing(SPECS[n], n)]
    present = [n for n in names if n not in set(tally.absent)]
    for k in range(-(-args.cases // max(len(present), 1))):
        for name in present:
            case = drawn(name, args.first + k, args.seed)
            found = judged(torch, case)[0]
            tally.ran[name] += 1
            if not found:
                tally.same[name] += 1
            elif why := reason(case, found):
                tally.known[name, why] += 1
            else:
                sort = kind(found)
                tally.open[name, sort] += 1
                if tally.open[name, sort] <= args.show:
                    show(case, sort)
    return tally


def show(case: Case, sort: str) -> None:
    small = shrink(case, lambda c: kind(unexplained(torch, c)) == sort)
    print(f"{small}\n    {unexplained(torch, small) or 'not repeatable'}", flush=True)


def main() -> int:
    args = options()
    torch.set_num_threads(1)
    torch.set_warn_always(True)
    if args.case:
        once(args.case)
        return 0
    began = time.perf_counter()
    tally = search(args)
    seconds = time.perf_counter() - began
    count = sum(tally.ran.values())
    print(
        f"{count:,} cases of {len(tally.ran)} names in {seconds:.0f} s: {sum(tally.same.values()):,} the same, "
        f"{sum(tally.known.values()):,} known, {sum(tally.open.values()):,} unexplained; {len(tally.absent)} names absent"
    )
    if tally.open:
        print("  unexplained:", ", ".join(f"{n} ({k}) {c}" for (n, k), c in tally.open.most_common()))
    if tally.absent:
        print("  absent:", " ".join(tally.absent))
    for path in args.others:
        tally.add(path)
    if args.save:
        Path(args.save).write_bytes(pickle.dumps((tally.ran, tally.same, tally.known, tally.open)))
    if args.write:
        page(tally, args.seed)
    return 1 if tally.open else 0


if __name__ == "__main__":
    sys.exit(main())
