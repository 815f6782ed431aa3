"""Expressions in torchvision's names, and the images they are tried on.

Each is evaluated with ``torch``, ``T`` (transforms), ``F`` (transforms.functional), ``U`` (utils), and ``x``, an image, by
torchvision (`record`) and by chainrule (`test_against_torchvision`).
"""

import random
import zlib

import numpy as np

REPRS = """\
T.ToTensor()
T.PILToTensor()
T.ToPILImage()
T.ToPILImage('L')
T.Normalize((0.5,), (0.5,))
T.Normalize([0.5, 0.1, 0.2], [0.5, 1, 2], inplace=True)
T.Resize(3)
T.Resize((3, 4), interpolation=T.InterpolationMode.NEAREST, max_size=None, antialias=False)
T.CenterCrop((3, 4))
T.RandomCrop([3, 4], padding=2, pad_if_needed=True, fill=(1, 2, 3), padding_mode='reflect')
T.RandomHorizontalFlip()
T.RandomVerticalFlip(0.1)
T.RandomRotation(10)
T.RandomRotation((10, 20), center=(1, 2), fill=3, expand=True, interpolation=T.InterpolationMode.BILINEAR)
T.RandomResizedCrop((3, 4), scale=(0.333333333, 1), ratio=(0.3333333333, 1.5), antialias=None)
T.RandomErasing(value='random', inplace=True)
T.RandomAffine(10)
T.RandomAffine((1, 2), translate=(.1, .2), scale=(.3, 1), shear=3, interpolation=T.InterpolationMode.BILINEAR, fill=2, center=(1, 2))
T.ColorJitter()
T.ColorJitter((.1, .4), .2, .3, (-.1, .4))
T.Grayscale(3)
T.RandomGrayscale(.3)
T.Pad((1, 2), fill=3, padding_mode='edge')
T.Lambda(lambda x: x)
T.RandomApply([T.ToTensor(), T.CenterCrop(3)], .3)
T.RandomChoice([T.ToTensor(), T.CenterCrop(3)], p=[.1, .9])
T.RandomOrder([T.ToTensor(), T.CenterCrop(3)])
T.FiveCrop(3)
T.TenCrop((3, 4), True)
T.ConvertImageDtype(torch.float32)
T.GaussianBlur((3, 5), (0.1, 3.0))
T.LinearTransformation(torch.eye(3), torch.zeros(3))
T.Compose([T.ToTensor(), T.Normalize((0.5,), (0.5,))])
T.RandomInvert()
T.RandomPosterize(3)
T.RandomSolarize(100)
T.RandomAdjustSharpness(2)
T.RandomPerspective()
T.AutoAugment(T.AutoAugmentPolicy.SVHN)
T.RandAugment()
T.TrivialAugmentWide()
T.InterpolationMode.BILINEAR
D.FakeData()
D.FakeData(3, transform=T.ToTensor(), target_transform=T.Compose([T.ToTensor(), T.CenterCrop(2)]))""".splitlines()

