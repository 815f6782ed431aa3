"""A program that asks for a GPU learns that there is none, as it does from PyTorch's CPU build."""

import importlib

import pytest

import chainrule as cr

SAME_ANSWER = """
cuda.is_available() cuda.device_count() cuda.is_initialized() cuda.is_bf16_supported() cuda.is_tf32_supported()
cuda.manual_seed(0) cuda.manual_seed_all(0) cuda.seed() cuda.seed_all() cuda.empty_cache() cuda.memory_allocated()
cuda.max_memory_allocated() cuda.memory_reserved() cuda.max_memory_reserved() cuda.memory_stats() cuda.get_rng_state_all()
cuda.set_rng_state_all([]) cuda.get_arch_list() cuda.default_generators cuda.has_half cuda.set_device(-1)
cuda.device(-1).__enter__() cuda.stream(None).__enter__() cuda.set_stream(None) isinstance(ones(1),cuda.FloatTensor)
backends.cudnn.is_available() backends.cudnn.version() backends.cudnn.is_acceptable(ones(1)) backends.cudnn.enabled
backends.cudnn.benchmark backends.cudnn.deterministic backends.cudnn.allow_tf32 backends.cudnn.benchmark_limit
backends.cuda.is_built() backends.cuda.matmul.allow_fp16_reduced_precision_reduction backends.cuda.flash_sdp_enabled()
backends.cuda.mem_efficient_sdp_enabled() backends.cuda.math_sdp_enabled() backends.mps.is_available()
backends.mps.is_built() backends.mkldnn.enabled
accelerator.is_available() accelerator.current_accelerator() accelerator.device_count()
mps.is_available() mps.device_count() mps.manual_seed(0) xpu.is_available() xpu.device_count()
cpu.is_available() cpu.device_count() cpu.synchronize() cpu.current_device()
version.cuda version.hip version.debug pi e inf newaxis
compiler.is_compiling() jit.is_scripting() jit.is_tracing() distributed.is_initialized() compiler.is_dynamo_compiling()
""".split()


NAMES = ("ones", "cuda", "backends", "accelerator", "mps", "xpu", "cpu", "version", "compiler", "jit", "distributed", "pi",
         "e", "inf", "newaxis")  # fmt: skip


def evaluated(library, expression):
    return eval(expression, {name: getattr(library, name) for name in NAMES})


@pytest.mark.parametrize("expression", SAME_ANSWER)
def test_answers_are_those_of_the_cpu_build(expression):
    torch = pytest.importorskip("torch")
    assert evaluated(cr, expression) == evaluated(torch, expression)


SAME_ERROR = """
cuda.synchronize() cuda.current_device() cuda.get_device_name(0) cuda.get_device_capability() cuda.get_device_properties(0)
cuda.init() cuda.mem_get_info() cuda.get_rng_state() cuda.initial_seed() cuda.current_stream() cuda.set_device("cpu")
cuda.FloatTensor(2) cuda.LongTensor([1]) accelerator.set_device_index(0) accelerator.synchronize()
""".split()


@pytest.mark.parametrize("expression", SAME_ERROR)
def test_errors_are_those_of_the_cpu_build(expression):
    torch = pytest.importorskip("torch")
    with pytest.raises((AssertionError, RuntimeError, TypeError, ValueError)) as theirs:
        evaluated(torch, expression)
    with pytest.raises(type(theirs.value)) as ours:
        evaluated(cr, expression)
    assert str(ours.value).splitlines()[0] == str(theirs.value)


def test_what_needs_a_gpu_says_what_to_write():
    for use in (cr.cuda.synchronize, cr.cuda.Event, cr.cuda.device(0).__enter__, lambda: cr.ones(1).type(cr.cuda.FloatTensor)):
        with pytest.raises(AssertionError) as caught:
            use()
        assert str(caught.value).splitlines() == [
            "Torch not compiled with CUDA enabled",
            "  why: chainrule computes on the CPU",
            '  instead: device = "cuda" if torch.cuda.is_available() else "cpu"',
        ]


def test_the_dtype_that_programs_choose():
    chosen = cr.cuda.FloatTensor if cr.cuda.is_available() else cr.FloatTensor
    assert chosen([1, 2]).tolist() == [1, 2]
    assert repr(cr.cuda.FloatTensor) == "<class 'torch.cuda.FloatTensor'>"


def test_switches_hold_what_they_are_set_to():
    from chainrule.backends import cudnn

    try:
        cudnn.benchmark, cudnn.deterministic = True, True
        assert cr.backends.cudnn.benchmark and cr.backends.cudnn.deterministic
        with cudnn.flags(enabled=False, deterministic=False):
            assert (cudnn.enabled, cudnn.deterministic, cudnn.benchmark) == (False, False, False)
        assert (cudnn.enabled, cudnn.deterministic, cudnn.benchmark) == (True, True, True)
    finally:
        cudnn.benchmark, cudnn.deterministic = False, False
    with cr.backends.mkldnn.flags(enabled=False):
        assert not cr.backends.mkldnn.enabled
    assert cr.backends.mkldnn.enabled
    cr.backends.cuda.enable_flash_sdp(False)
    assert not cr.backends.cuda.flash_sdp_enabled()
    cr.backends.cuda.enable_flash_sdp(True)


SUBMODULES = """accelerator amp autograd autograd.function autograd.functional backends backends.cudnn backends.cuda
backends.mps compiler cpu cuda cuda.amp distributed jit linalg multiprocessing nn nn.functional nn.init nn.parameter nn.utils
nn.utils.rnn optim optim.lr_scheduler random serialization types utils utils.data version xpu mps __config__""".split()


@pytest.mark.parametrize("name", SUBMODULES)
def test_submodules_can_be_imported_and_are_attributes(name):
    module = importlib.import_module(f"chainrule.{name}")
    found = cr
    for part in name.split("."):
        found = getattr(found, part)
    assert found is module


def test_there_is_one_process():
    assert not cr.distributed.is_available()
    with pytest.raises(RuntimeError, match="chainrule computes in one process"):
        cr.distributed.init_process_group("gloo")


def square(i, results):
    results.put((i, (cr.ones(2) * i).sum().item()))


@pytest.mark.slow
def test_multiprocessing_spawn():
    results = cr.multiprocessing.get_context("spawn").Queue()
    cr.multiprocessing.spawn(square, args=(results,), nprocs=2)
    assert sorted(results.get(timeout=20) for _ in range(2)) == [(0, 0), (1, 2)]


def fail(i):
    raise ValueError("as it should")


@pytest.mark.slow
def test_multiprocessing_failure(capfd):
    with pytest.raises(cr.multiprocessing.ProcessRaisedException, match="process 0 terminated with exit code 1"):
        cr.multiprocessing.spawn(fail)
    assert "ValueError: as it should" in capfd.readouterr().err


def test_opt_einsum_is_not_used_whether_installed_or_not():
    assert cr.backends.opt_einsum.is_available() is False
