"""An update told term by term: the same lines of an optimizer's ``terms`` read on symbols, on numbers, and on arrays.

An optimizer says its mathematics once more, as its paper does, in a generator that yields (name, expression) and gets
back what to call it from then on::

    def terms(self, on):
        m = yield "m", β₁ · on.state["exp_avg"] + (1 − β₁) · on.g
        …
        yield "Δ", on["lr"] · m̂ / (√v̂ + on["eps"])

Read on symbols these are the formulas; on the arrays of a parameter, the values. What the parameter becomes is found by
taking the step with a copy; tests hold the two to each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from copy import deepcopy
from html import escape
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import message
from ..graph.expr import ATOM, SIGN, Number, Symbol, expr, text
from ..graph.value import Leaf, Value, wrap
from ..tensors.random import default_generator

if TYPE_CHECKING:
    from .optimizer import Group, Optimizer

Terms = Generator[tuple[str, Any], Any, None]

# Settings, and the state before the step: what they are called in formulas, and in LaTeX.
NAMES: dict[str, Any] = {
    "lr": ("lr", r"\mathrm{lr}"), "weight_decay": ("λ", r"\lambda"), "momentum": ("μ", r"\mu"),
    "dampening": ("τ", r"\tau"), "eps": ("ε", r"\varepsilon"), "alpha": ("α", r"\alpha"), "rho": ("ρ", r"\rho"),
    "lr_decay": ("lr_decay", r"\mathrm{lr\_decay}"), "momentum_decay": ("ψ", r"\psi"), "lambd": ("λ₀", r"\lambda_0"),
    "beta2_decay": ("τ", r"\tau"), "d": ("d", "d"), "row_var": ("R₋", "R_-"), "col_var": ("C₋", "C_-"), "variance": ("V₋", "V_-"),
    "exp_avg": ("m₋", "m_-"), "exp_avg_sq": ("v₋", "v_-"), "max_exp_avg_sq": ("v̄₋", r"\bar v_-"),
    "exp_inf": ("u₋", "u_-"), "momentum_buffer": ("b₋", "b_-"), "square_avg": ("v₋", "v_-"), "sum": ("s₋", "s_-"),
    "grad_avg": ("ḡ₋", r"\bar g_-"), "acc_delta": ("u₋", "u_-"), "prev": ("g₋", "g_-"), "ax": ("a₋", "a_-"),
    "step_size": ("σ₋", r"\sigma_-"), "mu_product": ("Πμ", r"\Pi\mu"), "eta": ("η", r"\eta"), "mu": ("μ", r"\mu"),
}  # fmt: skip
PAIRS: dict[str, Any] = {
    "betas": (("β₁", r"\beta_1"), ("β₂", r"\beta_2")), "etas": (("η₋", r"\eta_-"), ("η₊", r"\eta_+")),
    "eps": (("ε₁", r"\varepsilon_1"), ("ε₂", r"\varepsilon_2")),
}  # fmt: skip
TEX = {"θ": r"\theta", "Δ": r"\Delta", "m̂": r"\hat m", "v̂": r"\hat v", "v̄": r"\bar v", "ḡ": r"\bar g", "σ": r"\sigma",
       "μₜ": r"\mu_t", "μₜ₊₁": r"\mu_{t+1}", "ρₜ": r"\rho_t", "ρ∞": r"\rho_\infty", "±": r"\pm", "−g": "-g", "δ": r"\delta",
       "∇": r"\nabla L", "lrₜ": r"\mathrm{lr}_t", "β̃": r"\tilde\beta", "α": r"\alpha", "Û": r"\hat U", "b̃": r"\tilde b"}  # fmt: skip


def named(name: str) -> Symbol:
    return Symbol(name, TEX.get(name, name))


class Reading:
    """What ``terms`` is read on: parameter ``p``, gradient ``g``, ``state`` before the step, settings by name, step ``t``."""

    def __init__(
        self, p: Any, g: Any, state: dict[str, Any], settings: dict[str, Any], t: Any, group: Group, count: int
    ) -> None:
        self.p, self.g, self.state, self.settings, self.t = p, g, state, settings, t
        self.group, self.count = group, count  # as they are, to decide which terms there are

    def __getitem__(self, setting: str) -> Any:
        return self.settings[setting]


class Term:
    """One line: ``name`` = ``formula`` = ``numbers`` = ``value``; ``numbers`` only where the value is a single number."""

    def __init__(self, name: str, expression: Any, value: Any, substituted: Any = None) -> None:
        self.name, self.expression, self.value, self.substituted = (
            name,
            expr(expression),
            np.asarray(value),
            substituted,
        )

    @property
    def formula(self) -> str:
        return text(self.expression)

    @property
    def numbers(self) -> str:
        return "" if self.substituted is None else text(expr(self.substituted))

    def line(self) -> str:
        shown = [self.name, self.formula, *([self.numbers] if self.numbers else []), amount(self.value)]
        return " = ".join(part for i, part in enumerate(shown) if not i or part != shown[i - 1])

    def latex(self) -> str:
        value = f" = {amount(self.value)}".replace("−", "-") if self.value.size == 1 else ""
        return rf"{TEX.get(self.name, self.name)} &= {text(self.expression, True)}{value}"


class Update:
    """The update of one parameter: ``terms``, and ``before`` − ``step`` = ``after``, which are exactly the optimizer's.

    ``step`` is held in float64, in which the difference of two smaller floating-point numbers is exact.
    """

    def __init__(self, name: str, terms: list[Term], before: np.ndarray, after: np.ndarray) -> None:
        self.name, self.terms, self.before, self.after = name, terms, before, after
        self.step = before.astype(np.float64) - after.astype(np.float64)

    def lines(self) -> Iterator[str]:
        yield f"θ = {self.name} = {amount(self.before)}"
        yield from (term.line() for term in self.terms)
        values = f" = {amount(self.before)} − {bracketed(amount(self.step))} = {amount(self.after)}"
        yield "θ ← θ − Δ" + (values if self.before.size == 1 else f" = {amount(self.after)}")

    def latex(self) -> str:
        value = f" = {amount(self.after)}".replace("−", "-") if self.after.size == 1 else ""
        lines = [*[term.latex() for term in self.terms], rf"\theta &\leftarrow \theta - \Delta{value}"]
        return "$$\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}$$"


class StepExplanation:
    """What `Optimizer.explain_step` found: ``updates``, one for each parameter; ``title`` says the optimizer and the step."""

    def __init__(self, title: str, updates: list[Update]) -> None:
        self.title, self.updates = title, updates

    def __str__(self) -> str:
        blocks = ["\n".join(f"   {line}" for line in update.lines()) for update in self.updates]
        return "\n\n".join([self.title + "\n" + blocks[0], *blocks[1:]])

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return "\n".join(update.latex() for update in self.updates)

    def to_html(self) -> str:
        """One piece of HTML that needs no other file."""
        blocks = "".join(
            f"<details open><summary>{escape(u.name)}</summary><pre>{escape(chr(10).join(u.lines()))}</pre></details>"
            for u in self.updates
        )
        return f"<div><b>{escape(self.title)}</b>{blocks}</div>"

    _repr_html_ = to_html


def amount(array: Any) -> str:
    """A number, few entries, or a summary, with true minus signs."""
    a = np.asarray(array)
    if a.size == 1:
        shown = f"{a.reshape(-1)[0]:.6g}"
    elif 0 < a.size <= 6 and a.ndim <= 2:
        shown = str([[f"{x:.5g}" for x in row] for row in a] if a.ndim == 2 else [f"{x:.5g}" for x in a]).replace(
            "'", ""
        )
    elif a.size == 0:
        shown = "no entries"
    else:
        norm = float(np.linalg.norm(a.reshape(-1).astype(np.float64)))
        shown = f"({'×'.join(map(str, a.shape))}: mean {a.mean():.4g}, from {a.min():.4g} to {a.max():.4g}, norm {norm:.4g})"
    return shown.replace("-", "−")


def bracketed(s: str) -> str:
    return f"({s})" if s.startswith("−") else s


# ---------------------------------------------------------------------- reading an optimizer's terms


def told(optimizer: Optimizer, group: Group, p: Any, index: Any, name: str) -> Update:
    """The update of a parameter that the optimizer's next step will make; nothing is changed."""
    state, count, numbers = state_before(optimizer, group, p)
    used = optimizer.advance(dict(numbers), group, count) if numbers else {}
    maximize = bool(group.get("maximize", False))

    def part(a: Any) -> np.ndarray:
        return np.asarray(a)[index] if index is not None else np.asarray(a)

    read = part if optimizer.elementwise else np.asarray  # a rule for whole matrices is told of the whole matrix
    x, g = read(p.array).astype(np.float64), read(p._grad.array).astype(np.float64)
    before = {n: read(s) for n, s in state.items()} | used
    terms = in_step(optimizer, group, [x, -g if maximize else g], before, count, maximize)
    return Update(name, terms, part(p.array).copy(), part(stepped(optimizer, group, p)))


