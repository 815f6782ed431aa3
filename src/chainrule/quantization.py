"""``torch.quantization`` (and ``torch.ao.quantization``): models in whole numbers of eight bits. They are not available."""

from __future__ import annotations

from functools import partial

from .base.absent import refusing
from .base.errors import message


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "quantization is not available",
            "tensors here hold numbers as they are, and layers compute with them in floating point",
            "model.half() or model.bfloat16() for half the memory; the float model for the same results",
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what to do instead.")
quantize, quantize_dynamic, quantize_qat = refuse("quantize"), refuse("quantize_dynamic"), refuse("quantize_qat")
prepare, prepare_qat, convert, fuse_modules = refuse("prepare"), refuse("prepare_qat"), refuse("convert"), refuse("fuse_modules")
get_default_qconfig, get_default_qat_qconfig = refuse("get_default_qconfig"), refuse("get_default_qat_qconfig")
QuantStub, DeQuantStub, QuantWrapper = refuse("QuantStub"), refuse("DeQuantStub"), refuse("QuantWrapper")
