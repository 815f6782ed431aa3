"""The ops under test: every op class that chainrule defines, its abstract bases left out."""

import importlib
from collections.abc import Iterator

from chainrule.graph.op import Elementwise, Op
from tests.architecture.tree import modules

for module in modules():
    if module.name.startswith(("chainrule.graph.", "chainrule.ops.", "chainrule.tensors.")):
        importlib.import_module(module.name)


def concrete(base: type[Op]) -> Iterator[type[Op]]:
    """All op classes below ``base`` that can be applied, and that chainrule defines (tests define some, too)."""
    for op in base.__subclasses__():
        yield from concrete(op)
        if "inputs" in vars(op) and op.__module__.startswith("chainrule."):
            yield op


ALL = sorted(set(concrete(Op)), key=lambda op: op.__name__)
ELEMENTWISE = {op.__name__: op for op in ALL if issubclass(op, Elementwise)}
OTHERS = {op.__name__: op for op in ALL if not issubclass(op, Elementwise)}
