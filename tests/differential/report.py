"""docs/compatibility.md: what a run of the search found, name by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import torch

import chainrule
from chainrule.interop.reasons import reason as why_absent

from .specs import FAMILIES

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"
SPACES = "torch Tensor linalg fft special nn nn.functional nn.init nn.utils optim optim.lr_scheduler".split()


def page(tally: Any, seed: int) -> None:
    PAGE.write_text("\n".join([*heading(tally, seed), *differences(tally), *families(tally), *absent(tally)]) + "\n")


def heading(tally: Any, seed: int) -> list[str]:
    ran, same = sum(tally.ran.values()), sum(tally.same.values())
    known, left = sum(tally.known.values()), sum(tally.open.values())
    return [
        "# Compatibility with PyTorch",
        "",
        "Written by `python -m tests.differential --write`, which runs calls drawn at random under both libraries and compares",
        "what a program can see: values, dtypes, shapes, strides, `requires_grad`, gradients along a random direction, gradients",
        "of gradients in double precision, the class of an error, the category of warnings. Arguments come in all dtypes, laid",
        "out in memory in many ways, with numbers that are equal, huge, at kinks, infinite, or not numbers.",
        "",
        f"{date.today()}, chainrule {chainrule.__version__}, PyTorch {torch.__version__}, seed {seed}: "
        f"**{ran:,} cases of {len(tally.ran):,} names; {same:,} the same, {known:,} differ in a way listed below, "
        f"{left:,} differ otherwise.**",
        "",
    ]


def differences(tally: Any) -> list[str]:
    """The known differences, the most frequent first."""
    counts: Counter[str] = Counter()
    names: dict[str, set[str]] = defaultdict(set)
    for (name, why), n in tally.known.items():
        counts[why] += n
        names[why].add(name)
    lines = ["## What differs, and why", "", "| cases | how | names |", "|---:|---|---|"]
    for why, n in counts.most_common():
        shown = sorted(names[why])
        text = ", ".join(f"`{name}`" for name in shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "")
        lines.append(f"| {n:,} | {why} | {text} |")
    if tally.open:
        lines += ["", "Not explained:", ""]
        lines += [f"- `{name}`, {n} cases: {kind}" for (name, kind), n in sorted(tally.open.items())]
    return [*lines, ""]


def families(tally: Any) -> list[str]:
    lines = ["## Name by name", ""]
    for title, family in FAMILIES.items():
        names = [n for n in family if n in tally.ran]
        alike = [n for n in names if tally.same[n] == tally.ran[n]]
        lines += [f"### {title[0].upper() + title[1:]}", ""]
        if alike:
            count = min(tally.ran[n] for n in alike)
            lines += [f"The same in every case ({count} of each): {', '.join(f'`{n}`' for n in alike)}.", ""]
        others = [n for n in names if n not in set(alike)]
        if others:
            lines += ["| name | cases | the same |", "|---|---:|---:|"]
            lines += [f"| `{n}` | {tally.ran[n]} | {tally.same[n]} |" for n in others] + [""]
    return lines


def absent(tally: Any) -> list[str]:
    """The public names that chainrule does not have, by reason."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for space in SPACES:
        prefix = "" if space == "torch" else f"{space}."
        theirs, ours = at(torch, prefix[:-1]), at(chainrule, prefix[:-1])
        for name in dir(theirs):
            if public(theirs, name) and not hasattr(ours, name):
                full = f"torch.{prefix}{name}"
                reasons[why_absent(full) or "no reason is written down"].append(full.removeprefix("torch."))
    lines = ["## What is missing, and why", ""]
    for why, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        lines.append(f"- {why}: {', '.join(f'`{n}`' for n in names)}")
    return [*lines, ""]


def at(library: Any, path: str) -> Any:
    for part in filter(None, path.split(".")):
        library = getattr(library, part)
    return library


def public(space: Any, name: str) -> bool:
    """Is this a function or class of PyTorch's own, and not one that its modules happen to import?"""
    found = getattr(space, name, None)
    home = getattr(found, "__module__", "") or ""
    return name[0] != "_" and callable(found) and home.partition(".")[0] in ("torch", "")
