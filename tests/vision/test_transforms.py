"""What transforms do beyond torchvision's digits: settings as tensors, gradients, advice."""

import pytest

import chainrule
from chainrule.vision import transforms

F = transforms.functional


def test_statistics_given_as_tensors_are_read_each_time():
    x, mean = chainrule.ones(1, 1, 1), chainrule.tensor([0.5])
    normalize = transforms.Normalize(mean, chainrule.tensor([0.5]))
    assert normalize(x).item() == 1
    mean.fill_(0.0)
    assert normalize(x).item() == 2


def test_normalize_leaves_its_input_alone_unless_told():
    x = chainrule.ones(2, 2, 2)
    assert transforms.Normalize((0.5, 0.5), (0.5, 0.25))(x)[:, 0, 0].tolist() == [1, 2]
    assert (x == 1).all()
    y = transforms.Normalize((0.5, 0.5), (0.5, 0.25), inplace=True)(x)
    assert y is x
    assert x[:, 0, 0].tolist() == [1, 2]


def test_gradients_pass_through():
    x = chainrule.rand(1, 4, 4, requires_grad=True)
    F.resize(F.normalize(x, [0.5], [0.25]), [2, 2]).sum().backward()
    assert x.grad.sum().item() == pytest.approx(16)


def test_transforms_are_modules_that_can_follow_each_other():
    both = chainrule.nn.Sequential(transforms.CenterCrop(4), transforms.RandomHorizontalFlip(1.0))
    assert both(chainrule.arange(36).reshape(1, 6, 6))[0, 0].tolist() == [10, 9, 8, 7]


def test_a_linear_transformation():
    whiten = transforms.LinearTransformation(2 * chainrule.eye(4), chainrule.ones(4))
    assert whiten(chainrule.full((1, 2, 2), 3.0)).tolist() == [[[4, 4], [4, 4]]]
    with pytest.raises(ValueError, match=r"incompatible shape.\[1 x 3 x 3\] != 4"):
        whiten(chainrule.ones(1, 3, 3))


def test_ranges_the_wrong_way_round_are_noticed():
    with pytest.warns(UserWarning, match="Scale and ratio should be of kind"):
        transforms.RandomResizedCrop(3, scale=(1, 0.5))


@pytest.mark.parametrize(
    "use, error, lines",
    [
        (lambda: transforms.ToTensor()(chainrule.ones(1)), TypeError,
         ["pic should be PIL Image or ndarray. Got <class 'chainrule.tensors.tensor.Tensor'>",
          "  instead: torch.as_tensor(pic), and no ToTensor for what is a tensor already"]),
        (lambda: F.resize(chainrule.ones(1, 2, 2), 4, max_size=3), ValueError,
         ["max_size = 3 must be strictly greater than the requested size for the smaller edge size = 4"]),
        (lambda: F.resize(chainrule.ones(1, 2, 2), (4, 4), transforms.InterpolationMode.BOX), ValueError,
         ["Interpolation mode 'box' is unsupported with Tensor input",
          "  why: on tensors there are nearest, nearest-exact, bilinear, bicubic",
          "  instead: transforms.ToPILImage() before it, or another mode"]),
        (lambda: F.resize(chainrule.ones(1, 2, 2), (4, 4), "bilinear"), TypeError,
         ["Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant",
          "  why: it is 'bilinear'", "  instead: interpolation=transforms.InterpolationMode.BILINEAR"]),
        (lambda: F.pad(chainrule.ones(3, 2, 2), 1, fill=(1, 2, 3)), TypeError,
         ["Got inappropriate fill arg",
          "  why: fill is (1, 2, 3), and the border of a tensor has one value in all channels",
          "  instead: one number, or transforms.Pad before transforms.ToTensor"]),
        (lambda: transforms.RandomErasing(1.0, value=(1, 2))(chainrule.ones(3, 4, 4)), ValueError,
         ["If value is a sequence, it should have either a single value or 3 (number of input channels)"]),
    ],
)  # fmt: skip
def test_advice(use, error, lines):
    with pytest.raises(error) as caught:
        use()
    assert "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])]).splitlines() == lines
