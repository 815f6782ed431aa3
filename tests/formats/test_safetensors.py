"""Weights come back as they were; other programs read them; what is no such file is said to be none."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from chainrule.formats import safetensors

DTYPES = [np.dtype(name) for name in safetensors.DTYPES.values() if name != "bfloat16"]


@given(array=st.sampled_from(DTYPES).flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0))))
def test_round_trip(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    safetensors.save(path, {"w": array})
    found = safetensors.load(path)["w"]
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize("view", [lambda a: a.T, lambda a: a[:, ::2], lambda a: a[::-1], lambda a: a.astype(">f8")])
def test_values_are_stored_not_memory(tmp_path, view):
    """The library underneath stores the memory as it lies, whatever the strides say."""
    array = view(np.arange(12.0).reshape(3, 4))
    safetensors.save(tmp_path / "w", {"w": array})
    np.testing.assert_array_equal(safetensors.load(tmp_path / "w")["w"], array)


def test_bfloat16(tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([1.5, -2.0, 3.25]).astype(ml_dtypes.bfloat16)
    safetensors.save(tmp_path / "w", {"w": array})
    found = safetensors.load(tmp_path / "w")["w"]
    assert found.dtype == array.dtype
    assert found.tolist() == array.tolist()


def test_loaded_arrays_can_be_written_to(tmp_path):
    safetensors.save(tmp_path / "w", {"w": np.zeros(3)})
    found = safetensors.load(tmp_path / "w")["w"]
    found += 1
    assert found.tolist() == [1, 1, 1]


def test_tensors_and_notes(tmp_path):
    import chainrule as cr

    layer = cr.nn.Linear(3, 2)
    safetensors.save(tmp_path / "w", layer.state_dict(), {"epoch": "7", "name": "größer"})
    assert safetensors.read_notes(tmp_path / "w") == {"epoch": "7", "name": "größer"}
    found = safetensors.load(tmp_path / "w")
    assert set(found) == {"weight", "bias"}
    np.testing.assert_array_equal(found["weight"], layer.weight.detach().numpy())


def test_no_notes(tmp_path):
    safetensors.save(tmp_path / "w", {"w": np.zeros(3)})
    assert safetensors.read_notes(tmp_path / "w") == {}


def test_pytorch_reads_it(tmp_path):
    pytest.importorskip("torch")
    from safetensors.torch import load_file

    safetensors.save(tmp_path / "w.safetensors", {"w": np.arange(6.0).reshape(2, 3).T})
    assert load_file(tmp_path / "w.safetensors")["w"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_unknown_dtype(tmp_path):
    with pytest.raises(TypeError) as caught:
        safetensors.save(tmp_path / "w", {"names": np.array(["a"])})
    assert str(caught.value).splitlines()[::2] == [
        "cannot save 'names': its dtype is <U1",
        "  instead: 'names': array.astype('float32')",
    ]
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("read", [safetensors.load, safetensors.read_notes])
@pytest.mark.parametrize("content", [b"", b"abc", b"\x10" + b"\0" * 7 + b"not a header....", b"\xff" * 40])
def test_not_a_safetensors_file(tmp_path, read, content):
    path = tmp_path / "w"
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith(f"{path} is not a complete safetensors file\n  why: ")
    assert f"({len(content)} bytes were found)" in text
    assert text.endswith("\n  instead: the file that was saved, copied whole")


def test_cut_off(tmp_path):
    path = tmp_path / "w"
    safetensors.save(path, {"w": np.zeros(100)})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is not a complete safetensors file"):
        safetensors.load(path)


def test_the_header_is_what_the_format_says(tmp_path):
    safetensors.save(tmp_path / "w", {"w": np.zeros((2, 3), np.float32)})
    content = (tmp_path / "w").read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert json.loads(content[8 : 8 + length]) == {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
