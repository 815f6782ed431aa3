"""Running sums and extremes of vectors, held to NumPy's."""

import numpy as np
import pytest

from chainrule.native import Kernel, kernels
from chainrule.native.interpret import interpret
from chainrule.native.loops import Type

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
INF, NAN = np.inf, np.nan
ROWS = {
    "plain": [3, -1, 4, -1, 5, -9, 2, 6, 5, 3, 5], "one": [7], "NaN first": [NAN, 1, 2], "NaN last": [*range(40), NAN],
    "only NaN": [NAN], "infinite": [-INF, 5, INF], "nothing above −∞": [-INF] * 20, "nothing below ∞": [INF] * 20,
}  # fmt: skip


def extreme(how, width, kind):
    def body(k, x, y, n):
        found = k.extreme(how, 4, width, kind)
        for i in k.vectors(n, width, 4):
            found.add(x[i] if i.mask is None else k.where(i.mask, x[i], k.value(found.free, Type(kind, width))))
        y[0] = found.total()

    return Kernel(body, {"x": f"{kind}*", "y": f"{kind}*", "n": "i64"}, f"{how}_{width}_{kind}")


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("width, kind", [(16, "f32"), (1, "f32"), (8, "f64")])
@pytest.mark.parametrize("how, expected", [("largest", np.max), ("smallest", np.min)])
def test_extremes(how, expected, width, kind, name):
    x = np.array(ROWS[name], np.float32 if kind == "f32" else np.float64)
    kernel = extreme(how, width, kind)
    for run in (kernel, lambda *args: interpret(kernel.program(), *args)):
        y = np.zeros(1, x.dtype)
        run(x, y, x.size)
        np.testing.assert_array_equal(y[0], expected(x))


def test_the_lane_that_is_counted_to():
    def body(k, x, y, n):
        for i in k.vectors(16):
            y[i] = k.where(k.nth(n), x[i], -1.0)

    kernel = Kernel(body, {"x": "f32*", "y": "f32*", "n": "i64"}, "only_one")
    x = np.arange(16, dtype=np.float32)
    for n in (-1, 0, 5, 15, 16, 1 << 20):
        for run in (kernel, lambda *args: interpret(kernel.program(), *args)):
            y = np.empty(16, np.float32)
            run(x, y, n)
            assert y.tolist() == [float(i) if i == n else -1.0 for i in range(16)]
