"""LLVM IR to machine code for this computer. llvmlite is loaded here, and only when code is not in the cache."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any

TELLING = ("cpu family", "model", "CPU implementer", "CPU part", "flags", "Features")  # lines of /proc/cpuinfo
FEW = ("always_inliner", "sroa", "instruction_combine", "simplify_cfg", "loop_rotate", "simplify_cfg")


@cache
def installed() -> bool:
    """Whether llvmlite can be imported; looked up without loading it."""
    from importlib.util import find_spec

    return find_spec("llvmlite") is not None


@cache
def version() -> str:
    """llvmlite's version, by the name of the folder that describes it: `importlib.metadata` takes 20 ms to say the same."""
    from importlib.util import find_spec

    spec = find_spec("llvmlite")
    around = Path(spec.origin).parent.parent if spec is not None and spec.origin else Path()
    found = [path.name.split("-")[1] for path in around.glob("llvmlite-*-info")]
    if len(found) == 1:
        return found[0].removesuffix(".dist")
    from importlib.metadata import version

    return version("llvmlite")


@cache
def target() -> Any:
    """LLVM's description of this computer's processor."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=3, reloc="pic", codemodel="small"
    )


@cache
def processor() -> str:
    """What machine code depends on, told without LLVM: architecture, system, the processor's model and its features."""
    told: list[str] = []
    if sys.platform == "linux":
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line == "\n":  # the next core
                    break
                if line.startswith(TELLING):
                    told.append(line)
    return " ".join([platform.machine(), sys.platform, *told])


@cache
def converts_float16() -> bool:
    """Whether the processor has instructions for it; LLVM would call a function that is not there."""
    known = processor()
    return " f16c" in known or known.startswith(("aarch64", "arm64"))


def optimized(text: str, passes: str = "all") -> Any:
    """A module after LLVM's passes.

    ``"all"`` of them; ``"straight"``: but those that unroll loops and make vectors, for loops that are vectors already and
    whose few turns are written out, in two thirds of the time; ``"few"``: what a loop needs that is
    written out to the last, in half of that: expressions are seldom written twice, so that none are looked for.
    """
    import llvmlite.binding as llvm

    machine = target()
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    if passes == "straight":
        options.loop_unrolling = options.loop_vectorization = options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    if passes == "few":
        manager = llvm.create_new_module_pass_manager()
        for name in FEW:
            getattr(manager, f"add_{name}_pass")()
    else:
        manager = builder.getModulePassManager()
    manager.run(module, builder)
    return module


def object_code(text: str, passes: str = "all") -> bytes:
    """A module as the bytes of an object file."""
    return target().emit_object(optimized(text, passes))


def assembly(text: str, passes: str = "all") -> str:
    """A module as assembly, for reading."""
    return target().emit_assembly(optimized(text, passes))
