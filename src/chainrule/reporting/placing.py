"""Where on the page a finding belongs: beside what it is about."""

from __future__ import annotations

from typing import Any

from ..diagnosis.finding import Finding

SECTIONS = {
    "graph": ("D07", "D09", "D10", "D11", "D12", "D13", "D14", "D15", "D18", "D19", "D32", "D33", "D35"),
    "training": ("D01", "D02", "D03", "D04", "D05", "D06", "D08", "D25", "D26", "D34", "D36"),
    "layers": ("D27", "D28", "D29", "D30", "D31"),
    "fit": ("D16", "D17", "D20", "D21", "D22", "D23", "D24"),
}
PLACE = {code: section for section, codes in SECTIONS.items() for code in codes}


def placed(finding: Finding) -> dict[str, Any]:
    """A finding and its section."""
    evidence = {name: str(value) for name, value in finding.evidence.items()}
    return {**finding.as_json(), "evidence": evidence, "section": PLACE.get(finding.code, "training")}
