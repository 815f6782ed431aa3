"""What one library writes, the other reads: as it was, sharing what it shared."""

import io
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from tests.serialization.against import DTYPES, NO_STORAGE_CLASS, loaded, objects, saved

OLD = {"_use_new_zipfile_serialization": False}
FORMATS = [{}, OLD]


def pairs():
    """(writer, reader) as names of modules: chainrule alone, and with PyTorch."""
    return [("chainrule", "chainrule"), ("chainrule", "torch"), ("torch", "chainrule")]


def library(name):
    return pytest.importorskip(name)


@pytest.mark.parametrize("options", FORMATS, ids=["zip", "stream"])
@pytest.mark.parametrize("writer, reader", pairs())
def test_objects(writer, reader, options):
    writer, reader = library(writer), library(reader)
    found = loaded(reader, saved(writer, objects(writer), **options))
    expected = objects(reader)
    assert list(found) == list(expected)
    for key in expected:
        assert repr(found[key]) == repr(expected[key]), key
    assert found["parameters"][2].note == 3
    assert found["attributes"].label == "x"
    assert [type(p).__name__ for p in found["parameters"]] == ["Parameter"] * 3


IN_FORMATS = [(dtype, {}) for dtype in DTYPES] + [(dtype, OLD) for dtype in DTYPES if dtype not in NO_STORAGE_CLASS]


@pytest.mark.parametrize("dtype, options", IN_FORMATS, ids=str)
@pytest.mark.parametrize("writer, reader", pairs())
def test_dtypes(writer, reader, dtype, options):
    writer, reader = library(writer), library(reader)
    x = writer.tensor([1, 0, 3]).to(getattr(writer, dtype))[1:]
    found = loaded(reader, saved(writer, x, **options))
    assert repr(found) == repr(reader.tensor([0, 3]).to(getattr(reader, dtype)))
    assert found.untyped_storage().nbytes() == 3 * found.element_size()


@pytest.mark.parametrize("dtype", NO_STORAGE_CLASS)
def test_dtypes_that_the_old_format_has_not(dtype):
    with pytest.raises(RuntimeError, match=f"the format from before PyTorch 1.6 has no storages of torch.{dtype}"):
        saved(cr, cr.zeros(2, dtype=getattr(cr, dtype)), **OLD)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("writer", ["chainrule", "torch"])
def test_protocols(writer, protocol):
    writer = library(writer)
    found = loaded(cr, saved(writer, objects(writer), pickle_protocol=protocol))
    assert repr(found["views"]) == repr(objects(cr)["views"])
    assert repr(found["text"]) == repr(objects(cr)["text"])


@pytest.mark.parametrize("options", FORMATS, ids=["zip", "stream"])
@pytest.mark.parametrize("writer, reader", pairs())
def test_what_shared_memory_shares_it_again(writer, reader, options):
    writer, reader = library(writer), library(reader)
    w = writer.arange(6.0).reshape(2, 3)
    whole, turned, row = loaded(reader, saved(writer, [w, w.T, w[1]], **options))
    whole[1, 2] = 50.0
    assert turned[2, 1].item() == 50
    assert row[2].item() == 50
    assert turned.stride() == (1, 3)
    assert row.storage_offset() == 3


def test_a_storage_is_written_once():
    w = cr.zeros(1000)
    assert len(saved(cr, [w, w[:10], w[10:]])) < 1.5 * len(saved(cr, [w]))


@pytest.mark.parametrize("writer, reader", pairs())
def test_the_same_object_comes_back_as_one(writer, reader):
    writer, reader = library(writer), library(reader)
    x = writer.ones(2)
    found = loaded(reader, saved(writer, {"a": x, "b": x}))
    assert found["a"] is found["b"]


@pytest.mark.parametrize(
    "array",
    [np.arange(6.0)[::-1], np.arange(6, dtype=">i4"), np.lib.stride_tricks.as_strided(np.arange(6.0), (2, 3), (16, 8))],
    ids=["backwards", "foreign byte order", "overlapping"],
)
def test_arrays_that_torch_has_no_words_for(array):
    tensor = cr.tensor(0.0).new_empty(0)
    tensor.data = cr.from_numpy(np.zeros(1))
    tensor.array = array
    assert loaded(cr, saved(cr, tensor)).tolist() == array.tolist()


