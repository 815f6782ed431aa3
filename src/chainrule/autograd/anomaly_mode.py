"""``torch.autograd.detect_anomaly``: find the line of the forward pass that made a NaN, or an error, of the backward pass."""

from __future__ import annotations

import warnings
from typing import Any

from ..graph import watch
from ..graph.anomaly import anomaly


def is_anomaly_enabled() -> bool:
    """Whether nodes note where they are made."""
    return anomaly.on


def is_anomaly_check_nan_enabled() -> bool:
    """Whether backward passes look for NaN while anomaly detection is on."""
    return anomaly.check_nan


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Detect anomalies or not, from now on (`set_detect_anomaly`)."""
    watch.detect_anomaly(bool(enabled), check_nan)


class set_detect_anomaly:  # noqa: N801
    """Detect anomalies or not, as ``mode`` says: at once, and until the ``with`` block ends if used as one.

    An operation then notes the lines of the program that led to it. A backward pass that meets a NaN (with
    ``check_nan``) is an error, and it or any other error comes with a warning that shows those lines.

    >>> x = torch.tensor(4.0, requires_grad=True)
    >>> with torch.autograd.set_detect_anomaly(True):
    ...     y = x.sqrt()
    >>> "in <module>" in y.grad_fn.metadata["traceback_"][-1]
    True
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = anomaly.on, anomaly.check_nan
        watch.detect_anomaly(bool(mode), check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        watch.detect_anomaly(*self.before)


class detect_anomaly:  # noqa: N801
    """Detect anomalies inside a ``with`` block, as `set_detect_anomaly` does, and warn that this takes time."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.before = anomaly.on, anomaly.check_nan
        watch.detect_anomaly(True, self.check_nan)

    def __exit__(self, *exc: Any) -> None:
        watch.detect_anomaly(*self.before)
