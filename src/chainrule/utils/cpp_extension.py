"""``torch.utils.cpp_extension``: parts written in C++ or CUDA. There are none here: chainrule is Python on NumPy."""

from __future__ import annotations

from functools import partial

from ..base.absent import refusing
from ..base.errors import message


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "extensions in C++ cannot be built or loaded",
            "they are compiled against PyTorch's own libraries, which are not here",
            "the same in Python: a torch.autograd.Function with forward and backward",
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what to do instead.")
load, load_inline, include_paths = refuse("load"), refuse("load_inline"), refuse("include_paths")
BuildExtension, CppExtension, CUDAExtension = refuse("BuildExtension"), refuse("CppExtension"), refuse("CUDAExtension")
CUDA_HOME: str | None = None
ROCM_HOME: str | None = None