@given(data=st.data())
def test_any_view_of_any_memory(data):
    x = cr.arange(60)
    for _ in range(data.draw(st.integers(1, 3))):
        kind = data.draw(st.sampled_from(["reshape", "transpose", "slice", "expand", "select"]))
        if kind == "reshape" and x.numel() == 60:
            x = x.reshape(data.draw(st.sampled_from([(60,), (3, 20), (4, 3, 5), (2, 1, 30)])))
        elif kind == "transpose" and x.dim() > 1:
            x = x.transpose(0, -1)
        elif kind == "slice" and x.dim():
            x = x[data.draw(st.integers(0, x.size(0))) :: data.draw(st.integers(1, 3))]
        elif kind == "expand":
            x = x.expand(2, *x.shape)
        elif kind == "select" and x.dim() and x.size(0):
            x = x[data.draw(st.integers(0, x.size(0) - 1))]
    found = loaded(cr, saved(cr, x))
    assert found.tolist() == x.tolist()
    assert found.dtype is x.dtype
    if x.numel():
        assert (found.stride(), found.storage_offset()) == (x.stride(), x.storage_offset())


# ---------------------------------------------------------------------- what programs save


@pytest.mark.parametrize("writer, reader", pairs())
def test_a_training_state(writer, reader):
    """The usual checkpoint: model, optimizer, schedule, numbers; training goes on from it as if it had not stopped."""
    writer, reader = library(writer), library(reader)

    def parts(torch):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        return model, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)

    def step(torch, model, optimizer, schedule, seed):
        torch.manual_seed(seed)
        optimizer.zero_grad()
        loss = model(torch.randn(8, 3)).square().mean()
        loss.backward()
        optimizer.step()
        schedule.step()
        return loss.item()

    model, optimizer, schedule = parts(writer)
    for seed in range(3):
        step(writer, model, optimizer, schedule, seed)
    content = saved(
        writer,
        {"epoch": 3, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()},
    )
    straight_on = step(writer, model, optimizer, schedule, 3), step(writer, model, optimizer, schedule, 4)

    model, optimizer, schedule = parts(reader)
    found = loaded(reader, content)
    assert repr(model.load_state_dict(found["model"])) == "<All keys matched successfully>"
    optimizer.load_state_dict(found["optimizer"])
    schedule.load_state_dict(found["schedule"])
    after = step(reader, model, optimizer, schedule, 3), step(reader, model, optimizer, schedule, 4)
    assert after == pytest.approx(straight_on, rel=1e-5)
    assert found["epoch"] == 3


def test_the_versions_of_modules_are_kept():
    found = loaded(cr, saved(cr, cr.nn.BatchNorm1d(2).state_dict()))
    assert type(found) is OrderedDict
    assert found._metadata == {"": {"version": 2}}


def test_storages():
    x = cr.arange(3.0)
    typed, raw = loaded(cr, saved(cr, [x.storage(), cr.ones(1, dtype=cr.int16).untyped_storage()]))
    assert isinstance(typed, cr.FloatStorage)
    assert typed.tolist() == [0, 1, 2]
    assert raw.tolist() == [1, 0]


# ---------------------------------------------------------------------- files


def test_paths_and_file_objects(tmp_path):
    x = cr.arange(3)
    cr.save(x, tmp_path / "a.pt")
    cr.save(x, str(tmp_path / "b.pt"))
    with open(tmp_path / "c.pt", "wb") as file:
        cr.save(x, file)
    with open(tmp_path / "c.pt", "rb") as file:
        assert cr.load(file).tolist() == [0, 1, 2]
    for name in "abc":
        assert cr.load(tmp_path / f"{name}.pt").tolist() == [0, 1, 2]
        assert cr.load(str(tmp_path / f"{name}.pt")).tolist() == [0, 1, 2]


def test_a_file_object_need_only_write():
    class Pipe:
        def __init__(self):
            self.parts = []

        def write(self, data):
            self.parts.append(bytes(data))
            return len(data)

    pipe = Pipe()
    cr.save(cr.arange(3), pipe)
    assert loaded(cr, b"".join(pipe.parts)).tolist() == [0, 1, 2]


