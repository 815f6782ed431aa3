"""What the transforms do, as functions on images: tensors (…, C, H, W) and PIL images alike."""

from __future__ import annotations

from ..modes import InterpolationMode as InterpolationMode
from .colouring import adjust_brightness as adjust_brightness
from .colouring import adjust_contrast as adjust_contrast
from .colouring import adjust_gamma as adjust_gamma
from .colouring import adjust_hue as adjust_hue
from .colouring import adjust_saturation as adjust_saturation
from .colouring import autocontrast as autocontrast
from .colouring import equalize as equalize
from .colouring import invert as invert
from .colouring import posterize as posterize
from .colouring import rgb_to_grayscale as rgb_to_grayscale
from .colouring import solarize as solarize
from .colouring import to_grayscale as to_grayscale
from .convert import convert_image_dtype as convert_image_dtype
from .convert import normalize as normalize
from .convert import pil_to_tensor as pil_to_tensor
from .convert import to_pil_image as to_pil_image
from .convert import to_tensor as to_tensor
from .cutting import center_crop as center_crop
from .cutting import crop as crop
from .cutting import erase as erase
from .cutting import five_crop as five_crop
from .cutting import hflip as hflip
from .cutting import pad as pad
from .cutting import ten_crop as ten_crop
from .cutting import vflip as vflip
from .filtering import adjust_sharpness as adjust_sharpness
from .filtering import gaussian_blur as gaussian_blur
from .kinds import get_dimensions as get_dimensions
from .kinds import get_image_num_channels as get_image_num_channels
from .kinds import get_image_size as get_image_size
from .sizes import resize as resize
from .sizes import resized_crop as resized_crop
from .warping import affine as affine
from .warping import perspective as perspective
from .warping import rotate as rotate
