"""``torch.utils.tensorboard``: `SummaryWriter`, the one of the package tensorboardX, which has PyTorch's interface."""

from __future__ import annotations

from typing import Any

from ..base.errors import message
from ..graph.value import Value


def library() -> Any:
    """The package tensorboardX."""
    try:
        import tensorboardX
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            message(
                "No module named 'tensorboardX'",
                "torch.utils.tensorboard writes TensorBoard's files with it, and it is not installed",
                'pip install "chainrule[tensorboard]"',
            ),
            name=error.name,
        ) from error
    return tensorboardX


def __getattr__(name: str) -> Any:
    """So that ``from torch.utils.tensorboard import SummaryWriter`` fails where it could not be used."""
    if name == "SummaryWriter":
        library()
        return Writer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Writer:
    """Writes scalars, histograms, images and text for TensorBoard; its methods are tensorboardX's.

    ``SummaryWriter(log_dir)`` writes to files in a folder, ``runs/…`` by default. Tensors are given to it as arrays.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        self._writer = library().SummaryWriter(*args, **named)

    def add_graph(self, model: Any, input_to_model: Any = None, *args: Any, **named: Any) -> None:
        """Refused: the graph that TensorBoard shows is a TorchScript trace."""
        raise NotImplementedError(
            message(
                "SummaryWriter.add_graph is not available",
                "TensorBoard shows PyTorch's TorchScript traces, and chainrule makes none",
                "print(model)",
            )
        )

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *exc: Any) -> None:
        self._writer.close()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._writer, name)
        if not callable(found):
            return found

        def method(*args: Any, **named: Any) -> Any:
            return found(*arrays(args), **arrays(named))

        method.__name__, method.__doc__ = name, found.__doc__
        return method


def arrays(tree: Any) -> Any:
    """The same nesting with arrays for tensors."""
    if isinstance(tree, Value):
        return tree.array
    if isinstance(tree, dict):
        return {key: arrays(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(arrays(value) for value in tree)
    return tree
