"""Parameters that training does not reach: in no optimizer, without gradient, replaced, or hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...graph.value import Leaf, Value
from ...nn.module import Module
from ..finding import Finding, hint, sure
from ..record import Run, Steps, Weight

PASSES = 3  # fewer show too little


def check(run: Run) -> Iterator[Finding]:
    held = {id(p) for steps in run.optimizers for p in steps.weights()}
    hidden = list(hidden_parameters(run))
    yield from in_a_list(run, hidden, held)
    if any(steps.count for steps in run.optimizers):
        foreign = [s for s in run.optimizers if holds_others(run, s, held)]
        for steps in foreign:
            yield others(run, steps, held)
        yield from outside(run, held, {id(p) for _, _, p in hidden})
        if not foreign:
            yield from unreached(run)
    yield from rebound(run)


# ---------------------------------------------------------------------- D05


def holds_others(run: Run, steps: Steps, held: set[int]) -> bool:
    """All steps without any gradient, while gradients arrive at parameters that no optimizer holds."""
    elsewhere = any(w.fed and w.model and not w.moves and id(w.tensor) not in held for w in run.weights.values())
    return steps.count >= 2 and not steps.passes and not steps.closures and elsewhere


def others(run: Run, steps: Steps, held: set[int]) -> Finding:
    trained = [w for w in run.weights.values() if w.fed and w.model and id(w.tensor) not in held]
    same = [w for w in trained if any(p.array.shape == w.shape for p in steps.weights())]
    return sure(
        "D05", steps.line,
        f"none of the {len(steps.weights())} parameters of this {steps.kind} ever got a gradient; "
        f"{len(trained)} others did, {len(same)} of them of the same shapes",
        f"optim.{steps.kind}(model.parameters(), …) with the model that is trained, after it is complete",
        steps=steps.count, parameters=len(steps.weights()), trained_elsewhere=len(trained),
    )  # fmt: skip


# ---------------------------------------------------------------------- D06


def outside(run: Run, held: set[int], hidden: set[int]) -> Iterator[Finding]:
    """Gradients arrive at a parameter of a model that is trained, no optimizer has it, and it stays as it is."""
    trained = {w for w in run.weights.values() if id(w.tensor) in held and w.fed}
    for module in list(run.models.values()):
        own = [(n, p) for n, p in module.named_parameters() if type(p.node) is Leaf]
        if not any(run.weights.get(p.node) in trained for _, p in own):
            continue
        left = [
            (n, w) for n, p in own
            if (w := run.weights.get(p.node)) and w.fed >= PASSES and not w.moves and id(p) not in held and id(p) not in hidden
        ]  # fmt: skip
        together = [
            (n, w)
            for n, w in left
            if any(set(p.weights) & trained and w in p.weights for p in run.passes if not p.capture)
        ]
        if together:
            yield left_out(run, module, [n for n, _ in together], together[0][1].fed)
            return


def left_out(run: Run, module: Module, names: list[str], fed: int) -> Finding:
    """Layers that are left out as a whole may be left out on purpose; part of a layer is not, nor what took a layer's place."""
    owners = {n.rpartition(".")[0] for n in names}
    every = [n for n, _ in module.named_parameters() if n.rpartition(".")[0] in owners]
    replaced = any(not w.passes for s in run.optimizers for p in s.weights() if (w := run.weights.get(p.node)))
    made = hint if set(every) == set(names) and "" not in owners and not replaced else sure
    own = {id(p) for p in module.parameters()}
    steps = next((s for s in run.optimizers if any(id(p) in own for p in s.weights())), run.optimizers[0])
    return made(
        "D06", steps.line,
        f"{', '.join(names[:4])} of {type(module).__name__}: {fed} gradients arrived, and no optimizer holds "
        f"{'it' if len(names) == 1 else 'them'}",
        "optim.…(model.parameters()) with all of the model; requires_grad_(False) for what shall stay as it is",
        parameters=len(names), passes=fed,
    )  # fmt: skip


# ---------------------------------------------------------------------- D07


