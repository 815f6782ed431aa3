"""Devices can be named; only the CPU is here."""

import pickle

import pytest

import chainrule
from chainrule import device


def test_names():
    assert repr(device("cpu")) == "device(type='cpu')" and repr(device("cuda:1")) == "device(type='cuda', index=1)"
    assert str(device("cuda", 2)) == "cuda:2" and device("cuda:1").index == 1 and device(device("cpu")) == device("cpu")
    assert device("cuda") != device("cuda:0") and device("cpu") != "cpu" and hash(device("cpu")) == hash(device("cpu"))
    assert pickle.loads(pickle.dumps(device("cuda:1"))) == device("cuda:1")
    with device("cpu"):
        assert chainrule.ones(1).device == device("cpu")


def test_wrong_names():
    for wrong in ("foo", "cuda:x"):
        with pytest.raises(RuntimeError, match="(Expected one of .* device type at start of device string: foo|Invalid device string: 'cuda:x')"):
            device(wrong)
    with pytest.raises(TypeError, match="must be str, not float"):
        device(3.5)


def test_other_devices_are_not_here():
    assert not chainrule.cuda.is_available()
    for ask in (lambda: chainrule.ones(2, device="cuda"), lambda: chainrule.ones(2).cuda(), lambda: chainrule.ones(2).to("cuda:0")):
        with pytest.raises(AssertionError) as error:
            ask()
        assert str(error.value) == (
            "Torch not compiled with CUDA enabled\n  why: chainrule computes on the CPU\n"
            '  instead: device = "cuda" if torch.cuda.is_available() else "cpu"'
        )
    with pytest.raises(RuntimeError, match="PyTorch is not linked with support for mps devices"):
        chainrule.ones(2).to("mps")
