"""Every first-order optimizer with several settings."""

CASES = [
    ("SGD", {}), ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.1, "momentum": 0.9}), ("SGD", {"lr": 0.1, "weight_decay": 0.2}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}), ("SGD", {"lr": 0.1, "maximize": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "maximize": True}),
    ("Adam", {}), ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1}), ("Adam", {"maximize": True, "betas": (0.5, 0.8)}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}), ("Adam", {"betas": (0.0, 0.9), "eps": 1e-3}),
    ("AdamW", {}), ("AdamW", {"lr": 0.1, "weight_decay": 0.3}), ("AdamW", {"lr": 0.1, "amsgrad": True, "maximize": True}),
    ("RMSprop", {}), ("RMSprop", {"lr": 0.1, "momentum": 0.9}), ("RMSprop", {"centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "alpha": 0.9, "maximize": True}),
    ("Adagrad", {}), ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1}), ("Adagrad", {"maximize": True}),
    ("Adadelta", {}), ("Adadelta", {"weight_decay": 0.1, "lr": 2.0, "rho": 0.8}), ("Adadelta", {"maximize": True}),
    ("Adamax", {}), ("Adamax", {"weight_decay": 0.1, "lr": 0.1}), ("Adamax", {"maximize": True}),
    ("NAdam", {}), ("NAdam", {"weight_decay": 0.1, "lr": 0.1}), ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("NAdam", {"momentum_decay": 0.1, "maximize": True}),
    ("RAdam", {}), ("RAdam", {"weight_decay": 0.1, "lr": 0.1}), ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "lr": 0.1}),
    ("RAdam", {"betas": (0.8, 0.9), "maximize": True}),
    ("Rprop", {}), ("Rprop", {"lr": 0.1, "etas": (0.4, 1.5), "step_sizes": (1e-3, 0.2)}), ("Rprop", {"maximize": True}),
    ("Adafactor", {}), ("Adafactor", {"lr": 0.5, "weight_decay": 0.1, "maximize": True}),
    ("Adafactor", {"beta2_decay": -0.3, "eps": (0.1, 0.5), "d": 1.5, "foreach": False}),
    ("ASGD", {}), ("ASGD", {"weight_decay": 0.1, "t0": 5, "lr": 0.1}), ("ASGD", {"lambd": 0.1, "alpha": 0.5, "maximize": True}),
]  # fmt: skip
NAMES = sorted({name for name, _ in CASES})


def spelled(case):
    name, how = case
    return f"{name}({', '.join(f'{k}={v}' for k, v in how.items())})"
