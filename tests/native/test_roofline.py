"""What the machine allows, and how far from it a compiled step is."""

import pytest

import chainrule as torch
from chainrule.base import threads
from chainrule.native import kernels, roofline


def test_a_kernel_takes_at_least_the_longer_of_its_operations_and_its_bytes():
    allowed = roofline.Limits(100.0, 400.0, (10.0, 5.0, 1.0))
    small, middle, large = roofline.SIZES
    assert allowed.seconds(200, 0) == 2 and allowed.seconds(200, 0, product=True) == 0.5
    assert allowed.seconds(0, small) == small / 10 and allowed.seconds(0, small + 1) == (small + 1) / 5
    assert allowed.seconds(0, large) == large / 1 and allowed.seconds(0, 2 * large) == 2 * large
    assert allowed.seconds(1e9, middle) == 1e7


@pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
def test_the_limits_are_those_of_a_machine_and_a_report_holds_kernels_to_them():
    found = roofline.measured(threads.cores())
    assert 1e8 < found.flops < 1e14 and found.products >= found.flops and all(1e7 < x < 1e13 for x in found.bytes)
    assert roofline.measured(threads.cores()) is found
    w = torch.nn.Parameter(torch.randn(64, 64))
    x = torch.randn(32, 64)

    @torch.compile
    def step():
        w.grad = None
        loss = (x @ w).square().mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.1 * w.grad)
        return loss

    for _ in range(4):
        step()
    first, head, *rows, last = step.report().splitlines()
    assert first.startswith("compiled") and head.split() == ["kernel", "µs", "share", "GFLOP/s", "GB/s", "of", "limit", "what"]
    product = next(row for row in rows if "product" in row)
    *_, flops, _, share = product.split("product")[0].split()
    assert 0 < float(flops) and share.endswith("%")
    assert last.startswith("the limit, on all cores: ") and " in matrix products; " in last