ERRORS = """\
T.Resize(3.5)
T.Resize((1, 2, 3))
T.CenterCrop((1, 2, 3))
T.RandomRotation(-3)
T.RandomRotation((1, 2, 3))
T.RandomResizedCrop(3, scale=2)
T.RandomErasing(p=2)
T.RandomErasing(value='x')
T.RandomErasing(value={})
T.RandomErasing(scale=(1, 2))
T.RandomAffine(1, translate=(1, 2))
T.RandomAffine(1, scale=(-1, 2))
T.RandomAffine(1, translate=1)
T.RandomAffine(1, shear=(1, 2, 3))
T.ColorJitter(-1)
T.ColorJitter(hue=1)
T.ColorJitter('x')
T.Pad('x')
T.Pad((1, 2, 3))
T.Pad(1, fill='x')
T.Pad(1, padding_mode='x')
T.Lambda(3)
T.RandomChoice(3)
T.RandomChoice([1], p=3)
T.GaussianBlur(2)
T.AutoAugment('cifar10')
T.GaussianBlur(3, -1)
T.GaussianBlur(3, (2, 1))
T.LinearTransformation(torch.zeros(2, 3), torch.zeros(3))
T.Normalize((0.5,), (0.,))(torch.ones(1, 2, 2))
T.Normalize((0.5,), (1.,))(torch.ones(2, 2))
T.Normalize((0.5,), (1.,))(torch.ones(1, 2, 2).int())
T.Normalize((0.5,), (1.,))(3)
T.ToTensor()(3)
T.ToPILImage()(3)
T.ToPILImage()(torch.ones(3))
T.ToPILImage()(torch.ones(5, 2, 2))
T.ToPILImage('L')(torch.ones(3, 2, 2))
T.RandomCrop(5)(torch.ones(3, 2, 2))
T.Resize(3)('x')
T.RandomHorizontalFlip(1.)('x')
T.FiveCrop(5)(torch.ones(3, 2, 2))
F.vflip(torch.ones(2))
F.pad(torch.ones(1, 2, 2), 'x')
F.adjust_brightness(torch.ones(1, 2, 2), -1)
F.adjust_hue(torch.ones(3, 2, 2), 1)
F.adjust_gamma(torch.ones(3, 2, 2), -1)
F.adjust_contrast(torch.ones(2, 2, 2), 1)
F.rgb_to_grayscale(torch.ones(2, 2, 2))
F.rotate(torch.ones(2, 2, 2), 'x')
F.affine(torch.ones(2, 2, 2), 1, (1, 2, 3), 1, 1)
F.affine(torch.ones(2, 2, 2), 1, (1, 2), -1, 1)
F.gaussian_blur(torch.ones(4, 3, 5), 4)
F.convert_image_dtype(torch.tensor([0, .5, 1.]), torch.int64)
F.posterize(torch.zeros(1, 2, 2).to(torch.uint8), 9)
D.MNIST('/nonexistent')
D.CIFAR10('/nonexistent')
D.ImageFolder('/nonexistent')
D.VisionDataset('x', transforms=1, transform=2)
U.make_grid(3)
U.draw_bounding_boxes(torch.ones(2, 3, 4, 4), torch.tensor([[1, 1, 4, 5.5]]))""".splitlines()