def stepped(optimizer: Optimizer, group: Group, p: Any) -> np.ndarray:
    """A parameter as the next step will leave it: a twin of the optimizer takes the step with a twin of the parameter."""
    twin = wrap(p.array.copy())
    twin.node = Leaf(twin)
    twin._grad = wrap(p._grad.array.copy())
    known = optimizer.state[p] if p in optimizer.state else {}
    state = {n: wrap(v.array.copy()) if isinstance(v, Value) else deepcopy(v) for n, v in known.items()}
    other = object.__new__(type(optimizer))
    other.__dict__.update(optimizer.__dict__)
    other.state = defaultdict(dict, {twin: state} if state else {})
    other.param_groups, other._packs, other._within = [{**group, "params": [twin]}], {}, True
    other.step()
    return np.asarray(twin.array)


def state_before(optimizer: Optimizer, group: Group, p: Any) -> tuple[dict[str, np.ndarray], int, dict[str, float]]:
    """The state arrays of a parameter as they are now, the number of the step to come, and the numbers of the state."""
    from .packs import numbers_of

    known = optimizer.state[p] if p in optimizer.state else {}
    arrays = optimizer.fresh(p.array, group)
    for name in arrays:
        old = known.get(name)
        if old is not None:
            arrays[name] = np.array(old.array)
    steps = int(known.get("step", 0)) if optimizer.counts_steps else int(known.get("momentum_buffer") is not None)
    return arrays, (steps if arrays else 0) + 1, numbers_of(optimizer, group, p)


