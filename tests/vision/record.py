"""Write down what torchvision gives: ``python -m tests.vision.record``, where PyTorch and torchvision are installed."""

import json
from pathlib import Path

from tests.vision import cases

FILE = Path(__file__).with_name("torchvision_0.28.0.json")


def names_of_torchvision():
    """torch and torchvision, in whose names the cases are written."""
    import torchvision  # first: where it is missing, PyTorch need not be loaded
    from torchvision import datasets, transforms, utils

    import torch  # isort: skip

    return {
        "torch": torch,
        "T": transforms,
        "F": transforms.functional,
        "D": datasets,
        "U": utils,
    }, torchvision.__version__


def record():
    names, version = names_of_torchvision()
    from torchvision import models

    images = cases.images(names["torch"])
    found = {
        "torchvision": version,
        "reprs": {e: repr(eval(e, names)) for e in cases.REPRS},
        "errors": {e: cases.error_of(e, names) for e in cases.ERRORS},
        "networks": {e: cases.network(e, models, names["torch"]) for e in cases.NETWORKS},
        "structures": {e: cases.structure_of(eval(e, vars(models) | {})) for e in cases.STRUCTURES},
        **{
            kind: {f"{e} {seed}": cases.evaluate(e, seed, names, images[kind]) for e, seed in cases.on(kind)}
            for kind in images
        },
    }
    FILE.write_text("{\n" + ",\n".join(f"{json.dumps(key)}: {lines(value)}" for key, value in found.items()) + "\n}\n")


def lines(value):
    """JSON with one case to a line."""
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(each)}" for key, each in value.items()) + "\n}"


if __name__ == "__main__":
    record()
