"""``torch.onnx``: models as files for other programs. Writing them is not available."""

from __future__ import annotations

from functools import partial

from .base.absent import answering, refusing
from .base.errors import message


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "torch.onnx.export is not available",
            "an ONNX file holds a program, and chainrule records what a run computes, not the program",
            "torch.save(model.state_dict(), path), which PyTorch loads into the same model and can export from",
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what to do instead.")
export, dynamo_export = refuse("export"), refuse("dynamo_export")
register_custom_op_symbolic = refuse("register_custom_op_symbolic")
unregister_custom_op_symbolic = refuse("unregister_custom_op_symbolic")
is_in_onnx_export = answering("is_in_onnx_export", False, "Whether a model is being exported: it never is.")