def unreached(run: Run) -> Iterator[Finding]:
    """In an optimizer that steps, and never reached by a backward pass."""
    for steps in run.optimizers:
        if steps.count < 2 or steps.closures and not steps.passes:
            continue
        weights = [w for p in steps.weights() if (w := run.weights.get(p.node))]
        missing = [w for w in weights if not w.passes]
        total = sum(not p.capture for p in run.passes)
        if (
            not missing
            or total < PASSES
            or captured(run, missing)
            or any(p._grad is not None for p in tensors(missing))
        ):
            continue
        if not steps.passes and not any(not p.capture and loose(run, p.weights) for p in run.passes):
            continue
        cut = (
            ""
            if steps.passes
            else "; the loss is cut off from the model: .detach(), .data, .item() or torch.tensor(loss) on the way"
        )
        names = [run.name_of(w) for w in missing]
        yield sure(
            "D07", steps.line,
            f"no backward pass reached {', '.join(names[:4])}{' …' if len(names) > 4 else ''} ({len(missing)} of {len(weights)} "
            f"parameters) in {total} passes{cut}",
            "use the layer in forward(), and no .detach(), .data, .item() or .numpy() between it and the loss",
            unreached=len(missing), parameters=len(weights), passes=total,
        )  # fmt: skip


def loose(run: Run, weights: tuple[Weight, ...]) -> bool:
    """Whether a backward pass ended in tensors that belong to no model and no optimizer, and that nobody changes."""
    held = {run.weights.get(p.node) for steps in run.optimizers for p in steps.weights()}
    return not any(w in held or w.model or w.moves for w in weights)


def captured(run: Run, missing: list[Weight]) -> bool:
    """Whether the program takes their gradients by autograd.grad."""
    return any(p.capture and set(p.weights) & set(missing) for p in run.passes)


def tensors(weights: list[Weight]) -> list[Any]:
    return [t for w in weights if (t := w.tensor) is not None]


# ---------------------------------------------------------------------- D08


def hidden_parameters(run: Run) -> Iterator[tuple[Module, str, Any]]:
    """(module, attribute, parameter) for parameters in lists, tuples and dicts that the module does not know of."""
    for module in list(run.models.values()):
        if type(module).__module__.startswith("chainrule."):
            continue
        known = {id(p) for p in module.parameters()}
        for name, value in vars(module).items():
            if name.startswith("_") and name[1:2] != "_" and name in ("_parameters", "_buffers", "_modules"):
                continue
            for p in parameters_in(value, 2):
                if id(p) not in known:
                    yield module, name, p


def parameters_in(value: Any, depth: int) -> Iterator[Any]:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    for entry in entries:
        if isinstance(entry, Module):
            yield from entry.parameters()
        elif isinstance(entry, Value):
            if type(entry.node) is Leaf:
                yield entry
        elif depth:
            yield from parameters_in(entry, depth - 1)


def in_a_list(run: Run, hidden: list[tuple[Module, str, Any]], held: set[int]) -> Iterator[Finding]:
    loose = [(m, n, p) for m, n, p in hidden if id(p) not in held and not moves(run, p)]
    used = [(m, n, p) for m, n, p in loose if (w := run.weights.get(p.node)) and w.fed or run.error is not None]
    if used and (run.optimizers or "empty parameter list" in str(run.error)):
        module, name, _ = used[0]
        line = run.optimizers[0].line if run.optimizers else run.error_line
        found = len(list(module.parameters()))
        yield sure(
            "D08", line,
            f"{type(module).__name__}.{name} holds {len(used)} parameters in a plain container; parameters() finds {found}, without them",
            f"self.{name} = nn.ModuleList([…]) (nn.ModuleDict, nn.ParameterList)",
            hidden=len(used), found=found,
        )  # fmt: skip


def moves(run: Run, p: Any) -> bool:
    w = run.weights.get(p.node)
    return w is not None and w.moves > 0


# ---------------------------------------------------------------------- D09


def rebound(run: Run) -> Iterator[Finding]:
    for read in run.rebound:
        if read["parameter"] and read["op"] in ("Sub", "Add", "Mul", "Rsub", "Div"):
            yield sure(
                "D09", read["line"],
                f"the tensor whose .grad is read here was computed ({read['op']}) from the parameter, of shape {read['shape']}: "
                "gradients do not collect in it",
                "with torch.no_grad(): w -= lr * w.grad    (w = w - … makes a new tensor that is no parameter)",
                shape=read["shape"],
            )  # fmt: skip
            return
        missed = "NoneType" in str(run.error)
        if missed or read["op"] in ("Cast", "Reshape", "Mul", "Clone", "Transpose", "T"):
            made = sure if missed else hint
            yield made(
                "D09", read["line"],
                f"the tensor whose .grad is read here was computed ({read['op']}), so gradients do not collect in it",
                "requires_grad=True on the tensor itself, after the computation; or x.retain_grad()",
                shape=read["shape"],
            )  # fmt: skip
            return
