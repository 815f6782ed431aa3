"""``torch.multiprocessing``: Python's `multiprocessing`, and `spawn`. Tensors reach other processes as copies,
except those that ``share_memory_()`` has moved into shared memory."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import *  # noqa: F403
from multiprocessing import Process, get_context
from multiprocessing.reduction import ForkingPickler
from typing import Any

from .nn.parameter import Buffer, Parameter
from .tensors.shared import sent
from .tensors.tensor import Tensor

for kind in (Tensor, Parameter, Buffer):
    ForkingPickler.register(kind, sent)


class ProcessRaisedException(Exception):
    """A process that `spawn` started has failed with an exception."""

    def __init__(self, msg: str, error_index: int, error_pid: int | None) -> None:
        super().__init__(msg)
        self.msg, self.error_index, self.pid = msg, error_index, error_pid


class ProcessExitedException(Exception):
    """A process that `spawn` started has ended without saying why: it was killed, or left by `sys.exit`."""

    def __init__(
        self, msg: str, error_index: int, error_pid: int | None, exit_code: int, signal_name: str | None = None
    ) -> None:
        super().__init__(msg)
        self.msg, self.error_index, self.pid = msg, error_index, error_pid
        self.exit_code, self.signal_name = exit_code, signal_name


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> Any:
    """Call ``fn(i, *args)`` in process i of ``nprocs``, and wait for all of them (or return them, with ``join=False``)."""
    context = get_context(start_method)
    processes: list[Process] = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]  # type: ignore[attr-defined]
    for process in processes:
        process.start()
    if not join:
        return processes
    for i, process in enumerate(processes):
        process.join()
        if process.exitcode:
            for other in processes:
                other.terminate()
            raise ProcessRaisedException(
                f"process {i} terminated with exit code {process.exitcode}; its error is printed above", i, process.pid
            )
    return None


def get_sharing_strategy() -> str:
    """How tensors are shared between processes: they are copied."""
    return "copy"


def get_all_sharing_strategies() -> set[str]:
    return {"copy"}


def set_sharing_strategy(new_strategy: str) -> None:
    """Choose how tensors are shared between processes. PyTorch's ways are accepted; tensors are copied with any of them."""
    if new_strategy not in ("file_descriptor", "file_system", "copy"):
        raise AssertionError(f"sharing strategy {new_strategy!r} is none of file_descriptor, file_system")
