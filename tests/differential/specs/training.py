"""Optimizers: parameters and state after a few steps, for each option. Schedulers: the learning rates they give.
Gradient clipping and initialisers."""

from ..draw import Draw, call
from .spec import Spec

COMMON = {"maximize": (True, False), "weight_decay": (0.0, 0.1), "foreach": (None, False)}
OPTIMIZERS = {
    "SGD": {"lr": (0.1, 1.0), "momentum": (0.0, 0.9), "dampening": (0.0, 0.5), "nesterov": (False, True), **COMMON},
    "Adam": {"lr": (0.1, 1e-3), "betas": ((0.9, 0.999), (0.5, 0.5)), "eps": (1e-8, 0.1), "amsgrad": (False, True), **COMMON},
    "AdamW": {"lr": (0.1, 1e-3), "betas": ((0.9, 0.999), (0.5, 0.5)), "eps": (1e-8, 0.1), "amsgrad": (False, True), **COMMON},
    "NAdam": {"lr": (0.1, 2e-3), "momentum_decay": (4e-3, 0.1), "decoupled_weight_decay": (False, True), **COMMON},
    "RAdam": {"lr": (0.1, 1e-3), "betas": ((0.9, 0.999), (0.5, 0.5)), "decoupled_weight_decay": (False, True), **COMMON},
    "Adamax": {"lr": (0.1, 2e-3), "eps": (1e-8, 0.1), **COMMON},
    "Adagrad": {"lr": (0.1, 1e-2), "lr_decay": (0.0, 0.1), "initial_accumulator_value": (0.0, 0.5), "eps": (1e-10, 0.1), **COMMON},
    "Adadelta": {"lr": (1.0, 0.1), "rho": (0.9, 0.5), "eps": (1e-6, 0.1), **COMMON},
    "RMSprop": {"lr": (0.1, 1e-2), "alpha": (0.99, 0.5), "momentum": (0.0, 0.9), "centered": (False, True), **COMMON},
    "Rprop": {"lr": (0.1, 1e-2), "etas": ((0.5, 1.2), (0.3, 2.0)), "maximize": (True, False)},
    "ASGD": {"lr": (0.1, 1e-2), "lambd": (1e-4, 0.1), "alpha": (0.75, 0.5), "t0": (1e6, 1.0), **COMMON},
    "Adafactor": {"lr": (0.1, 1e-2), "weight_decay": (0.0, 0.1), "maximize": (True, False)},
    "Muon": {"lr": (0.1, 1e-2), "weight_decay": (0.0, 0.1), "momentum": (0.95, 0.5), "nesterov": (True, False)},
    "LBFGS": {"lr": (1.0, 0.5), "max_iter": (4, 20), "history_size": (2, 100), "line_search_fn": (None, "strong_wolfe")},
}


def optimizer(name):
    def program(t, *starts, steps=3, groups=False, **options):
        """Three steps down a bowl; a closure, as LBFGS wants one."""
        parameters = [t.nn.Parameter(x.detach().clone()) for x in starts]
        given = [{"params": parameters[:1], "lr": 0.05}, {"params": parameters[1:]}] if groups and len(parameters) > 1 else parameters
        found = getattr(t.optim, name)(given, **options)

        def closure():
            found.zero_grad()
            loss = sum(((p * p).sum() + (p * 0.3).sin().sum() for p in parameters), t.zeros((), dtype=parameters[0].dtype))
            loss.backward()
            return loss

        losses = [found.step(closure) for _ in range(steps)]
        return [p.detach() for p in parameters], [x.detach() for x in losses], found.state_dict(), repr(found)

    return program


def starts(name):
    def recipe(d: Draw):
        dtype = d.pick("float32", "float64")
        shape = (lambda: (d.randint(1, 4), d.randint(1, 4))) if name == "Muon" else lambda: d.shape(0, 3, 0)
        xs = [d.x(shape(), dtype=dtype, values="normal", grad=0) for _ in range(d.randint(1, 3))]
        kw = d.some(0.35, **{k: lambda v=v: d.choice(v) for k, v in OPTIMIZERS[name].items()})
        return call(*xs, **kw, **d.some(0.2, groups=name != "LBFGS", steps=lambda: d.randint(1, 6)))

    return recipe


