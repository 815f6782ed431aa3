"""Hooks on all modules, the tables behind a module's own hooks, and what else `torch.nn` has beside its layers."""

import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.nn.functional import flexible
from chainrule.nn.modules import module as everywhere

PLAIN = nn.Module.__call__


@pytest.fixture
def model():
    cr.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU())


def test_hooks_on_all_modules_come_before_a_modules_own(model):
    seen = []
    handles = [
        everywhere.register_module_forward_pre_hook(lambda m, x: seen.append(("before all", type(m).__name__))),
        everywhere.register_module_forward_hook(lambda m, x, y: seen.append(("after all", type(m).__name__))),
        model[1].register_forward_hook(lambda m, x, y: seen.append(("own", type(m).__name__))),
    ]
    model(cr.ones(2))
    assert seen == [
        ("before all", "Sequential"), ("before all", "Linear"), ("after all", "Linear"), ("before all", "ReLU"),
        ("after all", "ReLU"), ("own", "ReLU"), ("after all", "Sequential"),
    ]  # fmt: skip
    for handle in handles:
        handle.remove()
    model(cr.ones(2))
    assert len(seen) == 7
    assert nn.Module.__call__ is PLAIN  # calling a module costs what it did before


def test_what_they_return_counts(model):
    handle = everywhere.register_module_forward_hook(lambda m, x, y: y * 0 + 1)
    assert model(cr.ones(2)).tolist() == [1, 1, 1]
    handle.remove()
    handle = everywhere.register_module_forward_pre_hook(lambda m, x: x[0] * 0)
    assert nn.Identity()(cr.ones(2)).tolist() == [0, 0]
    handle.remove()


def test_backward_hooks_on_all_modules_are_torchs():
    torch = pytest.importorskip("torch")
    runs = []
    for lib, register in ((torch, torch.nn.modules.module), (cr, everywhere)):
        seen = []
        handles = [
            register.register_module_full_backward_pre_hook(lambda m, g, seen=seen: seen.append(("pre", g[0].tolist()))),
            register.register_module_full_backward_hook(lambda m, i, o, seen=seen: seen.append((type(m).__name__, o[0].tolist()))),
        ]
        layers = lib.nn.Sequential(lib.nn.ReLU(), lib.nn.Tanh())
        layers(lib.zeros(2, requires_grad=True)).sum().backward()
        for handle in handles:
            handle.remove()
        runs.append(seen)
    assert runs[0] == runs[1] != []


def test_registrations_are_seen():
    seen = []
    handles = [
        everywhere.register_module_parameter_registration_hook(lambda m, name, p: seen.append(name)),
        everywhere.register_module_module_registration_hook(lambda m, name, child: nn.Identity()),
        everywhere.register_module_buffer_registration_hook(lambda m, name, b: b + 1),
    ]
    box = nn.Module()
    box.weight, box.child = nn.Parameter(cr.ones(1)), nn.ReLU()
    box.register_buffer("b", cr.zeros(1))
    for handle in handles:
        handle.remove()
    box.other = nn.ReLU()
    box.last = nn.ReLU()
    assert seen == ["weight"] and type(box.child) is nn.Identity and box.b.tolist() == [1] and type(box.last) is nn.ReLU


def test_the_tables_of_hooks(model):
    calls = []
    assert len(model._forward_hooks) == 0 and not model._backward_hooks
    handle = model.register_forward_hook(lambda *a: calls.append("hook"))
    assert list(model._forward_hooks) == [handle.id] and callable(model._forward_hooks[handle.id])
    model(cr.ones(2))
    model._forward_hooks.clear()
    model(cr.ones(2))
    assert calls == ["hook"]
    model._forward_pre_hooks = {1: lambda *a: calls.append("put")}
    model(cr.ones(2))
    assert calls == ["hook", "put"]


def test_call_super_init_reaches_the_next_class():
    class Mixin:
        def __init__(self, tag="none"):
            self.tag = tag

    class Model(nn.Module, Mixin):
        call_super_init = True

    assert Model().tag == "none" and Model(tag="a").tag == "a"
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        nn.Module(3)


def test_compile_in_place_leaves_what_the_module_gives_as_it_is(model):
    before = model(cr.ones(2))
    assert model.compile(mode="max-autotune") is None
    for _ in range(4):
        assert cr.allclose(model(cr.ones(2)), before)


# ---------------------------------------------------------------------- beside the layers


def test_pytorchs_files():
    assert nn.modules.activation.MultiheadAttention is nn.MultiheadAttention
    assert isinstance(nn.BatchNorm2d(3), nn.modules.batchnorm._BatchNorm)
    assert isinstance(nn.ConvTranspose1d(1, 1, 1), nn.modules.conv._ConvNd)
    assert not isinstance(nn.InstanceNorm1d(3), nn.modules.batchnorm._BatchNorm)
    assert isinstance(nn.MSELoss(), nn.modules.loss._Loss)
    assert nn.modules.Linear is nn.Linear
    assert sys.modules["chainrule.nn.modules.linear"] is nn.modules.linear
    assert nn.modules.utils._pair(3) == (3, 3) and nn.modules.utils._triple((1, 2, 3)) == (1, 2, 3)
    with pytest.raises(AttributeError):
        nn.modules.frobnicate  # noqa: B018


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_fused_layers_compute_the_same(transpose, bias):
    cr.manual_seed(1)
    conv = (nn.ConvTranspose2d if transpose else nn.Conv2d)(2, 3, 3, bias=bias).eval()
    bn = nn.BatchNorm2d(3)
    bn(cr.randn(4, 3, 5, 5) * 2 + 1)
    bn.eval()
    x = cr.randn(2, 2, 6, 6)
    assert cr.allclose(nn.utils.fuse_conv_bn_eval(conv, bn, transpose)(x), bn(conv(x)), atol=1e-5)
    with pytest.raises(AssertionError, match="Fusion only for eval!"):
        nn.utils.fuse_conv_bn_eval(conv.train(), bn)


