"""What a program relies on besides arrays: values, modes, hooks, and which tensors have a history."""

from __future__ import annotations

from typing import Any

from ..graph.value import Value
from ..nn.everywhere import plain_call
from ..nn.module import Module
from .calls import history
from .program import Node
from .sources import Sources


class Reliance:
    """What was so when the program was made, and is to be so whenever it runs."""

    def __init__(self, found: Sources, inputs: list[Node]) -> None:
        self.guards = [g for g in found.guards if not isinstance(g.value, Value)]
        self.training = [(m, m.training) for m in found.modules]
        self.histories = [(n.data, history(n.data.holder)) for n in inputs if n.data.holder is not None]

    def broken(self) -> str:
        """What is no longer so, if anything is not."""
        if Module.__call__ is not plain_call:
            return "hooks on all modules were registered"
        for module, training in self.training:
            if module.training is not training:
                return f"a module was switched to {'eval' if training else 'training'} mode"
        for g in self.guards:
            if not g.holds():
                return f"{g.name} is no longer {shortly(g.value)}" if g.key is not None else f"{g.name} was changed"
        for data, known in self.histories:
            if history(data.holder) is not known:
                return "requires_grad of a tensor changed"
        return ""


def shortly(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "…"
