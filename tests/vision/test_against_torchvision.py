"""The transforms give what torchvision's give, draw what they draw, present themselves and complain as they do.

What torchvision 0.28.0 with PyTorch 2.13.0 gave is written down (`record`), so that these tests need neither.
"""

import json

import pytest

import chainrule
from chainrule.vision import datasets, transforms, utils
from tests.vision import cases
from tests.vision.record import FILE

RECORDED = json.loads(FILE.read_text())
NAMES = {"torch": chainrule, "T": transforms, "F": transforms.functional, "D": datasets, "U": utils}


@pytest.mark.parametrize("expression", cases.REPRS)
def test_reprs(expression):
    assert repr(eval(expression, NAMES)) == RECORDED["reprs"][expression]


@pytest.mark.parametrize("expression", cases.ERRORS)
def test_errors_begin_with_torchvisions_words(expression):
    assert cases.error_of(expression, NAMES) == RECORDED["errors"][expression]


@pytest.mark.parametrize(
    "kind, expression, seed", [(kind, *case) for kind in ("bytes", "floats") for case in cases.on(kind)]
)
def test_numbers(kind, expression, seed):
    if "draw_bounding_boxes" in expression:
        pytest.importorskip("PIL")
    made = cases.evaluate(expression, seed, NAMES, cases.images(chainrule)[kind])
    expected = RECORDED[kind][f"{expression} {seed}"]
    assert cases.close(made, expected), (made, expected)