def settings(group: Group, make: Any) -> dict[str, Any]:
    """The group's settings that are numbers (or pairs of them), as ``make`` reads them."""
    found: dict[str, Any] = {}
    for name, value in group.items():
        if name in PAIRS and isinstance(value, (tuple, list)):
            found[name] = tuple(None if v is None else make(PAIRS[name][i], v) for i, v in enumerate(value))
        elif name in NAMES and isinstance(value, (int, float, Value)):
            found[name] = make(NAMES[name], float(value))  # type: ignore[arg-type]
    return found


def in_step(
    optimizer: Optimizer, group: Group, values: list[Any], state: dict[str, Any], t: int, maximize: bool
) -> list[Term]:
    """The optimizer's terms, read on symbols and on values side by side (of a single number, also with it put in)."""

    x, g = values
    wide = {n: np.asarray(s, np.float64) for n, s in state.items()}
    symbols = {n: Symbol(*NAMES.get(n, (n,))) for n in state}
    readings = [
        Reading(named("θ"), named("g"), symbols, settings(group, lambda name, v: Symbol(*name)), named("t"), group, t),
        Reading(x, g, wide, settings(group, lambda name, v: v), t, group, t),
    ]
    single = x.size == 1
    if single:
        numbers = {n: one(s) for n, s in wide.items()}
        put_in = settings(group, lambda name, v: one(v))
        readings.append(Reading(one(x), one(g), numbers, put_in, Number(t), group, t))
    slope = Symbol("∂L/∂θ", r"\frac{\partial L}{\partial\theta}")
    found = [Term("g", -slope if maximize else slope, g)]
    runs = [optimizer.terms(reading) for reading in readings]
    answers: list[Any] = [None] * len(runs)
    while True:
        try:
            (name, formula), *others = [run.send(answer) for run, answer in zip(runs, answers)]
        except StopIteration:
            return found
        value = others[0][1]
        found.append(Term(name, formula, value, others[1][1] if single else None))
        answers = [named(name), value] + ([one(value)] if single else [])


def one(value: Any) -> Symbol:
    """A number put into a formula: shown in six digits, and never reckoned with (1 · x stays 1 · x)."""
    shown = amount(np.asarray(value).reshape(-1)[0])
    return Symbol(shown, shown.replace("−", "-"), SIGN if shown.startswith("−") else ATOM)


# ---------------------------------------------------------------------- steps that evaluate the loss themselves


