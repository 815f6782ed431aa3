"""Newton's method and its relatives for small models: each step solves a linear system in all parameters at once.

PyTorch has none of these. They take the loss apart further than gradient descent does: ``Newton`` by its Hessian,
``GaussNewton`` and ``LevenbergMarquardt`` by the Jacobian of the residuals whose squares are summed.
With n parameters a step costs about n backward passes and n³ multiplications; n is best below a thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import GradientError, message
from ..graph.expr import Number, Symbol
from ..graph.value import Value, wrap
from ..tensors.autograd import grad
from ..tensors.grad_mode import enable_grad
from ..tensors.tensor import Tensor
from .optimizer import Optimizer, require_at_least

if TYPE_CHECKING:
    from .telling import Term


class SecondOrder(Optimizer):
    """What the three have in common: all parameters as one vector θ."""

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(
                f"{type(self).__name__} solves for all parameters at once and takes a single parameter group"
            )
        self._params: list[Tensor] = [p for p in self.param_groups[0]["params"] if p.requires_grad]

    def _evaluate(self, closure: Callable[[], Any] | None, what: str) -> Any:
        if closure is None:
            raise TypeError(f"{type(self).__name__}.step() needs a closure that returns the {what}")
        with enable_grad():
            result = closure()
        if not isinstance(result, Value) or result.node is None:
            raise GradientError(
                message(
                    f"the closure given to {type(self).__name__}.step() must return the {what} with its history",
                    f"it returned {type(result).__name__}" + (" without history" if isinstance(result, Value) else ""),
                    "optimizer.step(lambda: loss_fn(model(x), y))",
                )
            )
        return result

    def _vector(self, gradients: Any) -> np.ndarray:
        return np.concatenate(
            [
                np.zeros(p.array.size) if g is None else np.asarray(g.array, np.float64).reshape(-1)
                for p, g in zip(self._params, gradients)
            ]
        )

    def _subtract(self, step: np.ndarray) -> None:
        start = 0
        for p in self._params:
            n = p.array.size
            p.array -= step[start : start + n].reshape(p.array.shape).astype(p.array.dtype)
            p.version[0] += 1
            start += n

    def _value(self, closure: Callable[[], Any]) -> float:
        with enable_grad():
            result = closure()
        array = result.array.astype(np.float64)
        return float(array) if array.ndim == 0 else 0.5 * float((array**2).sum())


class Newton(SecondOrder):
    """θ ← θ − lr · |H + damping·I|⁻¹ ∇L, H the Hessian of the loss.

    |H| has the absolute values of H's eigenvalues: where the loss curves downwards the step still descends. If the loss
    would rise, the step is halved, up to ten times. ``closure`` returns the loss; it does not call ``backward()``.
    On a quadratic loss one step suffices:

    >>> x, y = torch.tensor([1., 2., 3., 4.]), torch.tensor([2., 4., 6., 8.])
    >>> w = torch.tensor(0.0, requires_grad=True)
    >>> optimizer = torch.optim.Newton([w])
    >>> loss = optimizer.step(lambda: ((w * x - y) ** 2).mean()); w
    tensor(2., requires_grad=True)
    """

    def __init__(self, params: Any, lr: float = 1.0, damping: float = 0.0) -> None:
        require_at_least(0, {"learning rate": lr, "damping": damping})
        super().__init__(params, dict(lr=lr, damping=damping))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One Newton step; returns the loss before it."""
        loss = self._evaluate(closure, "loss")
        assert closure is not None
        group = self.param_groups[0]
        try:
            slopes = grad(loss, self._params, create_graph=True, allow_unused=True)
        except GradientError as error:
            raise GradientError(
                message(
                    "Newton needs the graph of the loss, and it has been freed",
                    "the closure called backward()",
                    "return the loss only: optimizer.step(lambda: loss_fn(model(x), y))",
                )
            ) from error
        g = self._vector(slopes)
        values, vectors = np.linalg.eigh(self._hessian(slopes))
        curvature = np.abs(values + group["damping"])
        floor = np.finfo(np.float32).eps * max(curvature.max(initial=0.0), 1e-30)
        step = float(group["lr"]) * (vectors @ ((vectors.T @ g) / np.maximum(curvature, floor) * (curvature > floor)))
        before = float(loss.array)
        self._subtract(step)
        for _ in range(10):
            after = self._value(closure)
            if after <= before or not np.isfinite(before):
                break
            step = step / 2
            self._subtract(-step)  # halfway back
        return loss.detach()

    def facts(self, closure: Callable[[], Any]) -> list[Term]:
        from .telling import Term

        slopes = grad(self._evaluate(closure, "loss"), self._params, create_graph=True, allow_unused=True)
        return [
            Term("∇", Symbol("∂L/∂θ", r"\frac{\partial L}{\partial\theta}"), self._vector(slopes)),
            Term("H", Symbol("∂²L/∂θ²", r"\frac{\partial^2 L}{\partial\theta^2}"), self._hessian(slopes)),
        ]

    def formula(self) -> Any:
        lr, damping = self.param_groups[0]["lr"], self.param_groups[0]["damping"]
        inner = "H + damping · I" if damping else "H"
        return Number(float(lr)) * Symbol(f"|{inner}|⁻¹ ∇", rf"|{inner.replace(' · ', ' ')}|^{{-1}} \nabla L")

    def _hessian(self, slopes: Any) -> np.ndarray:
        size = sum(p.array.size for p in self._params)
        blocks = [
            np.zeros((p.array.size, size)) if s is None else matrix(s, self._params) for p, s in zip(self._params, slopes)
        ]
        full = np.concatenate(blocks)
        return (full + full.T) / 2


