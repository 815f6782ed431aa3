"""What is compared. A new peer is one line here, and a workload in its dialect where it does not speak PyTorch."""

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Framework:
    name: str
    module: str  # what to import
    dialect: str  # which of a row's workloads it runs

    def installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None

    def load(self) -> ModuleType:
        return importlib.import_module(self.module)


CHAINRULE = Framework("chainrule", "chainrule", "torch")
PYTORCH = Framework("PyTorch", "torch", "torch")  # the reference of all ratios
NUMPY = Framework("NumPy by hand", "numpy", "numpy")

FRAMEWORKS = (CHAINRULE, PYTORCH, NUMPY)
