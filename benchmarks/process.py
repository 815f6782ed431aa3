"""What a fresh process costs: import, first steps, peak memory; and what is installed, on disk.

Run as `python -m benchmarks.process WHAT FRAMEWORK ROW`, it prints one number about itself, as JSON.
"""

import importlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .dialects import LeftOut, checks, timed
from .frameworks import FRAMEWORKS, Framework
from .worker import IN_A_SESSION, end, prepared

CALLS = 100  # of the loop whose memory is measured


def import_time(framework: Framework, row: Any) -> float:
    """Seconds, with NumPy imported already."""
    start = time.perf_counter()
    framework.load()
    return time.perf_counter() - start


def first_steps(framework: Framework, row: Any) -> float:
    """Seconds from the imported framework to the fifth loss: building the model, compiling, five steps."""
    framework.load()
    start = time.perf_counter()
    work = timed(framework, row)
    checks(work)
    seconds = time.perf_counter() - start
    work.check()
    return seconds


def memory(framework: Framework, row: Any) -> int:
    """The largest resident size of the process that trains for a while, in bytes."""
    work, _ = prepared(framework, row)
    for _ in range(CALLS):
        result = work.call()
    work.wait(result)
    return peak_memory()


def peak_memory() -> int:
    """Not `ru_maxrss` where /proc has better: on Linux a child inherits there the size of the process that started it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        import resource

        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size if sys.platform == "darwin" else size * 1024


def size_on_disk(framework: Framework, row: Any) -> int:
    """Bytes of the package and of all that it requires, NumPy included, compiled Python files not."""
    return sum(size_of_distribution(name) for name in required(framework.module))


def required(name: str) -> set[str]:
    """A distribution and what it requires here, in turn; extras are not required."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            asked = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            if not found:
                found.add(name)  # run from its sources
                waiting += requirements_of_checkout()
            continue  # required on other systems
        found.add(name)
        waiting += [re.split(r"[^\w.-]", line)[0] for line in asked if "extra ==" not in line]
    return found


def requirements_of_checkout() -> list[str]:
    import tomllib

    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    return [re.split(r"[^\w.-]", line)[0] for line in tomllib.loads(text)["project"]["dependencies"]]


def size_of_distribution(name: str) -> int:
    """Its files; of one that is run from its sources, the package's folder."""
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    paths = [Path(str(file.locate())) for file in files]
    if not any(path.name == "__init__.py" for path in paths) and (spec := importlib.util.find_spec(name)):
        paths = [path for folder in spec.submodule_search_locations or [] for path in Path(folder).rglob("*")]
    return sum(path.stat().st_size for path in paths if path.is_file() and path.suffix != ".pyc")


WHAT: dict[str, Callable[[Framework, Any], float]] = {
    "import": import_time,
    "first-steps": first_steps,
    "memory": memory,
    "size": size_on_disk,
}


def measure_process(what: str, of: str, framework: Framework, patience: float, cache: Path | None) -> float:
    """The number that a fresh process prints about itself; without a cache, it starts with an empty one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty:
        command = [sys.executable, "-m", "benchmarks.process", what, framework.name, of]
        environment = {
            **os.environ,
            **framework.variables(cache or Path(empty)),
            "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path),
        }
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=IN_A_SESSION,
        ) as process:
            try:
                answer, errors = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                raise RuntimeError(f"no answer within {patience:g} s") from None
            finally:
                end(process)
    if process.returncode:
        raise RuntimeError((errors.strip() or f"exit status {process.returncode}").splitlines()[-1])
    said = json.loads(answer.splitlines()[-1])
    if isinstance(said, str):
        raise LeftOut(said)
    return float(said)


def main(what: str, framework_name: str, row_name: str) -> None:
    from .rows import ROWS

    framework = next(f for f in FRAMEWORKS if f.name == framework_name)
    row = next((r for r in ROWS if r.name == row_name), None)
    try:
        said: Any = WHAT[what](framework, row)
    except LeftOut as why:
        said = str(why)
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