class GaussNewton(SecondOrder):
    """θ ← θ − lr · (JᵀJ + damping·I)⁻¹ Jᵀ r, for a loss ½ Σ r² of residuals r with Jacobian J.

    ``closure`` returns the residuals (prediction − target), not the loss.

    >>> x, y = torch.tensor([1., 2., 3., 4.]), torch.tensor([2., 4., 6., 8.])
    >>> w = torch.tensor(0.0, requires_grad=True)
    >>> optimizer = torch.optim.GaussNewton([w])
    >>> loss = optimizer.step(lambda: w * x - y); w
    tensor(2., requires_grad=True)
    """

    def __init__(self, params: Any, lr: float = 1.0, damping: float = 0.0) -> None:
        require_at_least(0, {"learning rate": lr, "damping": damping})
        super().__init__(params, dict(lr=lr, damping=damping))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step; returns ½ Σ r² before it."""
        r = self._evaluate(closure, "residuals")
        group = self.param_groups[0]
        jacobian, residuals = self._jacobian(r), r.array.reshape(-1).astype(np.float64)
        self._subtract(float(group["lr"]) * solve(jacobian, residuals, group["damping"]))
        return (r.detach() ** 2).sum() * 0.5

    def facts(self, closure: Callable[[], Any]) -> list[Term]:
        from .telling import Term

        r = self._evaluate(closure, "residuals")
        return [
            Term("r", Symbol("residuals", r"\text{residuals}"), r.array.reshape(-1)),
            Term("J", Symbol("∂r/∂θ", r"\frac{\partial r}{\partial\theta}"), self._jacobian(r)),
        ]

    def formula(self) -> Any:
        lr, damping = self.param_groups[0]["lr"], self.param_groups[0]["damping"]
        inner = "JᵀJ + damping · I" if damping else "JᵀJ"
        tex = r"J^\top J + \mathrm{damping} I" if damping else r"J^\top J"
        return Number(float(lr)) * Symbol(f"({inner})⁻¹ Jᵀ r", rf"({tex})^{{-1}} J^\top r")

    def _jacobian(self, r: Any) -> np.ndarray:
        """∂r/∂θ: by rows, one for each residual, or by columns, one for each parameter, whichever are fewer."""
        if r.array.size <= sum(p.array.size for p in self._params):
            return matrix(r, self._params)
        u: Any = wrap(np.zeros_like(r.array))
        u.requires_grad_()
        rows = grad(r, self._params, u, create_graph=True, allow_unused=True)  # uᵀJ, which is linear in u
        columns = [
            np.zeros((p.array.size, r.array.size)) if row is None else matrix(row, [u]) for p, row in zip(self._params, rows)
        ]
        return np.concatenate(columns).T


def matrix(y: Any, xs: Any) -> np.ndarray:
    """∂y/∂x, a row for each entry of y and a column for each entry of all the x."""
    from ..tensors.derivatives import rows_of  # only a step of these optimizers loads it

    parts = rows_of(y, tuple(xs), False, False)
    return np.concatenate([d.array.reshape(y.array.size, -1) for d in parts], 1, dtype=np.float64)


def solve(jacobian: np.ndarray, residuals: np.ndarray, damping: float) -> np.ndarray:
    """(JᵀJ + damping·I)⁻¹ Jᵀ r as a least-squares problem, which keeps twice the digits of forming JᵀJ."""
    if damping:
        jacobian = np.vstack([jacobian, np.sqrt(damping) * np.eye(jacobian.shape[1])])
        residuals = np.concatenate([residuals, np.zeros(jacobian.shape[1])])
    return np.linalg.lstsq(jacobian, residuals, rcond=None)[0]


class LevenbergMarquardt(GaussNewton):
    """Gauss–Newton whose damping adapts (Marquardt, 1963): less of it after a step that helped, more until one does.

    >>> x = torch.linspace(0, 1, 20)
    >>> y = torch.exp(1.5 * x)
    >>> a = torch.tensor(0.0, requires_grad=True)
    >>> optimizer = torch.optim.LevenbergMarquardt([a])
    >>> for _ in range(10): loss = optimizer.step(lambda: torch.exp(a * x) - y)
    >>> a
    tensor(1.5000, requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: float = 1.0, damping: float = 1e-3, factor: float = 10.0, max_tries: int = 12
    ) -> None:
        require_at_least(0, {"learning rate": lr, "damping": damping})
        if not factor > 1:
            raise ValueError(
                f"Invalid factor: {factor}: the damping is multiplied and divided by it, so it must be above 1"
            )
        SecondOrder.__init__(self, params, dict(lr=lr, damping=damping, factor=factor, max_tries=max_tries))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step that lowers ½ Σ r², or none if no damping gives one; returns ½ Σ r² before it."""
        r = self._evaluate(closure, "residuals")
        assert closure is not None
        group = self.param_groups[0]
        jacobian, residuals = self._jacobian(r), r.array.reshape(-1).astype(np.float64)
        before = 0.5 * float(residuals @ residuals)
        for _ in range(group["max_tries"]):
            step = float(group["lr"]) * solve(jacobian, residuals, group["damping"])
            self._subtract(step)
            if self._value(closure) <= before:
                group["damping"] /= group["factor"]
                break
            self._subtract(-step)
            group["damping"] = max(group["damping"], 1e-12) * group["factor"]
        return (r.detach() ** 2).sum() * 0.5
