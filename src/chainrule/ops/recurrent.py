"""Recurrent layers over whole sequences, one layer in one direction: plain, LSTM and GRU.

Shapes: T steps, B sequences, I inputs, H hidden units. x (T, B, I), states (B, H), weights (gates · H, I) and
(gates · H, H), biases (gates · H,) or None. The first output, y (T, B, H), holds the state of every step; the others are
the last state, and for the LSTM the last cell.
"""

from __future__ import annotations

from typing import Any

from ..graph.op import Joint
from .activations import relu, sigmoid
from .index import Index
from .join import Cat
from .kernels import recurrent as kernel
from .scalar import tanh
from .shape import Transpose

NONE = (False,) * 8


class PackPaddedSequence(Index):
    """y[n] = x[t[n], b[n]]: the entries of sequences of different lengths, step by step"""

    torch_name = "PackPaddedSequenceBackward0"


class BatchFirst(Transpose):
    """(T, B, H) as (B, T, H)"""

    torch_name = "TransposeBackward1"


class Recurrent(Joint, abstract=True):
    """A recurrent layer; ``formula`` says what one step does, and repeats it."""

    def product(self, x: Any, w: Any, b: Any) -> Any:
        """w x + b for every row of x."""
        y = x @ w.mT
        return y if b is None else y + b

    def joined(self, states: list[Any]) -> Any:
        """The states of all steps as one (T, B, H)."""
        return Cat(0)(*[h.reshape(1, *h.shape) for h in states])


class Rnn(Recurrent):
    """h[t] = tanh(w_ih x[t] + b_ih + w_hh h[t − 1] + b_hh), or with relu instead of tanh"""

    fields = ("relu",)
    outputs = 2
    torch_name = "StackBackward0"

    def forward(self, x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> tuple[Any, Any]:
        return kernel.rnn(x, h, w_ih, w_hh, b_ih, b_hh, self.relu)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.rnn_backward(g, kept, (*needs, *NONE)[:6])

    def formula(self, x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
        squash = relu if self.relu else tanh
        states = []
        for t in range(x.shape[0]):
            h = squash(self.product(x[t], w_ih, b_ih) + self.product(h, w_hh, b_hh))
            states.append(h)
        return self.joined(states), h


class Lstm(Recurrent):
    """c[t] = f·c[t − 1] + i·g, h[t] = o·tanh c[t], with i, f, o = σ(…) and g = tanh(…) of w_ih x[t] + b_ih + w_hh h[t − 1] + b_hh

    With ``w_hr`` (P, H) the state is projected: h[t] = w_hr (o·tanh c[t]).
    """

    outputs = 3
    torch_name = "MkldnnRnnLayerBackward0"

    def forward(
        self, x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None, w_hr: Any = None
    ) -> tuple[Any, Any]:
        return kernel.lstm(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.lstm_backward(g, kept, (*needs, *NONE)[:8])

    def formula(
        self, x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None, w_hr: Any = None
    ) -> Any:
        n = w_hh.shape[0] // 4
        states = []
        for t in range(x.shape[0]):
            a = self.product(x[t], w_ih, b_ih) + self.product(h, w_hh, b_hh)
            i, f, g, o = (a[:, k * n : (k + 1) * n] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * tanh(g)
            h = sigmoid(o) * tanh(c)
            if w_hr is not None:
                h = h @ w_hr.mT
            states.append(h)
        return self.joined(states), h, c


class Gru(Recurrent):
    """h[t] = (1 − z)·n + z·h[t − 1] with n = tanh(w_in x[t] + b_in + r·(w_hn h[t − 1] + b_hn)) and gates r, z = σ(…)"""

    outputs = 2
    torch_name = "StackBackward0"

    def forward(self, x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> tuple[Any, Any]:
        return kernel.gru(x, h, w_ih, w_hh, b_ih, b_hh)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.gru_backward(g, kept, (*needs, *NONE)[:6])

    def formula(self, x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
        n = w_hh.shape[0] // 3
        states = []
        for t in range(x.shape[0]):
            a, q = self.product(x[t], w_ih, b_ih), self.product(h, w_hh, b_hh)
            r = sigmoid(a[:, :n] + q[:, :n])
            z = sigmoid(a[:, n : 2 * n] + q[:, n : 2 * n])
            new = tanh(a[:, 2 * n :] + r * q[:, 2 * n :])
            h = new + z * (h - new)
            states.append(h)
        return self.joined(states), h


rnn_tanh, rnn_relu, lstm, gru = Rnn(False), Rnn(True), Lstm(), Gru()
pack, batch_first = PackPaddedSequence((True, True)), BatchFirst(0, 1)
