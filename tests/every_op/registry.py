"""The ops under test: every op class that chainrule defines, its abstract bases left out."""

import importlib

from chainrule.graph.op import REGISTRY, Elementwise, Op
from tests.architecture.tree import modules

for module in modules():
    if module.name.startswith(("chainrule.graph.", "chainrule.ops.", "chainrule.tensors.")):
        importlib.import_module(module.name)


def ours(op: type[Op]) -> bool:
    """Whether chainrule defines the op (users, and other tests, may define their own)."""
    return op.__module__.startswith("chainrule.")


ELEMENTWISE = {name: op for name, op in sorted(REGISTRY.items()) if ours(op) and issubclass(op, Elementwise)}
OTHERS = {name: op for name, op in sorted(REGISTRY.items()) if ours(op) and not issubclass(op, Elementwise)}


def concrete(base: type[Op]) -> list[type[Op]]:
    """All op classes below ``base`` that can be applied."""
    found = []
    for op in base.__subclasses__():
        found += concrete(op)
        if ours(op) and (op.inputs or "compute" in op.__dict__):
            found.append(op)
    return found
