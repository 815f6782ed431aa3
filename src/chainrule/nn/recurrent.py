"""Recurrent layers: plain, LSTM and GRU; several layers, both directions, sequences of different lengths."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.errors import ShapeError, message
from ..graph.apply import joint, plain
from ..graph.value import wrap
from ..ops import recurrent as op
from ..tensors.joining import cat, stack
from . import functional as F
from . import init
from .module import Module
from .parameter import fresh
from .utils.rnn import PackedSequence

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}
OPS = {"LSTM": op.lstm, "GRU": op.gru, "RNN_TANH": op.rnn_tanh, "RNN_RELU": op.rnn_relu}


class RNNBase(Module):
    """Layers of one kind on top of each other; see `RNN`, `LSTM` and `GRU`.

    Weights of layer k: weight_ih_lk (gates · H, inputs), weight_hh_lk (gates · H, H or P), bias_ih_lk and bias_hh_lk
    (gates · H,), weight_hr_lk (P, H) for a projection; those of the other direction end in ``_reverse``. All start uniform
    in ±1/√H.
    """

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_options(mode, hidden_size, num_layers, dropout, proj_size, bidirectional)
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        rows, out = GATES[mode] * hidden_size, proj_size or hidden_size
        directions = ("", "_reverse") if bidirectional else ("",)
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            inputs = input_size if layer == 0 else out * len(directions)
            for direction in directions:
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, inputs), "weight_hh": (rows, out)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                names = [f"{name}_l{layer}{direction}" for name in shapes]
                for name, shape in zip(names, shapes.values()):
                    setattr(self, name, fresh(shape, dtype, device))
                self._all_weights.append(names)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights and biases."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing to do: PyTorch joins the weights for cuDNN here."""

    @property
    def all_weights(self) -> list[list[Any]]:
        """The weights of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.proj_size:
            text += f", proj_size={self.proj_size}"
        for name, usual in (
            ("num_layers", 1), ("bias", True), ("batch_first", False), ("dropout", 0), ("bidirectional", False)
        ):  # fmt: skip
            value = getattr(self, name)
            if value != usual:
                text += f", {name}={value}"
        return text

    # ------------------------------------------------------------------ running

    def forward(self, input: Any, hx: Any = None) -> Any:
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        dims = input.dim()
        if dims not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {dims}D instead")
        alone = dims == 2
        if alone:
            input = input.unsqueeze(0 if self.batch_first else 1)
        x = input.transpose(0, 1) if self.batch_first else input
        states = self._states(x, x.size(1), hx, alone)
        y, last = self._layers(x, states, self._run)
        if self.batch_first:
            y = y.transpose(0, 1) if self.mode == "LSTM" else plain(op.batch_first, y)
        if alone:
            y, last = y.squeeze(0 if self.batch_first else 1), [h.squeeze(1) for h in last]
        return y, self._result(last)

    def _result(self, last: list[Any]) -> Any:
        return tuple(last) if len(last) > 1 else last[0]

    def _states(self, x: Any, batch: int, hx: Any, alone: bool) -> list[Any]:
        """The first states, (layers · directions, batch, H); zeros unless given."""
        check_input(x, self)
        count = self.num_layers * (2 if self.bidirectional else 1)
        sizes = [self.proj_size or self.hidden_size] + [self.hidden_size] * (self.mode == "LSTM")
        if hx is None:
            return [wrap(np.zeros((count, batch, n), x.array.dtype)) for n in sizes]
        given = list(hx) if self.mode == "LSTM" else [hx]
        check_states(given, [(count, batch, n) for n in sizes], alone)
        return [h.unsqueeze(1) if alone else h for h in given]

    def _layers(self, x: Any, states: list[Any], run: Any) -> tuple[Any, list[Any]]:
        """All layers in turn; ``run`` runs one layer in one direction."""
        last: list[list[Any]] = [[] for _ in states]
        directions = 2 if self.bidirectional else 1
        for layer in range(self.num_layers):
            outputs = []
            for direction in range(directions):
                k = layer * directions + direction
                y, *ends = run(x, [s[k] for s in states], self._weights(k), direction == 1)
                outputs.append(y)
                for found, end in zip(last, ends):
                    found.append(end)
            x = outputs[0] if directions == 1 else cat(outputs, -1)
            if self.dropout and self.training and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout)
        return x, [stack(found) for found in last]

    def _weights(self, k: int) -> list[Any]:
        """The weights of a layer and direction, in the order of the op's inputs."""
        own = self._parameters
        found = [own[name] if name in own else getattr(self, name) for name in self._all_weights[k]]
        if not self.bias:
            found[2:2] = [None, None]
        return found

    def _run(self, x: Any, states: list[Any], weights: list[Any], backwards: bool) -> tuple[Any, ...]:
        """One layer in one direction: the outputs of every step, and the last states."""
        if backwards:
            x = x.flip(0)
        y, *ends = joint(OPS[self.mode], x, *states, *weights)
        return (y.flip(0) if backwards else y, *ends)

    # ------------------------------------------------------------------ sequences of different lengths

    def _packed(self, packed: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
        data, sizes, order, back = packed
        batch = int(sizes.numpy()[0])
        given = None
        if hx is not None and order is not None:
            given = tuple(h.index_select(1, order) for h in hx) if self.mode == "LSTM" else hx.index_select(1, order)
        states = self._states(data, batch, hx if given is None else given, False)
        spans = list(equal_spans(sizes.numpy()))

        def run(x: Any, states: list[Any], weights: list[Any], backwards: bool) -> tuple[Any, ...]:
            through = self._backwards_through if backwards else self._forwards_through
            return through(x, states, weights, spans)

        y, last = self._layers(data, states, run)
        if back is not None:
            last = [h.index_select(1, back) for h in last]
        return PackedSequence(y, sizes, order, back), self._result(last)

    def _forwards_through(self, x: Any, states: list[Any], weights: list[Any], spans: list[Any]) -> tuple[Any, ...]:
        """Span by span, each with as many sequences; those that end leave their last states behind."""
        outputs: list[Any] = []
        ended: list[list[Any]] = [[] for _ in states]
        for start, steps, count in spans:
            alive = states[0].size(0)
            if count < alive:
                for found, s in zip(ended, states):
                    found.append(s[count:])
                states = [s[:count] for s in states]
            part = x[start : start + steps * count].reshape(steps, count, -1)
            y, *states = joint(OPS[self.mode], part, *states, *weights)
            outputs.append(y.flatten(0, 1))
        ends = [cat([s, *reversed(found)]) if found else s for s, found in zip(states, ended)]
        return (cat(outputs) if len(outputs) > 1 else outputs[0], *ends)

    def _backwards_through(self, x: Any, first: list[Any], weights: list[Any], spans: list[Any]) -> tuple[Any, ...]:
        """Span by span from the last; sequences join with their first states where they end."""
        outputs: list[Any] = []
        states = [s[:0] for s in first]
        for start, steps, count in reversed(spans):
            alive = states[0].size(0)
            if count > alive:
                states = [cat([s, f[alive:count]]) if alive else f[:count] for s, f in zip(states, first)]
            part = x[start : start + steps * count].reshape(steps, count, -1)
            y, *states = self._run(part, states, weights, True)
            outputs.append(y.flatten(0, 1))
        outputs.reverse()
        return (cat(outputs) if len(outputs) > 1 else outputs[0], *states)


def equal_spans(sizes: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Runs of steps with as many sequences: the first entry, the number of steps, the number of sequences.

    >>> list(equal_spans(np.array([3, 3, 1])))
    [(0, 2, 3), (6, 1, 1)]
    """
    start = i = 0
    while i < len(sizes):
        count, steps = int(sizes[i]), 1
        while i + steps < len(sizes) and sizes[i + steps] == count:
            steps += 1
        yield start, steps, count
        start, i = start + steps * count, i + steps


def check_options(
    mode: str, hidden_size: Any, num_layers: int, dropout: Any, proj_size: int, bidirectional: bool
) -> None:
    """Refuse options that have no meaning."""
    if mode not in GATES:
        raise ValueError(f"Unrecognized RNN mode: {mode}")
    if not isinstance(dropout, numbers.Number) or not 0 <= dropout <= 1 or isinstance(dropout, bool):  # type: ignore[operator]
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            f"\n  got: dropout={dropout!r}"
        )
    if dropout > 0 and num_layers == 1:  # type: ignore[operator]
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater "
            f"than 1, but got dropout={dropout} and num_layers={num_layers}",
            UserWarning,
            stacklevel=5,
        )
    if not isinstance(hidden_size, int):
        raise TypeError(f"hidden_size should be of type int, got: {type(hidden_size).__name__}")
    if hidden_size <= 0:
        raise ValueError("hidden_size must be greater than zero")
    if num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")


def check_input(x: Any, layer: RNNBase) -> None:
    """Refuse inputs of another size or dtype than the weights."""
    if x.size(-1) != layer.input_size:
        raise ShapeError(
            message(
                f"input.size(-1) must be equal to input_size. Expected {layer.input_size}, got {x.size(-1)}",
                f"the last axis holds the features of a step; the input has {x.size(-1)} of them",
                f"nn.{layer._get_name()}({x.size(-1)}, {layer.hidden_size})"
                + (", or batch_first=True if sequences come first" if not layer.batch_first else ""),
            )
        )
    kind = getattr(layer, layer._all_weights[0][0]).dtype
    if x.dtype is not kind:
        raise ValueError(
            f"RNN input dtype ({x.dtype}) does not match weight dtype ({kind}). Convert input: input.to({kind}), or convert "
            f"model: model.to({x.dtype})"
        )


def check_states(given: list[Any], shapes: list[tuple[int, ...]], alone: bool) -> None:
    """Refuse first states of another shape."""
    dims = 2 if alone else 3
    if any(h.dim() != dims for h in given):
        kind = "unbatched 2-D" if alone else "batched 3-D"
        if len(given) == 2:
            raise RuntimeError(
                f"For {kind} input, hx and cx should also be {dims}-D but got ({given[0].dim()}-D, {given[1].dim()}-D) tensors"
            )
        raise RuntimeError(f"For {kind} input, hx should also be {dims}-D but got {given[0].dim()}-D tensor")
    for i, (h, shape) in enumerate(zip(given, shapes)):
        here = (h.size(0), 1, h.size(1)) if alone else tuple(h.shape)
        if here != shape:
            name = f"hidden[{i}]" if len(given) == 2 else "hidden"
            raise ShapeError(
                message(
                    f"Expected {name} size {shape}, got {list(here)}",
                    "a first state has a row for each layer (and direction), each sequence, each hidden unit",
                )
            )


class RNN(RNNBase):
    """h[t] = tanh(weight_ih x[t] + bias_ih + weight_hh h[t − 1] + bias_hh), or with relu

    ``RNN(input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False)``. Shapes: x (T, B, I), (B, T, I) with ``batch_first``, (T, I), or a `PackedSequence`; results y, the
    states of the last layer at all steps, (T, B, D·H), and h, the last states of all layers, (D·layers, B, H), with D the
    number of directions.

    >>> y, h = nn.RNN(10, 20, 2)(torch.zeros(5, 3, 10))
    >>> y.shape, h.shape
    (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", *args: Any, **kwargs: Any
    ) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """c[t] = f·c[t − 1] + i·g, h[t] = o·tanh c[t], with gates i, f, o = σ(…) and g = tanh(…) (Hochreiter and Schmidhuber, 1997)

    ``LSTM(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
    proj_size=0)``. Shapes as in `RNN`; states are pairs (h, c).

    >>> y, (h, c) = nn.LSTM(10, 20, 2)(torch.zeros(5, 3, 10))
    >>> y.shape, c.shape
    (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", input_size, hidden_size, *args, **kwargs)


class GRU(RNNBase):
    """h[t] = (1 − z)·n + z·h[t − 1] with gates r, z = σ(…) and n = tanh(… + r·…) (Cho et al., 2014)

    ``GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False)``. Shapes as
    in `RNN`.

    >>> y, h = nn.GRU(10, 20, batch_first=True)(torch.zeros(3, 5, 10))
    >>> y.shape, h.shape
    (torch.Size([3, 5, 20]), torch.Size([1, 3, 20]))
    """

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", input_size, hidden_size, *args, **kwargs)
