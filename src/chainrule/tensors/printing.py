"""How a tensor is written down: the same characters as PyTorch's ``repr``.

Let V be the finite, non-zero entries among those shown, M = max |V| and m = min |V|. All floats of a tensor are written
in one style, chosen by V::

    scientific   M / m > 1000  or  M > 10⁸  or  m < 10⁻⁴                     1.5000e+00
    whole        otherwise, where every v ∈ V is an integer or V is empty    1.      -20.
    fixed        otherwise                                                   1.5000  -20.2500

Entries are right-aligned to the longest text of V; zeros, nan and inf have no say in the width. The real and the
imaginary parts of complex entries choose their styles separately.

Shapes: any. A tensor of more than ``threshold`` entries shows ``edgeitems`` at both ends of each long axis; no other
entry is read, so the time to print does not grow with the tensor.

>>> print(format_tensor(np.array([1.0, -20.25, np.nan], dtype=np.float32), requires_grad=True))
tensor([  1.0000, -20.2500,      nan], requires_grad=True)
>>> print(format_tensor(np.arange(2000).reshape(1000, 2)))
tensor([[   0,    1],
        [   2,    3],
        [   4,    5],
        ...,
        [1994, 1995],
        [1996, 1997],
        [1998, 1999]])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes
from ..base.errors import did_you_mean, message


def _is_count(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 0)


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "precision": (_is_count, "the number of digits after the point: 0, 1, 2, …"),
    "threshold": (lambda v: isinstance(v, Real), "the number of entries above which to summarise; math.inf shows all"),
    "edgeitems": (_is_count, "the number of entries to show at each end of an axis: 0, 1, 2, …"),
    "linewidth": (lambda v: isinstance(v, Real) and math.isfinite(v), "a finite number of columns"),
    "sci_mode": (lambda v: v in (None, True, False), "True, False, or None: chosen by the values"),
}


class PrintOptions(NamedTuple):  # a dataclass would cost import 3 ms
    """What `set_printoptions` sets; `RULES` says what each option means."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: float = 80
    sci_mode: bool | None = None

    def checked(self) -> PrintOptions:
        """These options, if they make sense."""
        for name, (valid, meaning) in RULES.items():
            value, default = getattr(self, name), self._field_defaults[name]
            if not valid(value):
                what = f"set_printoptions got {name}={value!r}"
                raise ValueError(message(what, f"{name} is {meaning}", f"set_printoptions({name}={default})"))
        return self


PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}

_options = PrintOptions()  # for the whole process, as in PyTorch


