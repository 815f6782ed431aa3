"""The pages that the tests look at: each program in ``programs/`` run by `chainrule explain --html`, in one process."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
PROGRAMS = HERE / "programs"

# A program has a process of its own when people run it; here they follow each other, each in a fresh `__main__`.
ALL = f"""
import contextlib, io, os, sys
from pathlib import Path
from chainrule.reporting.collected import document_of
from chainrule.reporting.page import write
from chainrule.reporting.program import observed_script
folder, *names = sys.argv[1:]  # a program gets its own
os.chdir({str(PROGRAMS)!r})
for name in names:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        with observed_script(Path(name + ".py"), ()) as (found, status):
            write(document_of(found), Path(folder, name + ".html"))
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}


def make(folder: Path, *names: str) -> None:
    """Write the pages of these programs into a folder."""
    done = subprocess.run(
        [sys.executable, "-c", ALL, str(folder), *names], env=environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def explain(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The finished command `chainrule explain …` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "explain", *arguments], cwd=folder, env=environment(), capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip


@contextlib.contextmanager
def browser():
    """A headless Chromium, or the reason why there is none, as an ImportError."""
    import shutil

    from playwright.sync_api import sync_playwright

    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        raise ImportError("no Chromium is installed")
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=found, args=["--no-sandbox", *quiet])
        try:
            yield chromium
        finally:
            chromium.close()


def document(page: Path) -> dict:
    """The document in a page."""
    import json

    text = page.read_text(encoding="utf-8")
    return json.loads(text.partition('id="document">')[2].partition("</script>")[0])


def silent(function, *arguments):
    """What a function returns, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments)
