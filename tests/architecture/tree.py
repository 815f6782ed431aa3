"""The package as files, and as a new interpreter sees it: what the architecture tests read."""

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "chainrule"


@dataclass(frozen=True)
class Module:
    """One file under src/chainrule, as text and as syntax tree."""

    path: Path

    @property
    def name(self) -> str:
        """The dotted name: base/errors.py is chainrule.base.errors."""
        parts = self.path.relative_to(SOURCE.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.name.split("."))

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    def resolve(self, node: ast.ImportFrom) -> str:
        """The absolute name of the module in `from ..x import y`."""
        package = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        origin = package[: len(package) - node.level + 1] if node.level else []
        return ".".join([*origin, *([node.module] if node.module else [])])


def modules() -> list[Module]:
    """Every module of the package, in the order of its path."""
    return [Module(path) for path in sorted(SOURCE.rglob("*.py"))]


def fresh(*arguments: str) -> str:
    """What a new interpreter prints when it is started with the arguments."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE.parent)}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
