"""How messages are built, and what catches what."""

from chainrule.base import errors


def test_a_message_has_up_to_three_parts():
    assert errors.message("what") == "what"
    assert errors.message("what", instead="this") == "what\n  instead: this"
    assert errors.message("what", "why", "this") == "what\n  why: why\n  instead: this"


def test_programs_that_catch_pytorchs_classes_catch_these():
    for kind in (errors.GradientError, errors.ShapeError, errors.DtypeError):
        assert issubclass(kind, RuntimeError)


def test_near_names():
    assert errors.near("pric", ["price", "size", "rooms"]) == ["price"]
    assert errors.did_you_mean("wieght", ["weight", "bias"]) == " Did you mean 'weight'?"
    assert errors.did_you_mean("xyz", ["weight", "bias"]) == ""
