"""Values joined along an axis: large ones row by row, by all cores."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.compiler.emission import Join
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
SHAPES = {
    "shared": ([(37, 50, 40), (37, 50, 9)], -1, 8),
    "shared, an axis in the middle": ([(10, 300, 16), (10, 200, 16)], 1, 5),
    "along the first axis": ([(300, 300), (100, 300)], 0, 1),
    "one row": ([(1, 50_000), (1, 50_000)], 1, 1),
    "small": ([(7, 5), (7, 6)], 1, 1),
}


@pytest.mark.parametrize("name", SHAPES)
def test_parts_lie_one_after_the_other(name, monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))  # what is known from before is not written again
    shapes, dim, pieces = SHAPES[name]
    seen = []
    kernel = Join.kernel
    monkeypatch.setattr(Join, "kernel", lambda self: seen.append(self.pieces) or kernel(self))
    torch.manual_seed(0)
    parts = [torch.randn(*shape) for shape in shapes]
    parts.append(torch.randn(*reversed(shapes[0])).permute(*reversed(range(len(shapes[0])))))  # its entries lie in another order

    def joined(*parts):
        return torch.cat(parts, dim=dim) * 2

    step = torch.compile(joined)
    for _ in range(5):
        found = step(*parts)
    assert step.compiled, step.report()
    np.testing.assert_array_equal(found.numpy(), joined(*parts).numpy())
    assert set(seen) <= {pieces}
    assert seen or name == "small"