def get_printoptions() -> dict[str, Any]:
    """The options in force.

    >>> get_printoptions()
    {'precision': 4, 'threshold': 1000, 'edgeitems': 3, 'linewidth': 80, 'sci_mode': None}
    """
    return _options._asdict()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: float | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors print from now on: start from ``profile`` (default, short or full), then apply the rest.

    None leaves an option as it is; only ``sci_mode`` is set by every call, as in PyTorch: None, chosen by the values.

    >>> set_printoptions(precision=2)
    >>> format_tensor(np.array([1.5]))
    'tensor([1.50], dtype=torch.float64)'
    >>> set_printoptions(profile="default")
    """
    global _options
    start = _options
    if profile is not None:
        if str(profile).lower() not in PROFILES:
            what = f"set_printoptions got profile={profile!r}.{did_you_mean(str(profile), PROFILES)}"
            raise ValueError(message(what, instead=f"one of {', '.join(map(repr, PROFILES))}"))
        start = PROFILES[profile.lower()]
    given = dict(precision=precision, threshold=threshold, edgeitems=edgeitems, linewidth=linewidth)
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    _options = start._replace(sci_mode=sci_mode, **changes).checked()


@contextmanager
def printoptions(**changes: Any) -> Iterator[None]:
    """``set_printoptions(**changes)`` for the length of a ``with`` block.

    >>> with printoptions(sci_mode=True):
    ...     format_tensor(np.float32([1.5]))
    'tensor([1.5000e+00])'
    """
    global _options
    before = _options
    set_printoptions(**changes)
    try:
        yield
    finally:
        _options = before


def _float_style(values: np.ndarray, options: PrintOptions) -> Callable[[float], str]:
    """How all floats of a tensor are written, chosen by V = ``values``: the rule at the top of this file."""
    whole = bool((values == np.ceil(values)).all())
    scientific = options.sci_mode and values.size > 0
    if options.sci_mode is None and values.size > 0:
        sizes = np.abs(values)
        largest, smallest = float(sizes.max()), float(sizes.min())  # float16 would round the ratio
        scientific = largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4
    if whole and not scientific:
        return lambda x: f"{x:.0f}." if math.isfinite(x) else f"{x:.0f}"
    return f"{{:.{options.precision}{'e' if scientific else 'f'}}}".format


def _texts(entries: np.ndarray, options: PrintOptions) -> tuple[list[str], int]:
    """Real entries as right-aligned texts, and the width aligned to (zeros, nan and inf may be longer)."""
    if entries.dtype.kind in "biu":
        texts = [str(entry) for entry in entries.tolist()]
        width = max(map(len, texts))
    else:
        counts = np.isfinite(entries) & (entries != 0)
        style = _float_style(entries[counts], options)
        texts = [style(entry) for entry in entries.tolist()]
        width = max((len(text) for text, counted in zip(texts, counts.tolist(), strict=True) if counted), default=1)
    return [text.rjust(width) for text in texts], width


def _cells(entries: np.ndarray, options: PrintOptions) -> tuple[list[str], int]:
    """Entries as the texts that stand between commas, and the columns to reckon for each with its comma and blank."""
    if entries.dtype.kind != "c":
        texts, width = _texts(entries, options)
        return texts, width + 2
    reals, real_width = _texts(entries.real, options)
    imaginaries, imaginary_width = _texts(entries.imag, options)
    signed = (text if text[0] == "-" else "+" + text for text in map(str.lstrip, imaginaries))
    return [f"{a}{b}j" for a, b in zip(reals, signed, strict=True)], real_width + imaginary_width + 3


def _brackets(rows: Any, cut: tuple[bool, ...], indent: int, columns: int, linewidth: float) -> str:
    """Nested lists of cells in nested brackets; ``cut[i]`` says that axis i has lost its middle.

    The cells of a vector fill lines; blocks of d axes stand d line breaks apart.
    """
    if not cut:
        return str(rows)
    vector = len(cut) == 1
    if not vector:
        rows = [_brackets(row, cut[1:], indent + 1, columns, linewidth) for row in rows]
    if cut[0]:
        middle = len(rows) // 2
        rows = [*rows[:middle], " ..." if vector else "...", *rows[middle:]]
    if vector:
        per_line = max(1, math.floor((linewidth - indent) / columns))
        rows = [", ".join(rows[i : i + per_line]) for i in range(0, len(rows), per_line)]
    return "[" + ("," + "\n" * max(1, len(cut) - 1) + " " * (indent + 1)).join(rows) + "]"


def _body(array: np.ndarray, indent: int, options: PrintOptions) -> str:
    """The entries in brackets, summarised where there are more than the threshold."""
    if array.size == 0:
        return "[]"
    summarised, edge = array.size > options.threshold and array.ndim > 0, options.edgeitems
    if summarised and edge == 0:
        return "[...]"
    cut = tuple(summarised and size > 2 * edge for size in array.shape)
    if summarised:
        ends = [*range(edge), *range(-edge, 0)]
        array = array[np.ix_(*(ends if size > 2 * edge else range(size) for size in array.shape))]
    texts, columns = _cells(array.reshape(-1), options)
    rows = np.array(texts, dtype=object).reshape(array.shape).tolist()
    return _brackets(rows, cut, indent, columns, options.linewidth)


def format_tensor(
    array: np.ndarray,
    *,
    dtype_name: str | None = None,
    default_dtype: str | None = None,
    requires_grad: bool = False,
    grad_fn_name: str | None = None,
    prefix: str = "tensor(",
    options: PrintOptions | None = None,
) -> str:
    """The ``repr`` of a tensor: its entries, then whatever does not go without saying (size, dtype, gradient).

    ``grad_fn_name`` takes the place of ``requires_grad``. Left out, ``dtype_name`` is that of the array;
    ``default_dtype`` and ``options`` are those in force.

    >>> format_tensor(np.zeros((0, 3), dtype=np.int32))
    'tensor([], size=(0, 3), dtype=torch.int32)'
    >>> format_tensor(np.float32(2.5), requires_grad=True, grad_fn_name="AddBackward0")
    'tensor(2.5000, grad_fn=<AddBackward0>)'
    """
    array = np.asarray(array)
    options = options or _options
    dtype_name = dtype_name or dtypes.of(array).name
    default_dtype = default_dtype or dtypes.Defaults.dtype.name
    usual = {"int64", "bool", default_dtype, "complex128" if default_dtype == "float64" else "complex64"}
    if array.size == 0:
        usual = {default_dtype}  # no entries from which to tell 1, True and 1j from 1.0
    suffixes = {
        f"size={array.shape}": array.ndim != 1 if array.size == 0 else options.edgeitems == 0,
        f"dtype=torch.{dtype_name}": dtype_name not in usual,
        f"grad_fn=<{grad_fn_name}>": grad_fn_name is not None,
        "requires_grad=True": requires_grad and grad_fn_name is None,
    }
    text = prefix + _body(array, len(prefix), options)
    column = len(text) - text.rfind("\n") + 1  # two past the end: PyTorch reckons the first line longer than the others
    for suffix in (suffix for suffix, said in suffixes.items() if said):
        if column + len(suffix) + 2 > options.linewidth:
            text += ",\n" + " " * len(prefix) + suffix
            column = len(prefix) + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text + ")"


def parameter_repr(array: np.ndarray, **described: Any) -> str:
    """The ``repr`` of an ``nn.Parameter``; keywords as in `format_tensor`.

    >>> print(parameter_repr(np.float32([1, 2]), requires_grad=True))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """
    return "Parameter containing:\n" + format_tensor(array, **described)


def format_spec(array: np.ndarray, spec: str, *, text: Callable[[], str], type_name: str = "Tensor") -> str:
    """``format(tensor, spec)``: a 0-dim Tensor formats as the number it holds; all else only whole, as ``text()``.

    >>> format_spec(np.float32(0.1), ".3f", text=str)
    '0.100'
    """
    if array.ndim == 0 and type_name == "Tensor":  # PyTorch lets a Parameter format only whole
        return format(array.item(), spec)
    if not spec:
        return text()
    raise TypeError(
        message(
            f"unsupported format string passed to {type_name}.__format__: {spec!r}",
            f"it formats one number, and this is a {type_name} of shape {array.shape}",
            f"f'{{t.item():{spec}}}' for a single entry; set_printoptions(precision=…) and f'{{t}}' for all",
        )
    )
