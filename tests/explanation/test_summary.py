"""`chainrule.summary`: counts that can be worked out by hand."""

import pytest

import chainrule as torch
from chainrule import nn


def rows(told):
    return {r.path: r for r in told.rows}


def test_a_network_of_linear_layers():
    told = torch.summary(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)), (32, 3))
    found = rows(told)
    assert [r.kind for r in told.rows] == ["Sequential", "Linear", "ReLU", "Linear"]
    assert found["0"].parameters == 16 and found["2"].parameters == 5 and told.parameters == told.trainable == 21
    assert (
        found["0"].flops == 32 * (2 * 3 * 4 + 4) and found["1"].flops == 32 * 4 and found["2"].flops == 32 * (2 * 4 + 1)
    )
    assert found["0"].output == [(32, 4)] and told.parameter_bytes == 84 and told.input_bytes == 32 * 3 * 4
    assert found["0"].kept == 32 * 3 * 4  # the input; relu keeps its result, which the last layer shares
    assert found["1"].kept == 32 * 4 * 4 and found["2"].kept == 0
    assert "21 parameters, 84 B; 1.31 kFLOPs forward" in str(told)


def test_a_convolution():
    told = torch.summary(nn.Conv2d(3, 8, 3, padding=1), (2, 3, 10, 10))
    assert told.flops == 2 * (2 * 8 * 100) * (3 * 9) + 2 * 8 * 100 and told.parameters == 8 * 27 + 8


def test_attention():
    told = torch.summary(nn.MultiheadAttention(8, 2, batch_first=True), (torch.randn(1, 5, 8),) * 3)
    products = 2 * 2 * 2 * 5 * 5 * 4  # q kᵀ and weights · v, two heads of four
    assert told.flops > 2 * 5 * 8 * 24 + 2 * 5 * 8 * 8 + products


def test_shared_and_frozen_parameters_and_depth():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4)
            self.frozen = nn.Linear(4, 4).requires_grad_(False)

        def forward(self, x):
            return self.layer(self.frozen(self.layer(x)))

    model = Tied()
    told = torch.summary(model, (2, 4))
    assert told.parameters == 40 and told.trainable == 20 and "20 of them frozen" in str(told)
    assert [r.path for r in told.rows] == ["", "layer", "frozen", "layer (2)"] and rows(told)[
        "layer (2)"
    ].parameters == 0
    assert not model.frozen.weight.requires_grad and model.layer.weight.grad is None
    folded = torch.summary(model, (2, 4), depth=0)
    (line,) = folded.cells()
    assert line[2] == "40" and folded.flops == told.flops == 3 * 2 * (2 * 16 + 4)


def test_the_model_stays_as_it_was():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    before, stream = {k: v.tolist() for k, v in model.state_dict().items()}, torch.get_rng_state().tolist()
    told = torch.summary(model, (5, 3))
    assert {k: v.tolist() for k, v in model.state_dict().items()} == before and torch.get_rng_state().tolist() == stream
    assert "<table>" in told._repr_html_() and "BatchNorm1d" in told.to_html()


def test_errors():
    with pytest.raises(TypeError, match="takes a module, and an input for it, but got int"):
        torch.summary(3, (1,))
    with pytest.raises(TypeError, match="the input must be a tensor"):
        torch.summary(nn.Linear(1, 1), None)
