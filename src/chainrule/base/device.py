"""Where tensors live: always the CPU. Other devices can be named, and asking for one says that it is not here."""

from __future__ import annotations

from typing import Any

from .errors import message

KINDS = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
         "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


class device:  # noqa: N801  (torch's own spelling)
    """A place for tensors, such as ``device("cpu")``; ``type`` and ``index`` are its parts.

    >>> device("cuda:1")
    device(type='cuda', index=1)
    """

    __slots__ = ("type", "index")

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        kind: Any = type
        number: Any = index
        if isinstance(kind, device):
            kind, number = kind.type, kind.index if index is None else index
        elif isinstance(kind, int):
            raise RuntimeError(
                message(
                    "Cannot access accelerator device when none is available.",
                    f"device({kind}) is a GPU, and chainrule computes on the CPU",
                    'torch.device("cpu")',
                )
            )
        elif not isinstance(kind, str):
            raise TypeError(f"device(): argument 'type' must be str, not {kind.__class__.__name__}")
        if ":" in kind:
            kind, _, digits = kind.partition(":")
            if index is not None or not digits.isdigit():
                raise RuntimeError(f"Invalid device string: '{kind}:{digits}'")
            number = int(digits)
        if kind not in KINDS:
            raise RuntimeError(f"Expected one of {', '.join(KINDS)} device type at start of device string: {kind}")
        self.type, self.index = kind, number

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (")" if self.index is None else f", index={self.index})")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __enter__(self) -> device:
        check(self)
        return self

    def __exit__(self, *exc: Any) -> None:
        return None

    def __reduce__(self) -> tuple[Any, ...]:
        return (device, (self.type, self.index))


CPU = device("cpu")


def check(where: Any) -> device:
    """``where`` as a device that is here, or the error PyTorch's CPU build raises."""
    if where is None:
        return CPU
    place = where if isinstance(where, device) else device(where)
    if place.type == "cpu":
        return place
    instead = 'device = "cuda" if torch.cuda.is_available() else "cpu"'
    if place.type in ("cuda", "xpu", "mtia"):
        raise AssertionError(
            message(f"Torch not compiled with {place.type.upper()} enabled", "chainrule computes on the CPU", instead)
        )
    what = f"PyTorch is not linked with support for {place.type} devices"
    if place.type == "meta":
        what = "device 'meta' is not available"
    raise RuntimeError(message(what, "chainrule computes on the CPU", instead))