SCHEDULERS = {
    "StepLR": lambda d: ((d.randint(1, 4),), d.some(0.5, gamma=0.5)),
    "MultiStepLR": lambda d: ((sorted(d.randint(0, 8) for _ in range(3)),), d.some(0.5, gamma=0.5)),
    "ExponentialLR": lambda d: ((d.pick(0.9, 0.5),), {}),
    "ConstantLR": lambda d: ((), d.some(0.5, factor=0.25, total_iters=lambda: d.randint(0, 5))),
    "LinearLR": lambda d: ((), d.some(0.5, start_factor=0.25, end_factor=0.5, total_iters=lambda: d.randint(1, 5))),
    "PolynomialLR": lambda d: ((), d.some(0.5, total_iters=lambda: d.randint(1, 6), power=lambda: d.pick(1.0, 2.0))),
    "CosineAnnealingLR": lambda d: ((d.randint(1, 6),), d.some(0.5, eta_min=0.01)),
    "CosineAnnealingWarmRestarts": lambda d: ((d.randint(1, 4),), d.some(0.5, T_mult=lambda: d.randint(1, 2), eta_min=0.01)),
    "CyclicLR": lambda d: (
        (0.01, 0.1),
        d.some(0.5, step_size_up=lambda: d.randint(1, 4), mode=lambda: d.pick("triangular", "triangular2", "exp_range"), gamma=0.9) | {"cycle_momentum": d.flag()},
    ),
    "OneCycleLR": lambda d: (
        (0.1,),
        {"total_steps": d.randint(9, 20)} | d.some(0.4, pct_start=0.5, anneal_strategy=lambda: d.pick("cos", "linear"), three_phase=d.flag, div_factor=10.0),
    ),
    "ReduceLROnPlateau": lambda d: ((), d.some(0.5, mode=lambda: d.pick("min", "max"), factor=0.5, patience=lambda: d.randint(0, 2), cooldown=lambda: d.randint(0, 2))),
}  # fmt: skip


def scheduler(name):
    def program(t, args, named, lr=0.2, metrics=()):
        weight = t.nn.Parameter(t.ones(2))
        optimizer = t.optim.SGD([weight], lr=lr, momentum=0.9)
        found = getattr(t.optim.lr_scheduler, name)(optimizer, *args, **named)
        rates = [optimizer.param_groups[0]["lr"]]
        for k in range(8):
            weight.grad = t.ones(2)
            optimizer.step()
            found.step(*(metrics[k : k + 1]))
            rates.append((optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]))
        return rates, found.get_last_lr()

    return program


def scheduled(name):
    def recipe(d: Draw):
        args, named = SCHEDULERS[name](d)
        metrics = {"metrics": tuple(d.pick(1.0, 0.5, 2.0, 0.9) for _ in range(8))} if name == "ReduceLROnPlateau" else {}
        return call(tuple(args), named, **metrics, **d.some(0.4, lr=lambda: d.pick(0.1, 1.0)))

    return recipe


def clip(name):
    def program(t, *xs, limit=1.0, **named):
        parameters = [t.nn.Parameter(x.detach().clone()) for x in xs]
        sum((p * p).sum() for p in parameters).backward()
        y = getattr(t.nn.utils, name)(parameters, limit, **named)
        return y, [p.grad for p in parameters]

    return program


def clipped(d: Draw, **options):
    xs = [d.x(d.shape(0, 3, 0), dtype="float32", values="normal", grad=0) for _ in range(d.randint(1, 3))]
    return call(*xs, limit=d.pick(0.1, 1.0, 100), **options)


INITIALISERS = {
    "uniform_": ((), (-1.0, 2.0)), "normal_": ((), (1.0, 2.0)), "trunc_normal_": ((), (0.0, 0.5, -1.0, 1.0)), "constant_": ((0.3,), (2,)),
    "ones_": ((),), "zeros_": ((),), "eye_": ((),), "dirac_": ((),), "xavier_uniform_": ((), (2.0,)), "xavier_normal_": ((), (2.0,)),
    "kaiming_uniform_": ((), (0.5,), (0, "fan_out"), (0, "fan_in", "relu")), "kaiming_normal_": ((), (0.5,), (0, "fan_out")),
    "orthogonal_": ((), (2.0,)), "sparse_": ((0.3,), (0.9, 1.0)),
}  # fmt: skip


def initial(name):
    def recipe(d: Draw):
        shape = (d.randint(1, 6), d.randint(1, 6)) if name in ("eye_", "sparse_") else d.shape(2, 4, 0)
        return call(d.x(shape, kind="full", grad=0, layout="plain"), *d.choice(INITIALISERS[name]))

    return recipe


TRAINING = {
    **{f"optim.{n}": Spec(starts(n), optimizer(n)) for n in OPTIMIZERS},
    **{f"optim.lr_scheduler.{n}": Spec(scheduled(n), scheduler(n)) for n in SCHEDULERS},
    "nn.utils.clip_grad_norm_": Spec(lambda d: clipped(d, **d.some(0.5, norm_type=lambda: d.pick(2.0, 1.0, float("inf")))), clip("clip_grad_norm_")),
    "nn.utils.clip_grad_value_": Spec(clipped, clip("clip_grad_value_")),
    **{f"nn.init.{n}": Spec(initial(n), random=True) for n in INITIALISERS},
}