def test_a_fused_linear_layer_computes_the_same():
    linear, bn = nn.Linear(2, 3), nn.BatchNorm1d(3)
    bn(cr.randn(8, 3) + 2)
    linear.eval(), bn.eval()
    x = cr.randn(4, 2)
    assert cr.allclose(nn.utils.fuse_linear_bn_eval(linear, bn)(x), bn(linear(x)), atol=1e-6)


def test_gradients_of_convolutions_as_functions():
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 5)).astype("f")
    w, g = np.ones((6, 2, 3, 3), "f") / 3, np.ones((2, 6, 3, 3), "f")
    for name, args in (("conv2d_input", (x.shape, w, g)), ("conv2d_weight", (x, w.shape, g))):
        theirs, ours = (
            getattr(lib.nn.grad, name)(*[lib.from_numpy(a) if isinstance(a, np.ndarray) else a for a in args], groups=2)
            for lib in (torch, cr)
        )
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-5)


def test_weights_in_another_order_in_memory():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv3d(1, 1, 2), nn.Linear(2, 2))
    before = model[0].weight.tolist()
    assert nn.utils.convert_conv2d_weight_memory_format(model, cr.channels_last) is model
    assert model[0].weight.is_contiguous(memory_format=cr.channels_last) and model[0].weight.tolist() == before
    assert model[1].weight.is_contiguous()


def test_parallel_containers_run_on_the_cpu():
    layer = nn.Linear(2, 1)
    wrapped = nn.DataParallel(layer, device_ids=[0, 1])
    assert cr.equal(wrapped(cr.ones(3, 2)), layer(cr.ones(3, 2))) and wrapped.device_ids == []
    first, second = nn.parallel.parallel_apply([layer, nn.ReLU()], [cr.ones(2), (cr.tensor([-1.0]),)])
    assert first.shape == (1,) and second.tolist() == [0]
    state = wrapped.state_dict()
    nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
    assert sorted(state) == ["bias", "weight"]
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        nn.parallel.scatter(cr.ones(2), [0])


def test_container_is_a_module_with_a_warning():
    with pytest.warns(FutureWarning, match="`nn.Container` is deprecated"):
        box = nn.Container(first=nn.ReLU())
    assert repr(box) == "Container(\n  (first): ReLU()\n)"


# ---------------------------------------------------------------------- attention with functions

SCORES = {
    "none": None,
    "relative": lambda s, b, h, q, k: s + 0.1 * (q - k) * (h + 1),
    "by batch": lambda s, b, h, q, k: s * (b + 1) - k,
}
MASKS = {
    "none": None,
    "causal": lambda b, h, q, k: q >= k,
    "window": lambda b, h, q, k: (q - k).abs() <= 2,
    "a row without keys": lambda b, h, q, k: (q >= k) & (q > 0),
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("score", SCORES)
@pytest.mark.filterwarnings("ignore")
def test_flex_attention_is_torchs(score, mask):
    torch = pytest.importorskip("torch")
    from torch.nn.attention import flex_attention as theirs

    results = []
    for lib, flex in ((torch, theirs), (cr, flexible)):
        lib.manual_seed(0)
        q, k, v = (lib.randn(2, 3, 5, 4) for _ in range(3))
        blocks = MASKS[mask] and flex.create_block_mask(MASKS[mask], 2, 3, 5, 5, device="cpu")
        results.append(flex.flex_attention(q, k, v, SCORES[score], blocks, return_lse=True))
    for a, b in zip(*results):
        np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-4, atol=1e-5)


def test_flex_attention_is_attention_and_has_gradients():
    q, k, v = (cr.randn(1, 2, 4, 3).requires_grad_() for _ in range(3))
    causal = flexible.create_block_mask(lambda b, h, q, k: q >= k, None, None, 4, 4)
    y = flexible.flex_attention(q, k, v, block_mask=causal)
    z = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    assert cr.allclose(y, z, atol=1e-6)
    for a, b in zip(cr.autograd.grad(y.square().sum(), (q, k, v)), cr.autograd.grad(z.square().sum(), (q, k, v))):
        assert cr.allclose(a, b, atol=1e-5)
    both = flexible.and_masks(lambda b, h, q, k: q >= k, lambda b, h, q, k: q - k < 2)
    assert flexible.create_mask(both, 1, 1, 3, 3)[0, 0].tolist() == [[True, False, False], [True, True, False], [False, True, True]]
    with pytest.raises(ValueError, match="4 dimensional"):
        flexible.flex_attention(q[0], k[0], v[0])


def test_the_choice_of_a_kernel():
    from chainrule.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel([SDPBackend.MATH, SDPBackend.FLASH_ATTENTION]):
        pass
    with pytest.raises(AssertionError, match="Backend must be an instance of SDPBackend"), sdpa_kernel(["math"]):
        pass
