"""Networks have torchvision's structure, names and, after the same seed, weights; trained ones are refused."""

import json

import pytest

import chainrule
from chainrule.vision import models
from tests.vision import cases
from tests.vision.record import FILE

RECORDED = json.loads(FILE.read_text())


@pytest.mark.parametrize("expression", cases.NETWORKS)
def test_weights_and_results(expression):
    made, expected = cases.network(expression, models, chainrule), RECORDED["networks"][expression]
    for part, recorded in zip(made, expected, strict=True):
        assert cases.close(part, recorded)


@pytest.mark.parametrize("expression", cases.STRUCTURES)
def test_structures(expression, monkeypatch):
    for kind in (chainrule.nn.Linear, chainrule.nn.Conv2d):
        monkeypatch.setattr(kind, "reset_parameters", lambda self: None)
    monkeypatch.setattr("chainrule.vision.models.resnet.draw_again", lambda model: None)
    for module in ("plain", "mobilenetv2"):
        monkeypatch.setattr(f"chainrule.vision.models.{module}.draw_again", lambda model, linear: None)
    assert cases.structure_of(eval(expression, dict(vars(models)))) == RECORDED["structures"][expression]


def test_gradients_reach_the_first_layer():
    chainrule.manual_seed(0)
    block = models.resnet.BasicBlock
    model = models.ResNet(block, [1, 1, 1, 1], num_classes=2)
    model(chainrule.rand(2, 3, 32, 32)).sum().backward()
    assert model.conv1.weight.grad.abs().sum() > 0


@pytest.mark.parametrize(
    "use, error, lines",
    [
        (lambda: models.resnet18(weights="DEFAULT"), ValueError,
         ["There are no trained weights for resnet18",
          "  why: weights is 'DEFAULT', and chainrule brings none and fetches none",
          "  instead: model = resnet18(); model.load_state_dict(torch.load(PATH)), with a file of torchvision's"]),
        (lambda: models.get_model("resnet19"), ValueError, ["Unknown model resnet19 Did you mean 'resnet18' or 'resnet152' or 'resnet101'?"]),
        (lambda: models.resnet17, AttributeError, ["module 'torchvision.models' has no attribute 'resnet17'."]),
        (lambda: models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], groups=2), ValueError,
         ["BasicBlock only supports groups=1 and base_width=64"]),
        (lambda: models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], replace_stride_with_dilation=[True]), ValueError,
         ["replace_stride_with_dilation should be None or a 3-element tuple, got [True]"]),
        (lambda: models.MobileNetV2(inverted_residual_setting=[[1, 2]]), ValueError,
         ["inverted_residual_setting should be non-empty or a 4-element list, got [[1, 2]]"]),
    ],
)  # fmt: skip
def test_refusals(use, error, lines):
    with pytest.raises(error) as caught:
        use()
    for line, expected in zip(str(caught.value).splitlines(), lines):
        assert line.startswith(expected)


def test_the_former_way_of_asking_for_weights():
    with pytest.warns(UserWarning, match="The parameter 'pretrained' is deprecated since 0.13"):
        with pytest.raises(ValueError, match="There are no trained weights for resnet18"):
            models.resnet18(pretrained=True)


def test_the_list():
    assert len(models.list_models()) == 20
    assert all(callable(getattr(models, name)) for name in models.list_models())
    assert models.get_model("MobileNet_V2", width_mult=0.35, num_classes=3).classifier[1].out_features == 3