def tried_out(optimizer: Optimizer, closure: Callable[[], Any] | None) -> Callable[[Any, Any, str], Update]:
    """Take the step, note what it did to each parameter, and put everything back."""
    params = [p for group in optimizer.param_groups for p in group["params"]]
    kept = [
        (p, p.array.copy(), p.version[0], p._grad, None if p._grad is None else p._grad.array.copy()) for p in params
    ]
    state = {p: deepcopy(s) for p, s in optimizer.state.items()}
    groups = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    stream = default_generator.get_state()
    optimizer._within = True  # so that the program's hooks on steps are not called
    try:
        terms = optimizer.facts(closure) if closure is not None else []
        optimizer.step(*([] if closure is None else [closure]))
        after = {id(p): p.array.copy() for p in params}
    finally:
        optimizer._within = False
        for p, x, version, grad, g in kept:
            p.array[...], p.version[0], p._grad = x, version, grad
            if g is not None:
                grad.array[...] = g
        optimizer.state.clear()
        optimizer.state.update(state)
        for group, old in zip(optimizer.param_groups, groups):
            group.update(old)
        default_generator.set_state(stream)

    def update(p: Any, index: Any, name: str) -> Update:
        whole = ... if index is None else index
        before, end = np.asarray(p.array[whole]).copy(), np.asarray(after[id(p)][whole])
        step = before.astype(np.float64) - end.astype(np.float64)
        return Update(name, [*terms, Term("Δ", optimizer.formula(), step)], before, end)

    return update


def base() -> type[Optimizer]:
    from .optimizer import Optimizer

    return Optimizer


# ---------------------------------------------------------------------- the door


def explain_step(
    optimizer: Optimizer, param: Any = None, closure: Callable[[], Any] | None = None, caller: FrameType | None = None
) -> StepExplanation:
    """`Optimizer.explain_step`; parameters are called as in the caller's frame."""
    names = names_in(caller)
    p, index = param if isinstance(param, tuple) else (param, None)
    updates, missing = [], 0
    tried = tried_out(optimizer, closure) if type(optimizer).step is not base().step else None
    for i, group in enumerate(optimizer.param_groups):
        for k, q in enumerate(group["params"]):
            if p is not None and q is not p:
                continue
            if q._grad is None and tried is None:
                missing += 1
                continue
            own = (
                group.get("param_names", [None] * (k + 1))[k]
                or names.get(id(q))
                or f"parameter {k + 1} of group {i + 1}"
            )
            label = (
                own if index is None else f"{own}[{', '.join(map(str, index)) if isinstance(index, tuple) else index}]"
            )
            updates.append(told(optimizer, group, q, index, label) if tried is None else tried(q, index, label))
    if not updates:
        raise no_update(optimizer, p, missing)
    if tried is not None:
        return StepExplanation(type(optimizer).__name__, updates)
    counts = {
        state_before(optimizer, g, q)[1] for g in optimizer.param_groups for q in g["params"] if q._grad is not None
    }
    which = f", step {counts.pop()}" if optimizer.counts_steps and len(counts) == 1 else ""
    return StepExplanation(f"{type(optimizer).__name__}{which}", updates)


def names_in(frame: FrameType | None) -> dict[int, str]:
    """What the variables of a function call tensors, and the modules among them their parameters, by ``id``."""
    found: dict[int, str] = {}
    scopes = [] if frame is None else [frame.f_locals, frame.f_globals]
    things = [(name, thing) for scope in scopes for name, thing in list(scope.items()) if not name.startswith("_")]
    for _, thing in things:
        if hasattr(type(thing), "named_parameters"):
            for path, p in thing.named_parameters():
                found.setdefault(id(p), path)
    for name, thing in things:
        if isinstance(thing, Value):
            found.setdefault(id(thing), name)
    return found


def no_update(optimizer: Optimizer, p: Any, missing: int) -> Exception:
    """The error where no parameter would be updated."""
    if p is not None and not isinstance(p, Value):
        return TypeError(
            message(
                f"explain_step() takes a parameter of the optimizer, or (parameter, index), but got {type(p).__name__}",
                instead="optimizer.explain_step(model.weight), optimizer.explain_step((w, (3, 5)))",
            )
        )
    if missing:
        return RuntimeError(
            message(
                "there is no gradient yet, so the step would leave the parameter as it is"
                if p is not None
                else "no parameter has a gradient yet, so the step would change nothing",
                "explain_step() tells the step that optimizer.step() is about to take",
                "loss.backward(); optimizer.explain_step(); optimizer.step(), with zero_grad() after these",
            )
        )
    return ValueError(
        message(
            "this tensor is not one of the optimizer's parameters",
            "its groups hold other tensors",
            f"{type(optimizer).__name__}([w], …), with the same tensor w",
        )
    )
