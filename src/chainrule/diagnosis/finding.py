"""`Finding`: one mistake, with what was measured, where, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .lines import NOWHERE, Line

SURE, HINT = "sure", "hint"

TITLES = {
    "D01": "gradients are never zeroed",
    "D02": "gradients are zeroed between backward and step",
    "D03": "the optimizer steps before backward",
    "D04": "the optimizer never steps",
    "D05": "the optimizer holds parameters that are not the model's",
    "D06": "a parameter is in no optimizer",
    "D07": "a parameter gets no gradient",
    "D08": "parameters hidden in a plain list or dict",
    "D09": "a parameter was replaced by a computed tensor",
    "D10": "a graph is kept alive over iterations",
    "D11": "prediction and target are stretched to a larger shape",
    "D12": "scores are squashed before cross-entropy",
    "D13": "sigmoid before a loss that takes scores",
    "D14": "a logarithm too many or too few",
    "D15": "prediction and target are swapped",
    "D16": "class labels out of range",
    "D17": "classes written in a way the loss reads otherwise",
    "D18": "dropout or batch norm in the wrong mode",
    "D19": "evaluation records a graph",
    "D20": "batches are sorted by class",
    "D21": "inputs are not scaled",
    "D22": "inputs or targets are constant",
    "D23": "the same samples in training and test data",
    "D24": "an input gives the target away",
    "D25": "the learning rate is too high",
    "D26": "the learning rate is too low",
    "D27": "gradients vanish on their way back",
    "D28": "gradients explode",
    "D29": "a parameter never changes",
    "D30": "dead units",
    "D31": "saturated units",
    "D32": "a NaN or an infinity",
    "D33": "a gradient written by hand is wrong",
    "D34": "random numbers are drawn without a seed",
    "D35": "float64 by accident",
    "D36": "the model cannot fit what it is shown",
}


@dataclass(frozen=True)
class Finding:
    """A mistake the run shows.

    ``evidence`` holds the numbers that were measured, ``fix`` what to write instead.

    >>> print(Finding("D01", "sure", Line("train.py", 7), "3 of 4 steps used old gradients", {"steps": 4}, "opt.zero_grad()"))
    D01 sure, train.py:7: gradients are never zeroed
      what: 3 of 4 steps used old gradients
      fix:  opt.zero_grad()
    """

    code: str
    severity: str
    line: Line
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)
    fix: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.code]

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.line.file,
            "line": self.line.number,
            "title": self.title,
            "message": self.message,
            "evidence": self.evidence,
            "fix": self.fix,
        }

    def __str__(self) -> str:
        head = f"{self.code} {self.severity}, {self.line}: {self.title}"
        return "\n".join([head, f"  what: {self.message}", *([f"  fix:  {self.fix}"] if self.fix else [])])


def sure(code: str, line: Line | None, message: str, fix: str, **evidence: Any) -> Finding:
    """A mistake that the numbers leave no doubt about."""
    return Finding(code, SURE, line or NOWHERE, message, plain(evidence), fix)


def hint(code: str, line: Line | None, message: str, fix: str, **evidence: Any) -> Finding:
    """Something that is usually a mistake, and may be meant."""
    return Finding(code, HINT, line or NOWHERE, message, plain(evidence), fix)


def plain(value: Any) -> Any:
    """Evidence as JSON has it: four significant digits, lists, strings."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.4g}") if value - value == 0 else str(value)
    return value if value is None or isinstance(value, (int, bool, str)) else str(value)
