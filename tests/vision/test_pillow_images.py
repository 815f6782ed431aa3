"""On PIL images: Pillow does the work, so the digits are compared with torchvision's where that is installed."""

import random

import numpy as np
import pytest

import chainrule
from chainrule.vision import transforms
from tests.vision import cases

Image = pytest.importorskip("PIL.Image")

F = transforms.functional


def picture(channels=3):
    return Image.fromarray(cases.pixels().transpose(1, 2, 0) if channels == 3 else cases.pixels()[0])


def test_there_and_back():
    for mode in ("L", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "I", "F"):
        given = picture().convert(mode)
        back = F.to_pil_image(F.pil_to_tensor(given), mode)
        assert back.mode == mode
        assert back.tobytes() == given.tobytes()


def test_bytes_become_numbers_between_0_and_1():
    made = transforms.ToTensor()(picture())
    assert made.shape == (3, 8, 11)
    assert made.dtype is chainrule.float32
    assert (made.numpy() == cases.pixels().astype(np.float32) / np.float32(255)).all()
    assert transforms.PILToTensor()(picture()).dtype is chainrule.uint8
    assert transforms.ToTensor()(picture().convert("1")).unique().tolist() == [0, 1]


def test_a_batch_as_programs_prepare_it():
    prepare = transforms.Compose(
        [transforms.Resize(6), transforms.CenterCrop(5), transforms.Grayscale(), transforms.ToTensor()]
    )
    assert prepare(picture()).shape == (1, 5, 5)


@pytest.mark.parametrize(
    "change, mode",
    [
        (lambda img: F.pad(img, 2, fill=(1, 2, 3)), "RGB"),
        (lambda img: F.adjust_hue(img, 0.2), "RGB"),
        (lambda img: F.gaussian_blur(img, 3), "RGB"),
        (lambda img: F.rgb_to_grayscale(img), "L"),
        (lambda img: F.rotate(img, 30, fill=9), "RGB"),
        (lambda img: F.perspective(img, [[0, 0], [5, 0], [5, 5], [0, 5]], [[1, 0], [4, 1], [5, 4], [0, 5]]), "RGB"),
    ],
)
def test_a_picture_stays_a_picture(change, mode):
    assert change(picture()).mode == mode


def test_colours_that_do_not_fit():
    with pytest.raises(ValueError, match=r"does not match the number of channels of the image \(2 != 3\)"):
        F.rotate(picture(), 30, fill=(1, 2))


ON_PICTURES = [
    (e, None) for e in cases.FUNCTIONS + cases.FLOATS[:6] + ["F.posterize(x, 3)", "F.solarize(x, 100)", "F.equalize(x)"]
    if "erase" not in e and "convert_image" not in e and "fill=[" not in e
] + [(e, 1) for e in cases.RANDOM + cases.RANDOM_FLOATS if "Erasing" not in e]  # fmt: skip


@pytest.fixture(scope="module")
def reference():
    """The names of torchvision, where it is installed and works."""
    from tests.vision.record import names_of_torchvision

    try:
        return names_of_torchvision()[0]
    except (ImportError, RuntimeError, OSError) as error:
        pytest.skip(f"no torchvision to compare with: {error}")


@pytest.mark.parametrize("expression, seed", ON_PICTURES)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_same_as_torchvision(reference, expression, seed, channels):
    ours = {"torch": chainrule, "T": transforms, "F": F}
    results = []
    for names in (reference, ours):
        random.seed(seed)
        names["torch"].manual_seed(seed or 0)
        try:
            made = eval(expression, {**names, "x": picture(channels)})
            made = made(picture(channels)) if seed else made
            results.append([np.array(part) for part in (made if isinstance(made, tuple) else [made])])
        except Exception as error:
            results.append([np.array(f"{type(error).__name__} {str(error).splitlines()[0]}")])
    assert all(a.shape == b.shape and (a == b).all() for a, b in zip(*results)), results
