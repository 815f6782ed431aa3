"""One step of a recurrent layer, for loops of one's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base.errors import ShapeError, message
from ..graph.value import wrap
from . import functional as F
from . import init
from .module import Module
from .parameter import fresh


class RNNCellBase(Module):
    """One step of a recurrent layer; weights as there, without the layer's number."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        self.weight_ih, self.weight_hh = fresh((rows, input_size), dtype, device), fresh((rows, hidden_size), dtype, device)
        self.register_parameter("bias_ih", fresh((rows,), dtype, device) if bias else None)
        self.register_parameter("bias_hh", fresh((rows,), dtype, device) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights and biases."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if not self.bias:
            text += ", bias=False"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return text + (f", nonlinearity={nonlinearity}" if nonlinearity != "tanh" else "")

    def _products(self, x: Any, h: Any) -> tuple[Any, Any]:
        """weight_ih x + bias_ih and weight_hh h + bias_hh"""
        return F.linear(x, self.weight_ih, self.bias_ih), F.linear(h, self.weight_hh, self.bias_hh)

    def _prepared(self, input: Any, states: Any, count: int) -> tuple[Any, list[Any], bool]:
        """Input and states as batches, once their shapes have been found to agree; and whether there was no batch."""
        name = self._get_name()
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        alone = input.dim() == 1
        x = input.unsqueeze(0) if alone else input
        if states is None:
            zeros = wrap(np.zeros((x.size(0), self.hidden_size), x.array.dtype))
            found = [zeros] * count
        else:
            found = list(states) if count > 1 else [states]
            for i, h in enumerate(found):
                if h.dim() not in (1, 2):
                    what = f"hx[{i}]" if count > 1 else "hidden"
                    raise ValueError(f"{name}: Expected {what} to be 1D or 2D, got {h.dim()}D instead")
            found = [h.unsqueeze(0) if alone and h.dim() == 1 else h for h in found]
        if x.size(1) != self.input_size:
            raise ShapeError(
                message(
                    f"input has inconsistent input_size: got {x.size(1)} expected {self.input_size}",
                    f"the input has shape {list(input.shape)}",
                )
            )
        for i, h in enumerate(found):
            if h.size(0) != x.size(0):
                raise ShapeError(f"Input batch size {x.size(0)} doesn't match hidden{i} batch size {h.size(0)}")
            if h.size(1) != self.hidden_size:
                raise ShapeError(f"hidden{i} has inconsistent hidden_size: got {h.size(1)}, expected {self.hidden_size}")
        return x, found, alone


class RNNCell(RNNCellBase):
    """h′ = tanh(weight_ih x + bias_ih + weight_hh h + bias_hh), or with relu; x (B, I) or (I,), h (B, H) or (H,)

    >>> nn.RNNCell(10, 20)(torch.zeros(3, 10)).shape
    torch.Size([3, 20])
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        x, (h,), alone = self._prepared(input, hx, 1)
        a, q = self._products(x, h)
        y = F.tanh(a + q) if self.nonlinearity == "tanh" else F.relu(a + q)
        return y.squeeze(0) if alone else y


class LSTMCell(RNNCellBase):
    """c′ = f·c + i·g, h′ = o·tanh c′, with gates as in `LSTM`; x (B, I) or (I,), h and c (B, H) or (H,)

    >>> h, c = nn.LSTMCell(10, 20)(torch.zeros(3, 10))
    >>> h.shape, c.shape
    (torch.Size([3, 20]), torch.Size([3, 20]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        x, (h, c), alone = self._prepared(input, hx, 2)
        a, q = self._products(x, h)
        i, f, g, o = (a + q).chunk(4, 1)
        c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
        h = F.sigmoid(o) * F.tanh(c)
        return (h.squeeze(0), c.squeeze(0)) if alone else (h, c)


class GRUCell(RNNCellBase):
    """h′ = (1 − z)·n + z·h, with gates as in `GRU`; x (B, I) or (I,), h (B, H) or (H,)

    >>> nn.GRUCell(10, 20)(torch.zeros(3, 10)).shape
    torch.Size([3, 20])
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        x, (h,), alone = self._prepared(input, hx, 1)
        a, q = self._products(x, h)
        n = self.hidden_size
        gates = F.sigmoid(a[:, : 2 * n] + q[:, : 2 * n])
        r, z = gates[:, :n], gates[:, n:]
        new = F.tanh(a[:, 2 * n :] + r * q[:, 2 * n :])
        y = (h - new) * z + new
        return y.squeeze(0) if alone else y
