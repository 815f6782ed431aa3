"""The discrete Fourier transform over some axes, of complex and of real numbers.

Over one axis of N entries y[k] = c · Σₙ x[n] e^(∓2πi·kn/N), the sign − on the way there and + on the way back. The
matrix of the transform is symmetric, so its adjoint, which takes gradients back, is the transform with the other sign
and the same factor c: 1 with one of the norms "backward" and "forward" and 1/N with the other, or 1/√N ("ortho").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.layout import in_order
from ..graph.op import Op
from ..graph.value import Value
from .complex import real
from .pad import ConstantPadNd

ADJOINT_NORM = {"backward": "forward", "forward": "backward", "ortho": "ortho"}
FULL = {True: np.fft.fftn, False: np.fft.ifftn}


class FftC2C(Op):
    """y = F x, the discrete Fourier transform of complex numbers over the axes ``dims``"""

    fields = ("dims", "norm", "there")
    slow = ""

    def forward(self, x: Any) -> Any:
        return in_order(FULL[self.there](x, axes=self.dims, norm=self.norm))

    def pull_x(self, g: Any) -> Any:
        return FftC2C(self.dims, ADJOINT_NORM[self.norm], not self.there)(g)


class FftR2CFull(Op):
    """y = F x, the discrete Fourier transform of real numbers over the axes ``dims``, all of its entries"""

    fields = ("dims", "norm", "there")
    slow = ""
    torch_name = "FftR2CBackward0"

    def forward(self, x: Any) -> Any:
        return in_order(FULL[self.there](x, axes=self.dims, norm=self.norm))

    def pull_x(self, g: Any) -> Any:
        return real(FftC2C(self.dims, ADJOINT_NORM[self.norm], not self.there)(g))


class FftR2C(Op):
    """y = F x of real numbers, of the last of the axes only the frequencies from 0 to N/2: the rest are their conjugates"""

    fields = ("dims", "norm")
    slow = ""

    def forward(self, x: Any) -> Any:
        return in_order(np.fft.rfftn(x, axes=self.dims, norm=self.norm))

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        last = self.dims[-1]
        pads = [(0, 0)] * len(x_shape)
        pads[last] = (0, x_shape[last] - (x_shape[last] // 2 + 1))
        return real(FftC2C(self.dims, ADJOINT_NORM[self.norm], False)(ConstantPadNd(tuple(pads), 0)(g)))


class FftC2R(Op):
    """y = the real numbers, ``size`` along the last of the axes, whose transform begins with x: what `FftR2C` undoes"""

    fields = ("dims", "norm", "size")
    slow = ""

    def forward(self, x: Any) -> Any:
        sizes = [x.shape[d] for d in self.dims[:-1]] + [self.size]
        return in_order(np.fft.irfftn(x, sizes, self.dims, self.norm))

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        """Each frequency but 0 and N/2 stands for two: itself and its conjugate."""
        last, count = self.dims[-1], self.size // 2 + 1
        twice = np.full((count, *[1] * (len(x_shape) - 1 - last)), 2, (g.array if isinstance(g, Value) else g).dtype)
        twice[0] = 1
        if self.size % 2 == 0:
            twice[-1] = 1
        return FftR2C(self.dims, ADJOINT_NORM[self.norm])(g) * twice