# On floats, on bytes, and on PIL images where Pillow does not decide the digits.
FUNCTIONS = """\
F.hflip(x)
F.vflip(x)
F.crop(x, -2, -1, 4, 4)
F.crop(x, 3, 3, 9, 9)
F.center_crop(x, (3, 20))
F.center_crop(x, (4, 3))
F.five_crop(x, (2, 4))
F.ten_crop(x, (3, 2), True)
F.pad(x, (1, 2, 3, 4), fill=7)
F.pad(x, (1, 2, 3, 4), padding_mode='reflect')
F.pad(x, (1, 2, 3, 4), padding_mode='symmetric')
F.pad(x, (-1, 2, 3, -1), padding_mode='edge')
F.resize(x, 4, T.InterpolationMode.NEAREST)
F.resize(x, (13, 4), T.InterpolationMode.NEAREST_EXACT)
F.rotate(x, 30)
F.rotate(x, 37, expand=True)
F.rotate(x, 30, fill=[100.])
F.rotate(x, 30, center=(1, 2))
F.affine(x, 30, (1, 2), 1.2, (5, 7))
F.affine(x, 0, (1, 1), 1, 0, center=(0, 0))
F.perspective(x, [[0, 0], [5, 0], [5, 5], [0, 5]], [[1, 0], [4, 1], [5, 4], [0, 5]], T.InterpolationMode.NEAREST)
F.adjust_brightness(x, 1.7)
F.adjust_contrast(x, 0.5)
F.adjust_saturation(x, 2)
F.adjust_hue(x, -.31)
F.adjust_gamma(x, 2.2, .8)
F.adjust_sharpness(x, 2)
F.rgb_to_grayscale(x, 3)
F.invert(x)
F.autocontrast(x)
F.gaussian_blur(x, (3, 5), (.5, 1.5))
F.erase(x, 1, 1, 2, 3, torch.tensor(1))
F.convert_image_dtype(x, torch.uint8)
F.convert_image_dtype(x, torch.float64)""".splitlines()
FLOATS = """\
F.resize(x, (4, 4))
F.resize(x, (13, 17))
F.resize(x, 4, max_size=5)
F.resize(x, (13, 4), T.InterpolationMode.BICUBIC)
F.resize(x, (4, 13), T.InterpolationMode.BICUBIC, antialias=False)
F.resized_crop(x, 1, 1, 3, 4, (6, 6))
F.rotate(x, 30, T.InterpolationMode.BILINEAR, fill=[0.5])
F.affine(x, -20, (0, 0), .7, [3, 0], T.InterpolationMode.BILINEAR, fill=[.9])
F.normalize(x, [.5, .1, .2], [.2, .3, .4])
U.make_grid(x, nrow=2, padding=1, pad_value=.3)
U.make_grid(list(torch.stack([x] * 5)), nrow=3)
U.make_grid(x * 3 - 1, normalize=True, scale_each=True)
U.make_grid(torch.stack([x, x / 2]), normalize=True, value_range=(.2, .6))""".splitlines()
BYTES = """\
F.posterize(x, 3)
F.solarize(x, 100)
F.equalize(x)
F.convert_image_dtype(x, torch.int16)
F.convert_image_dtype(x, torch.int64)
U.draw_bounding_boxes(x, torch.tensor([[1, 1, 4, 5], [2, 0, 6, 3]]))
U.draw_bounding_boxes(x, torch.tensor([[1, 1, 4, 5]]), colors=['red'], width=2, fill=True)""".splitlines()

# Each draws; what the stream gives next is compared too.
RANDOM = """\
T.RandomCrop(5)
T.RandomCrop((5, 6), padding=3, fill=3)
T.RandomCrop(15, pad_if_needed=True, padding_mode='edge')
T.RandomHorizontalFlip()
T.RandomVerticalFlip(.3)
T.RandomRotation(40)
T.RandomRotation((10, 80), expand=True, fill=7)
T.RandomErasing(p=.9)
T.RandomErasing(p=.9, value=(1, 2, 3))
T.RandomErasing(p=.9, scale=(.9, 1.), ratio=(5, 6))
T.RandomAffine(30)
T.RandomAffine((-5, 50), (.2, .3), (.5, 1.5), (1, 5, 2, 6), fill=9, center=(3, 3))
T.ColorJitter(.4, .3, .2, .1)
T.ColorJitter(brightness=(.5, .6), hue=.5)
T.RandomGrayscale(.5)
T.RandomPerspective(.3, .8, T.InterpolationMode.NEAREST, fill=3)
T.GaussianBlur((3, 5), (.5, 3.))
T.RandomInvert()
T.RandomSolarize(.4)
T.RandomAdjustSharpness(2)
T.RandomAutocontrast()
T.RandomApply([T.RandomRotation(30), T.RandomHorizontalFlip()], .6)
T.RandomChoice([T.RandomCrop(5), T.CenterCrop(7), T.Grayscale()], p=[.2, .3, .5])
T.RandomOrder([T.RandomCrop(6), T.RandomRotation(30), T.RandomVerticalFlip()])""".splitlines()
RANDOM_BYTES = """\
T.AutoAugment()
T.AutoAugment(T.AutoAugmentPolicy.CIFAR10)
T.AutoAugment(T.AutoAugmentPolicy.SVHN, fill=9)
T.RandAugment()
T.RandAugment(3, 20, fill=7)
T.TrivialAugmentWide()
T.TrivialAugmentWide(11)""".splitlines()
RANDOM_FLOATS = """\
T.RandomResizedCrop(7)
T.RandomResizedCrop((7, 9), scale=(.9, 1.), ratio=(3., 4.))
T.RandomErasing(p=.9, value='random')
T.RandomPerspective(p=.8)""".splitlines()

