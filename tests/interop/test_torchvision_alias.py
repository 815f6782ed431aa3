"""Under the alias, torchvision is chainrule.vision; it says what it is, what it lacks, and what it needs."""

import subprocess
import sys
from pathlib import Path

import pytest

import chainrule
from chainrule import vision
from chainrule.interop import torch_alias

SOURCE = Path(__file__).parents[2] / "src"


def python(code, *options):
    """What a new interpreter prints, and its last lines of error."""
    command = [sys.executable, *options, "-c", "import chainrule.as_torch\n" + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(SOURCE)})
    return done.stdout, done.stderr


def test_every_way_of_importing():
    out, err = python(
        "import torchvision, torch\n"
        "import torchvision.transforms as transforms\n"
        "import torchvision.transforms.functional as F\n"
        "from torchvision import datasets, models\n"
        "from torchvision.transforms.transforms import Compose\n"
        "from torchvision.datasets.mnist import MNIST\n"
        "from torchvision.datasets.vision import VisionDataset\n"
        "from torchvision.utils import make_grid, save_image\n"
        "from torchvision.io import read_image\n"
        "print(torchvision.__version__, torchvision.transforms is transforms, F is transforms.functional)\n"
        "print(Compose is transforms.Compose, MNIST is datasets.MNIST, issubclass(MNIST, VisionDataset))\n"
        "print(isinstance(transforms.Resize(3), torch.nn.Module), issubclass(MNIST, torch.utils.data.Dataset))\n"
    )
    assert err == ""
    assert out.splitlines() == [f"0.28.0+chainrule.{chainrule.__version__} True True", "True True True", "True True"]


def test_it_needs_no_pillow_until_there_are_pictures():
    hidden = "import sys\nsys.modules['PIL'] = sys.modules['PIL.Image'] = None\n"
    out, err = python(
        hidden + "import torch, torchvision\n"
        "print(torchvision.transforms.RandomCrop(2, padding=1)(torch.ones(1, 2, 2)).shape)\n"
        "print(torchvision.transforms.ToTensor()(torch.zeros(2, 2).numpy()).shape)\n"
        "torchvision.transforms.ToPILImage()(torch.ones(1, 2, 2))\n"
    )
    assert out.splitlines() == ["torch.Size([1, 2, 2])", "torch.Size([1, 2, 2])"]
    assert err.splitlines()[-3:] == [
        "ModuleNotFoundError: No module named 'PIL'",
        "  why: pictures as PIL images: this needs the package pillow, and it is not installed",
        '  instead: pip install "chainrule[vision]"',
    ]


@pytest.mark.parametrize(
    "use, lines",
    [
        ("import torchvision; torchvision.ops", ["AttributeError: module 'torchvision' has no attribute 'ops'",
         "  why: of torchvision there are datasets, io, models, transforms, utils here"]),
        ("import torchvision.models as m; m.frobnet50", ["AttributeError: module 'torchvision.models' has no attribute 'frobnet50'"]),
        ("import torchvision.transform", ["ModuleNotFoundError: No module named 'torchvision.transform'",
         f"  why: chainrule {chainrule.__version__} stands in for torchvision here, and has no torchvision.transform",
         "  near: torchvision.transforms"]),
    ],
)  # fmt: skip
def test_what_is_missing(use, lines):
    _, err = python(use)
    assert "\n".join(lines) in err


def test_names_near_the_one_that_is_missing(tmp_path):
    program = tmp_path / "a.py"
    program.write_text("from torchvision.transforms import RandomHorizontalFlp")
    command = [sys.executable, "-m", "chainrule", "run", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(SOURCE)})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        f"  why: chainrule {chainrule.__version__} stands in for torchvision here, "
        "and has no torchvision.transforms.RandomHorizontalFlp",
        "  near: torchvision.transforms.RandomHorizontalFlip, torchvision.transforms.RandomVerticalFlip, "
        "torchvision.transforms.RandomCrop",
    ]


def test_uninstall_leaves_nothing(monkeypatch):
    for name in [n for n in sys.modules if n.partition(".")[0] in ("torch", "torchvision")]:
        monkeypatch.delitem(sys.modules, name)
    torch_alias.install()
    import torchvision.transforms

    assert torchvision is vision
    torch_alias.uninstall()
    assert not [n for n in sys.modules if n.partition(".")[0] in ("torch", "torchvision")]


def test_the_image_library_is_pillow():
    assert vision.get_image_backend() == "PIL"
    vision.set_image_backend("PIL")
    with pytest.raises(ValueError, match="Invalid backend 'accimage'"):
        vision.set_image_backend("accimage")
