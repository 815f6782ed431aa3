"""Parts of PyTorch that are not here: their names are, and say at the line that uses them what there is instead."""

import pytest

import chainrule as cr
from chainrule import distributed, fx, hub, jit, library, nested, onnx, quantization
from chainrule.fx.experimental import optimization
from chainrule.utils import cpp_extension

REFUSED = {
    "torch.fx cannot trace a module here": (fx.symbolic_trace, fx.GraphModule, fx.Tracer, optimization.fuse),
    "torch.onnx.export is not available": (onnx.export,),
    "quantization is not available": (quantization.quantize_dynamic, quantization.QuantStub, cr.ao.quantization.prepare),
    "nested tensors are not available": (nested.nested_tensor, nested.as_nested_tensor),
    r"extensions in C\+\+ cannot be built or loaded": (cpp_extension.load_inline, cpp_extension.CUDAExtension),
    "torch._dynamo compiles nothing here": (cr._dynamo.explain,),
    "this function of torch.library is not available": (library.opcheck, library.Library),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refusals_say_what_to_write(words):
    for use in REFUSED[words]:
        with pytest.raises(NotImplementedError, match=words + "\n  why: (.|\n)*\n  instead: "):
            use(1)


def test_questions_are_answered():
    assert not isinstance(cr.nn.ReLU(), fx.GraphModule)
    assert onnx.is_in_onnx_export() is False
    assert cr._dynamo.reset() is None
    cr._dynamo.config.suppress_errors = True
    assert cr._dynamo.config.suppress_errors
    cr._dynamo.config.suppress_errors = False
    with cr._C.DisableTorchFunctionSubclass():
        assert cr.ones(1).item() == 1
    assert cr._C._LinAlgError is cr.linalg.LinAlgError


def test_settings_of_the_future_hold():
    future = __import__("chainrule.__future__", fromlist=["*"])
    assert not future.get_swap_module_params_on_conversion()
    future.set_swap_module_params_on_conversion(True)
    try:
        assert future.get_swap_module_params_on_conversion()
        layer = cr.nn.Linear(2, 2)
        weight = layer.weight
        assert layer.double().weight is weight and weight.dtype is cr.float64
    finally:
        future.set_swap_module_params_on_conversion(False)


def test_there_are_no_other_processes():
    assert distributed.ReduceOp.SUM.name == "SUM" and len(distributed.ReduceOp) == 8
    with pytest.raises(RuntimeError, match="chainrule computes in one process"):
        distributed.all_gather_object([], 1)


def test_scripts_run_as_they_are():
    class Model(jit.ScriptModule):
        def __init__(self):
            super().__init__()
            self.layer = cr.nn.Linear(2, 1)

        @jit.script_method
        def forward(self, x):
            return self.layer(x)

    model = Model()
    assert model(cr.ones(2)).shape == (1,) and isinstance(model, cr.nn.Module)
    assert jit.trace_module(model, {"forward": cr.ones(2)}) is model
    with jit.strict_fusion(), jit.optimized_execution(True):
        assert jit.script_if_tracing(abs)(-1) == 1


# ---------------------------------------------------------------------- operators of one's own


def test_a_custom_operator_has_the_gradient_it_was_given():
    @library.custom_op("tests::scaled", mutates_args=())
    def scaled(x: cr.Tensor, factor: float) -> cr.Tensor:
        return x * factor

    def keep(ctx, inputs, output):
        ctx.factor = inputs[1]

    scaled.register_autograd(lambda ctx, g: (g * ctx.factor * 10, None), setup_context=keep)
    scaled.register_fake(lambda x, factor: cr.empty_like(x))
    x = cr.ones(2, requires_grad=True)
    y = scaled(x, 3.0)
    y.sum().backward()
    assert y.tolist() == [3, 3] and x.grad.tolist() == [30, 30]
    assert repr(scaled) == "<CustomOpDef(tests::scaled)>"


def test_operators_by_name():
    library.custom_op("tests::half", lambda x: x / 2, mutates_args=())
    library.register_autograd("tests::half", lambda ctx, g: g * 7)
    x = cr.ones(1, requires_grad=True)
    library.REGISTERED["tests::half"](x).backward()
    assert x.grad.tolist() == [7]
    with pytest.raises(RuntimeError, match="there is no operator 'tests::none'"):
        library.register_autograd("tests::none", None)
    with pytest.raises(ValueError, match="expected the name to be of the form namespace::name, got 'half'"):
        library.custom_op("half", abs, mutates_args=())


# ---------------------------------------------------------------------- hub


@pytest.fixture
def folder(tmp_path):
    before = hub.Folder.chosen
    hub.set_dir(tmp_path / "hub")
    yield tmp_path
    hub.Folder.chosen = before


def test_a_local_repository(folder):
    (folder / "hubconf.py").write_text('import math\n\ndef model(n=1):\n    """A model."""\n    return n * math.pi\n')
    assert hub.load(str(folder), "model", 2, source="local") == pytest.approx(6.2831853)
    assert hub.list(str(folder), source="local") == ["model"]
    assert hub.help(str(folder), "model", source="local") == "A model."
    with pytest.raises(RuntimeError, match="Cannot find callable other in hubconf"):
        hub.load(str(folder), "other", source="local")
    with pytest.raises(FileNotFoundError, match="hubconf.py"):
        hub.load(str(folder / "none"), "model", source="local")


def test_a_repository_elsewhere_is_not_fetched():
    with pytest.raises(RuntimeError, match="git clone https://github.com/owner/name, then torch.hub.load"):
        hub.load("owner/name:main", "model")
    with pytest.raises(ValueError, match='Unknown source: "web"'):
        hub.load("owner/name", "model", source="web")


def test_weights_behind_an_address_are_fetched_once(folder, capsys):
    import hashlib

    source = folder / "weights.pth"
    cr.save({"w": cr.ones(2)}, source)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    name = f"net-{digest[:8]}.pth"
    state = hub.load_state_dict_from_url(source.as_uri(), file_name=name, check_hash=True)
    assert state["w"].tolist() == [1, 1] and "Downloading" in capsys.readouterr().err
    source.unlink()
    assert hub.load_state_dict_from_url(source.as_uri(), file_name=name)["w"].tolist() == [1, 1]
    assert cr.utils.model_zoo.load_url is hub.load_state_dict_from_url


def test_a_file_that_is_not_what_it_should_be_is_not_kept(folder):
    source = folder / "a.bin"
    source.write_bytes(b"abc")
    with pytest.raises(RuntimeError, match='invalid hash value .expected "00", got "ba7816bf'):
        hub.download_url_to_file(source.as_uri(), str(folder / "b.bin"), hash_prefix="00")
    assert sorted(p.name for p in folder.iterdir()) == ["a.bin"]
    hub.download_url_to_file(source.as_uri(), str(folder / "b.bin"), hash_prefix="ba78")
    assert (folder / "b.bin").read_bytes() == b"abc"


def test_the_folder_of_downloads(monkeypatch):
    monkeypatch.setattr(hub.Folder, "chosen", None)
    monkeypatch.setenv("TORCH_HOME", "/somewhere")
    assert hub.get_dir() == "/somewhere/hub"
