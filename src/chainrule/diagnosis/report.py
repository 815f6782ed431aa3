"""Findings as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from .finding import HINT, SURE, Finding
from .lines import source_of


def text(findings: Sequence[Finding]) -> str:
    """A paragraph for each finding, and a last line that counts them.

    >>> print(text([]))
    No mistakes found.
    """
    if not findings:
        return "No mistakes found."
    parts = [paragraph(f) for f in findings]
    counts = [sum(f.severity == kind for f in findings) for kind in (SURE, HINT)]
    parts.append(f"{counts[0]} sure, {counts[1]} {'hint' if counts[1] == 1 else 'hints'}.")
    return "\n\n".join(parts)


def paragraph(f: Finding) -> str:
    source = source_of(f.line)
    lines = [f"{f.code} {f.severity}: {f.title}"]
    if f.line.file:
        lines.append(f"  line:     {f.line}" + (f"    {source}" if source else ""))
    lines.append(f"  what:     {f.message}")
    if f.evidence:
        lines.append("  evidence: " + ", ".join(f"{k} {v}" for k, v in f.evidence.items()))
    if f.fix:
        lines.append(f"  instead:  {f.fix}")
    return "\n".join(lines)
