"""``torch.fx.experimental.optimization``: rewriting traced modules, which there are none of."""

from __future__ import annotations

from ...base.absent import refusing
from ...base.errors import message


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "torch.fx cannot trace a module here",
            "fusing the layers of a whole model needs its graph",
            "torch.nn.utils.fusion.fuse_conv_bn_eval(conv, bn) fuses one pair of layers",
        )
    )


fuse = refusing("fuse", missing, "Not available: an error with what there is instead.")
