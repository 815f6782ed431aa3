"""What is compared: the columns. A new peer is one line here, and workloads in its dialect where it does not speak PyTorch."""

import importlib
import importlib.util
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Framework:
    key: str  # what --frameworks calls it
    name: str  # the column's head
    module: str  # what to import
    dialect: str  # which of a row's workloads it runs
    mode: str = "eager"  # "eager", "compiled": a step per call, or "repeated": many steps per call
    environment: tuple[tuple[str, str], ...] = ()  # variables for its process; {cache} is a folder of its own

    def installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None

    def load(self) -> ModuleType:
        return importlib.import_module(self.module)

    def variables(self, cache: Path) -> dict[str, str]:
        """Its process's environment: its compiler's cache is a folder in ``cache``, so that it starts as empty as ours."""
        folder = str(cache / self.module)
        return {name: value.replace("{cache}", folder) for name, value in self.environment}


def clang() -> str:
    """The newest clang there is: tinygrad calls one by the plain name, which not every system gives it."""
    if os.environ.get("CC") or shutil.which("clang"):
        return os.environ.get("CC", "clang")
    return next((name for n in range(30, 10, -1) if shutil.which(name := f"clang-{n}")), "clang")


OURS = (("CHAINRULE_CACHE", "{cache}"),)
# Its compiler's pool of processes would outlive a short measurement, and is no quicker on few cores.
TORCH = (("TORCHINDUCTOR_CACHE_DIR", "{cache}"), ("TORCHINDUCTOR_COMPILE_THREADS", "1"))
JAX = (
    ("JAX_PLATFORMS", "cpu"),
    ("JAX_COMPILATION_CACHE_DIR", "{cache}"),
    ("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0"),
    ("TF_CPP_MIN_LOG_LEVEL", "3"),
)
TINYGRAD = (("DEV", "CPU"), ("CACHEDB", "{cache}.db"), ("CC", clang()))

CHAINRULE = Framework("eager", "chainrule", "chainrule", "torch", environment=OURS)
COMPILED = Framework("compiled", "chainrule compiled", "chainrule", "torch", "compiled", OURS)
REPEAT = Framework("repeat", "chainrule repeat", "chainrule", "torch", "repeated", OURS)
PYTORCH = Framework("torch", "PyTorch", "torch", "torch", environment=TORCH)  # the reference of what must be computed
TORCH_COMPILE = Framework("torch-compile", "torch.compile", "torch", "torch", "compiled", TORCH)
JAX_JIT = Framework("jax", "JAX jit", "jax", "jax", "compiled", JAX)
JAX_SCAN = Framework("jax-scan", "JAX scan", "jax", "jax", "repeated", JAX)
TINY = Framework("tinygrad", "tinygrad", "tinygrad", "tinygrad", "compiled", TINYGRAD)
NUMPY = Framework("numpy", "NumPy by hand", "numpy", "numpy")

FRAMEWORKS = (CHAINRULE, COMPILED, REPEAT, PYTORCH, TORCH_COMPILE, JAX_JIT, JAX_SCAN, TINY, NUMPY)

# Pairs that do alike: the first's time goes into the second's.
RATIOS = ((CHAINRULE, PYTORCH), (COMPILED, JAX_JIT), (REPEAT, JAX_SCAN))


def chosen(names: str | None) -> list[Framework]:
    """Those installed, or of them those that are named, separated by commas."""
    installed = [framework for framework in FRAMEWORKS if framework.installed()]
    if names is None:
        return installed
    by_key = {framework.key: framework for framework in FRAMEWORKS}
    return pick(by_key, names, "framework", [framework.key for framework in installed])


def pick(by_name: dict[str, Any], names: str, what: str, there: Sequence[str]) -> list[Any]:
    """The named ones of a table, in its order."""
    wanted = {name.strip() for name in names.split(",")}
    if unknown := sorted(wanted - set(there)):
        raise SystemExit(f"no {what} named {', '.join(unknown)} here; there are {', '.join(there)}")
    return [value for name, value in by_name.items() if name in wanted]
