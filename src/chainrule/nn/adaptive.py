"""Softmax over very many classes: frequent ones at the head, rare ones in clusters that are reached through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from ..tensors.joining import cat
from . import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module


class ASMoutput(NamedTuple):
    """The log-probability of each target, and their negative mean."""

    output: Any
    loss: Any

    def __repr__(self) -> str:
        return f"_ASMoutput(output={self.output}, loss={self.loss})"


class AdaptiveLogSoftmaxWithLoss(Module):
    """log P(class | x) = log P(cluster | x) + log P(class | cluster, x) (Grave et al., 2017)

    Classes, by decreasing frequency, are cut into clusters at ``cutoffs``; those of the first stand at the head themselves.
    Cluster k gets in_features / div_valueᵏ features. Shapes: x (N, in_features) or (in_features,), target (N,) or ().

    >>> layer = nn.AdaptiveLogSoftmaxWithLoss(16, 100, cutoffs=[10, 50])
    >>> layer.log_prob(torch.zeros(2, 16)).exp().sum(1)
    tensor([1.0000, 1.0000], grad_fn=<SumBackward1>)
    """

    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0, head_bias: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        cuts = list(cutoffs)
        if not cuts:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if cuts != sorted(set(cuts)) or min(cuts) <= 0 or max(cuts) > n_classes - 1 or any(int(c) != c for c in cuts):
            raise ValueError(
                message(
                    "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value "
                    "is between 1 and n_classes-1",
                    f"got cutoffs={cuts} for {n_classes} classes",
                )
            )
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, [*cuts, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = cuts[0], len(cuts)
        self.head_size = self.shortlist_size + self.n_clusters
        where = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **where)
        self.tail = ModuleList()
        for k in range(self.n_clusters):
            features, size = int(in_features // div_value ** (k + 1)), self.cutoffs[k + 1] - self.cutoffs[k]
            first, second = Linear(in_features, features, bias=False, **where), Linear(features, size, bias=False, **where)
            self.tail.append(Sequential(first, second))

    def reset_parameters(self) -> None:
        """Draw new weights."""
        self.head.reset_parameters()
        for first, second in self.tail:
            first.reset_parameters()
            second.reset_parameters()

    def forward(self, input_: Any, target_: Any) -> ASMoutput:
        input, target = input_, target_
        if target.dim() == 1 and (input.dim() != 2 or input.size(0) != target.size(0)):
            raise RuntimeError(
                "Input and target should have the same size in the batch dimension."
                if input.dim() == 2
                else "1D target tensor expects 2D input tensors, but found inputs with size " + str(input.shape)
            )
        if target.dim() not in (0, 1):
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        alone = target.dim() == 0
        x, t = (input.unsqueeze(0), target.unsqueeze(0)) if alone else (input, target)
        labels = t.array
        if labels.size and (labels.min() < 0 or labels.max() >= self.n_classes):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{labels.min()}, {labels.max()}] "
                "were found. "
            )
        cluster = np.searchsorted(self.cutoffs, labels, "right")  # 0: the head
        at_head = np.where(cluster == 0, labels, self.shortlist_size + cluster - 1)
        output = F.log_softmax(self.head(x), 1).gather(1, wrap(at_head.reshape(-1, 1))).squeeze(1)
        for k in range(self.n_clusters):
            rows = np.flatnonzero(cluster == k + 1)
            if rows.size:
                within = wrap((labels[rows] - self.cutoffs[k]).reshape(-1, 1))
                logp = F.log_softmax(self.tail[k](x.index_select(0, wrap(rows))), 1).gather(1, within).squeeze(1)
                output = output.index_add(0, wrap(rows), logp)
        loss = (-output).mean()
        return ASMoutput(output.squeeze(0) if alone else output, loss)

    def log_prob(self, input: Any) -> Any:
        """The log-probability of every class: (N, n_classes)."""
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for k in range(self.n_clusters):
            inside = F.log_softmax(self.tail[k](input), 1)
            parts.append(inside + head[:, self.shortlist_size + k].unsqueeze(1))
        return cat(parts, 1)

    def predict(self, input: Any) -> Any:
        """The most probable class of each sample: (N,)."""
        return self.log_prob(input).argmax(1)
