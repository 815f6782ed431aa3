"""L-BFGS (Liu & Nocedal, 1989): a quasi-Newton method that remembers the last few steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.expr import Symbol
from ..tensors.grad_mode import enable_grad
from .line_search import strong_wolfe
from .optimizer import Optimizer

if TYPE_CHECKING:
    from .telling import Term


class LBFGS(Optimizer):
    """θ ← θ − t · H g, where H approximates the inverse Hessian from the last ``history_size`` steps.

    ``step(closure)`` evaluates the loss several times: ``closure`` clears the gradients, computes the loss, calls
    ``backward()`` and returns it. ``line_search_fn="strong_wolfe"`` chooses t; otherwise it is ``lr``.

    >>> w = torch.tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = torch.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> _ = optimizer.step(closure); w
    tensor([1.0000, 1.0000], requires_grad=True)
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if not lr >= 0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if line_search_fn not in (None, "strong_wolfe"):
            raise RuntimeError(f"only 'strong_wolfe' is supported as line_search_fn, not {line_search_fn!r}")
        super().__init__(
            params,
            dict(
                lr=lr,
                max_iter=max_iter,
                max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
                tolerance_grad=tolerance_grad,
                tolerance_change=tolerance_change,
                history_size=history_size,
                line_search_fn=line_search_fn,
            ),
        )
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _gradient(self) -> np.ndarray:
        return np.concatenate(
            [
                np.zeros(p.array.size, p.array.dtype) if p._grad is None else p._grad.array.reshape(-1)
                for p in self._params
            ]
        )

    def _move(self, t: float, d: np.ndarray) -> None:
        start = 0
        for p in self._params:
            n = p.array.size
            p.array += np.asarray(t, d.dtype) * d[start : start + n].reshape(p.array.shape)
            p.version[0] += 1
            start += n

    def _put(self, values: list[np.ndarray]) -> None:
        for p, x in zip(self._params, values):
            p.array[...] = x
            p.version[0] += 1

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take up to ``max_iter`` quasi-Newton steps; returns the loss before the first."""
        if closure is None:
            raise TypeError(
                "LBFGS.step() missing 1 required positional argument: 'closure'. It evaluates the loss several times."
            )
        evaluate_loss = enable_grad()(closure)
        group, state = self.param_groups[0], self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = evaluate_loss()
        loss, evaluations = float(first), 1
        state["func_evals"] += 1
        g = self._gradient()
        if np.abs(g).max() <= group["tolerance_grad"]:
            return first
        memory = Memory(state, group["history_size"])
        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            d = memory.direction(g, state["n_iter"])
            before_g, before_loss = g.copy(), loss
            t = (
                min(1.0, 1.0 / float(np.abs(g).sum())) * float(group["lr"])
                if state["n_iter"] == 1
                else float(group["lr"])
            )
            slope = float(g.dot(d))
            if slope > -group["tolerance_change"]:
                memory.keep(d, t, before_g, before_loss)
                break
            used = 0
            if group["line_search_fn"] == "strong_wolfe":
                origin = [p.array.copy() for p in self._params]

                def at(length: float) -> tuple[float, np.ndarray]:
                    self._move(length, d)  # noqa: B023
                    value = float(evaluate_loss())
                    gradient = self._gradient()
                    self._put(origin)  # noqa: B023
                    return value, gradient

                loss, g, t, used = strong_wolfe(at, t, d, loss, g, slope)
                self._move(t, d)
                flat = np.abs(g).max() <= group["tolerance_grad"]
            else:
                self._move(t, d)
                flat = False
                if iterations != group["max_iter"]:
                    loss = float(evaluate_loss())
                    g = self._gradient()
                    flat = np.abs(g).max() <= group["tolerance_grad"]
                    used = 1
            evaluations += used
            state["func_evals"] += used
            memory.keep(d, t, before_g, before_loss)
            if (
                iterations == group["max_iter"]
                or evaluations >= group["max_eval"]
                or flat
                or np.abs(d * t).max() <= group["tolerance_change"]
                or abs(loss - before_loss) < group["tolerance_change"]
            ):
                break
        return first

    def facts(self, closure: Callable[[], Any]) -> list[Term]:
        from .telling import Term

        enable_grad()(closure)()
        return [Term("g", Symbol("∂L/∂θ", r"\frac{\partial L}{\partial\theta}"), self._gradient())]

    def formula(self) -> Any:
        most = self.param_groups[0]["max_iter"]
        return Symbol(f"Σ t · H · g over at most {most} iterations", rf"\sum t H g \text{{ over at most {most} iterations}}")


class Memory:
    """The last steps s and changes of gradient y, which stand for the inverse Hessian."""

    def __init__(self, state: dict[str, Any], size: int) -> None:
        self.state, self.size = state, size

    def direction(self, g: np.ndarray, n: int) -> np.ndarray:
        """−H g by the two-loop recursion."""
        state = self.state
        if n == 1:
            state["old_dirs"], state["old_stps"], state["ro"], state["H_diag"] = [], [], [], 1.0
            return -g
        y = g - state["prev_flat_grad"]
        s = state["d"] * np.asarray(state["t"], g.dtype)
        ys = float(y.dot(s))
        if ys > 1e-10:
            if len(state["old_dirs"]) == self.size:
                for name in ("old_dirs", "old_stps", "ro"):
                    state[name].pop(0)
            state["old_dirs"].append(y)
            state["old_stps"].append(s)
            state["ro"].append(1.0 / ys)
            state["H_diag"] = ys / float(y.dot(y))
        q, shares = -g, []
        for y, s, rho in zip(reversed(state["old_dirs"]), reversed(state["old_stps"]), reversed(state["ro"])):
            share = float(s.dot(q)) * rho
            shares.append(share)
            q = q - np.asarray(share, g.dtype) * y
        d = q * np.asarray(state["H_diag"], g.dtype)
        for y, s, rho, share in zip(state["old_dirs"], state["old_stps"], state["ro"], reversed(shares)):
            d = d + s * np.asarray(share - float(y.dot(d)) * rho, g.dtype)
        return d

    def keep(self, d: np.ndarray, t: float, g: np.ndarray, loss: float) -> None:
        self.state.update(d=d, t=t, prev_flat_grad=g, prev_loss=loss)
