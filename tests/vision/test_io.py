"""Images out of files and into files."""

import io

import numpy as np
import pytest

import chainrule
from chainrule.vision import io as vision_io
from chainrule.vision import utils
from tests.vision import cases

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(cases.pixels().transpose(1, 2, 0)).save(path)
    return path


def test_read_image(png):
    made = vision_io.read_image(png)
    assert made.dtype is chainrule.uint8
    assert (made.numpy() == cases.pixels()).all()


@pytest.mark.parametrize(
    "mode, channels", [("GRAY", 1), ("GRAY_ALPHA", 2), ("RGB", 3), ("RGB_ALPHA", 4), ("UNCHANGED", 3)]
)
def test_modes(png, mode, channels):
    for given in (mode, vision_io.ImageReadMode[mode]):
        assert vision_io.read_image(str(png), given).shape[0] == channels


def test_modes_that_are_no_colours(tmp_path):
    path = tmp_path / "a.png"
    for mode, channels in (("P", 3), ("1", 1), ("LA", 2)):
        Image.fromarray(cases.pixels()[0]).convert(mode).save(path)
        assert vision_io.read_image(path).shape == (channels, 8, 11)


def test_png_keeps_every_digit(tmp_path):
    given = chainrule.from_numpy(cases.pixels())
    vision_io.write_png(given, str(tmp_path / "b.png"))
    assert (vision_io.decode_png(vision_io.read_file(str(tmp_path / "b.png"))) == given).all()
    assert (vision_io.decode_image(vision_io.encode_png(given)) == given).all()


def test_jpeg_comes_near(tmp_path):
    given = chainrule.full((3, 16, 16), 90, dtype=chainrule.uint8)
    vision_io.write_jpeg(given, str(tmp_path / "b.jpg"), quality=95)
    back = vision_io.decode_jpeg([vision_io.read_file(str(tmp_path / "b.jpg"))])[0]
    assert (back.int() - 90).abs().max() <= 2


def test_files_that_are_no_images(tmp_path):
    path = tmp_path / "a.png"
    for content, why in ((b"hello", "Pillow says: cannot identify image file"), (b"", "there are no bytes to read")):
        path.write_bytes(content)
        with pytest.raises(RuntimeError) as caught:
            vision_io.read_image(path)
        assert why in str(caught.value)
    with pytest.raises(RuntimeError, match="No such file or directory: '/nonexistent.png'"):
        vision_io.read_image("/nonexistent.png")


def test_an_image_that_was_cut_off(png):
    png.write_bytes(png.read_bytes()[:100])
    with pytest.raises(RuntimeError, match="Unsupported image file, or a damaged one"):
        vision_io.read_image(png)


@pytest.mark.parametrize(
    "use, error, words",
    [
        (lambda: vision_io.read_image("a.png", "PINK"), RuntimeError, "No such file"),
        (lambda: vision_io.decode_image(chainrule.zeros(3)), RuntimeError, "got shape [3] and torch.float32"),
        (lambda: vision_io.encode_png(chainrule.zeros(3, 2, 2)), RuntimeError, "(255 * img).to(torch.uint8)"),
        (lambda: vision_io.encode_png(chainrule.zeros(3, 2, 2).to(chainrule.uint8), 12), RuntimeError, "between 0 and 9, got 12"),
        (lambda: vision_io.encode_jpeg(chainrule.zeros(3, 2, 2).to(chainrule.uint8), 0), ValueError, "between 1 and 100, got 0"),
    ],
)  # fmt: skip
def test_bad_input(use, error, words):
    with pytest.raises(error) as caught:
        use()
    assert words in str(caught.value)


def test_save_image(tmp_path):
    x = chainrule.from_numpy(cases.pixels().astype(np.float32) / 255)
    utils.save_image([x, x], tmp_path / "grid.png", nrow=1, padding=1)
    made = np.array(Image.open(tmp_path / "grid.png")).transpose(2, 0, 1)
    assert made.shape == (3, 19, 13)
    assert (made[:, 1:9, 1:12] == cases.pixels()).all()
    assert (made[:, :, 0] == 0).all()
    file = io.BytesIO()
    utils.save_image(x.requires_grad_(), file, format="png")
    assert Image.open(file).size == (11, 8)


def test_labels_are_written_on_boxes():
    image = chainrule.zeros(3, 40, 60, dtype=chainrule.uint8)
    box = chainrule.tensor([[5, 3, 40, 30]])
    plain, labelled = (utils.draw_bounding_boxes(image, box, labels, colors="red") for labels in (None, ["cat"]))
    assert (plain != labelled).any()
    with pytest.raises(ValueError, match=r"Number of boxes \(1\) and labels \(2\) mismatch"):
        utils.draw_bounding_boxes(image, box, ["cat", "dog"])