# Networks: by name and settings, the first few with their weights and what they give.
NETWORKS = """\
resnet18(num_classes=10)
ResNet(resnet.Bottleneck, [1, 1, 2, 1], 3, True, groups=2, width_per_group=8, replace_stride_with_dilation=[False, True, True])
mobilenet_v2(width_mult=.35, num_classes=7)""".splitlines()
STRUCTURES = """\
resnet50(norm_layer=None)
resnext50_32x4d()
mobilenet_v2()
alexnet(num_classes=5, dropout=0.2)
vgg16_bn(num_classes=3)""".splitlines()


def structure_of(model):
    """Checksums of how the model presents itself, and of its parameters' names and shapes."""
    names = [(name, list(value.shape)) for name, value in model.state_dict().items()]
    return [zlib.crc32(repr(model).encode()), zlib.crc32(repr(names).encode())]


def network(expression, models, torch):
    """Its structure, its weights, what the stream gives next, and the network on an image."""
    torch.manual_seed(0)
    model = eval(expression, vars(models) | {})
    made = [structure_of(model), [digest(value) for value in model.state_dict().values()], digest(torch.rand(1))]
    with torch.no_grad():
        return [*made, digest(model.eval()(torch.ones(1, 3, 64, 64)))]


def pixels():
    """An image of bytes, (3, 8, 11)."""
    return np.random.default_rng(0).integers(0, 256, (3, 8, 11), dtype=np.uint8)


def images(torch):
    """The images by kind."""
    return {"bytes": torch.from_numpy(pixels()), "floats": torch.from_numpy(pixels().astype(np.float32) / 255)}


def on(kind):
    """The cases on one kind of image: an expression and a seed, None where nothing is drawn."""
    more = {"bytes": (BYTES, RANDOM_BYTES), "floats": (FLOATS, RANDOM_FLOATS)}[kind]
    return [(e, None) for e in FUNCTIONS + more[0]] + [(e, seed) for e in RANDOM + more[1] for seed in (1, 2, 3)]


def evaluate(expression, seed, names, image):
    """What the expression gives, as numbers that can be written down."""
    torch = names["torch"]
    if seed is None:
        return digest(eval(expression, {**names, "x": image.clone()}))
    torch.manual_seed(seed)
    random.seed(seed)
    made = digest(eval(expression, names)(image.clone()))
    return [made, digest(torch.rand(1))]


def digest(made):
    """Of whole numbers all, as a checksum; of floats their sum, and their sum with weights that tell places apart."""
    if isinstance(made, (tuple, list)):
        return [digest(part) for part in made]
    numbers = np.ascontiguousarray(made.numpy())
    kind = [str(numbers.dtype), list(numbers.shape)]
    if numbers.dtype.kind in "iub":
        return [*kind, zlib.crc32(numbers.tobytes())]
    flat = numbers.astype(np.float64).reshape(-1)
    return [*kind, float(flat.sum()), float(flat @ np.cos(np.arange(flat.size)))]


def close(a, b):
    """Are two digests equal, sums of floats to rounding (2e-6 for each number, or that share of it)?"""
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) == 4 and isinstance(a[2], float):
        count = max(1, np.prod(a[1]))
        most = 2e-6 * count * max(1.0, abs(a[2]) / count)
        return a[:2] == b[:2] and all(abs(x - y) <= most for x, y in zip(a[2:], b[2:]))
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(close, a, b))
    return a == b


def error_of(expression, names):
    """(class, first line) of the error that an expression raises."""
    try:
        eval(expression, names)
    except Exception as error:
        return [type(error).__name__, str(error).partition("\n")[0]]
    return None