def test_the_archive(tmp_path):
    cr.save({"a": cr.arange(3), "b": cr.ones(100)}, tmp_path / "model.pt")
    content = (tmp_path / "model.pt").read_bytes()
    with zipfile.ZipFile(tmp_path / "model.pt") as archive:
        assert archive.namelist() == [
            f"model/{name}"
            for name in ("data.pkl", ".format_version", ".storage_alignment", "byteorder", "data/0", "data/1", "version")
        ]
        assert archive.testzip() is None
    for bytes_of_entries in (np.arange(3).tobytes(), np.ones(100, np.float32).tobytes()):
        assert content.index(bytes_of_entries) % 64 == 0


def test_the_same_content_gives_the_same_bytes():
    assert saved(cr, objects(cr)) == saved(cr, objects(cr))


@pytest.mark.parametrize("writer", ["chainrule", "torch"])
def test_mmap(writer, tmp_path):
    writer = library(writer)
    writer.save({"a": writer.arange(3), "b": writer.arange(6.0).reshape(2, 3).T, "e": writer.empty(0)}, tmp_path / "m.pt")
    found = cr.load(tmp_path / "m.pt", mmap=True)
    assert found["a"].tolist() == [0, 1, 2]
    found["b"][0, 1] = 9.0
    assert found["b"].tolist() == [[0, 9], [1, 4], [2, 5]]
    assert cr.load(tmp_path / "m.pt")["b"].tolist() == [[0, 3], [1, 4], [2, 5]]  # the file is as it was
    with pytest.raises(ValueError, match="f must be a file path in order to use the mmap argument"):
        cr.load(io.BytesIO(), mmap=True)


def test_a_machine_of_the_other_byte_order():
    content = saved(cr, [cr.arange(3), cr.tensor([1 + 2j])])
    turned = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as there, zipfile.ZipFile(turned, "w") as here:
        for name in there.namelist():
            data = there.read(name)
            if name.endswith("byteorder"):
                data = b"big"
            if name.endswith("data/0"):
                data = np.frombuffer(data, np.int64).astype(">i8").tobytes()
            if name.endswith("data/1"):
                data = np.frombuffer(data, np.float32).astype(">f4").tobytes()
            here.writestr(name, data)
    whole, imaginary = loaded(cr, turned.getvalue())
    assert whole.tolist() == [0, 1, 2]
    assert imaginary.tolist() == [1 + 2j]


# ---------------------------------------------------------------------- devices


def gpu_file():
    """The file that a GPU's tensor leaves: its storage is tagged cuda:0."""
    content, out = saved(cr, cr.arange(3)), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as there, zipfile.ZipFile(out, "w") as here:
        for name in there.namelist():
            here.writestr(name, there.read(name).replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0"))
    return out.getvalue()


@pytest.mark.parametrize(
    "map_location",
    ["cpu", cr.device("cpu"), {"cuda:0": "cpu"}, lambda storage, location: storage],
    ids=["text", "device", "dict", "function"],
)
def test_map_location(map_location):
    assert loaded(cr, gpu_file(), map_location=map_location).tolist() == [0, 1, 2]


def test_a_function_that_maps_locations_is_shown_them():
    seen = []
    loaded(cr, gpu_file(), map_location=lambda storage, location: seen.append((storage.nbytes(), location)) or storage)
    assert seen == [(24, "cuda:0")]


@pytest.mark.parametrize("options", [{}, {"map_location": "cuda"}, {"map_location": lambda storage, location: None}])
def test_a_device_that_is_not_here(options):
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device but torch.cuda.is_available"):
        loaded(cr, gpu_file(), **options)


def test_a_location_that_is_none():
    with pytest.raises(RuntimeError, match=r"don't know how to restore data location .* \(tagged with moon\)"):
        loaded(cr, gpu_file(), map_location="moon")
    with pytest.raises(TypeError, match="map_location is a device, a string, a dict or a function, not 3"):
        loaded(cr, gpu_file(), map_location=3)
