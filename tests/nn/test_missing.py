"""The error for an attribute that a module does not have: looked for when read, and else a plain one."""

import pickle

import pytest

from chainrule import nn


def test_a_missing_attribute_reads_and_travels_as_a_plain_error():
    def error() -> AttributeError:
        with pytest.raises(AttributeError) as caught:
            nn.Linear(2, 1).weigth  # noqa: B018
        return caught.value

    text = "'Linear' object has no attribute 'weigth'. Did you mean 'weight'?"
    assert str(error()) == text and repr(error()) == f"AttributeError({text!r})"
    sent = pickle.loads(pickle.dumps(error()))  # as from another process
    assert type(sent) is AttributeError and str(sent) == text
    replaced = error()
    replaced.args = ("another text",)
    assert str(replaced) == "another text"


def test_asking_for_an_attribute_looks_for_no_near_names(monkeypatch):
    monkeypatch.setattr("chainrule.nn.missing.did_you_mean", lambda *_: pytest.fail("nobody reads the text"))
    assert not hasattr(nn.Linear(2, 1), "weigth") and getattr(nn.Linear(2, 1), "weigth", None) is None
