"""Changes of images, fixed and random, by torchvision's names."""

from __future__ import annotations

from . import functional as functional
from .augmenting import AutoAugment as AutoAugment
from .augmenting import AutoAugmentPolicy as AutoAugmentPolicy
from .augmenting import RandAugment as RandAugment
from .augmenting import TrivialAugmentWide as TrivialAugmentWide
from .colouring import ColorJitter as ColorJitter
from .colouring import GaussianBlur as GaussianBlur
from .colouring import Grayscale as Grayscale
from .colouring import RandomAdjustSharpness as RandomAdjustSharpness
from .colouring import RandomAutocontrast as RandomAutocontrast
from .colouring import RandomEqualize as RandomEqualize
from .colouring import RandomGrayscale as RandomGrayscale
from .colouring import RandomInvert as RandomInvert
from .colouring import RandomPosterize as RandomPosterize
from .colouring import RandomSolarize as RandomSolarize
from .composing import Compose as Compose
from .composing import Lambda as Lambda
from .composing import RandomApply as RandomApply
from .composing import RandomChoice as RandomChoice
from .composing import RandomOrder as RandomOrder
from .conversions import ConvertImageDtype as ConvertImageDtype
from .conversions import LinearTransformation as LinearTransformation
from .conversions import Normalize as Normalize
from .conversions import PILToTensor as PILToTensor
from .conversions import ToPILImage as ToPILImage
from .conversions import ToTensor as ToTensor
from .cutting import CenterCrop as CenterCrop
from .cutting import FiveCrop as FiveCrop
from .cutting import Pad as Pad
from .cutting import RandomCrop as RandomCrop
from .cutting import RandomErasing as RandomErasing
from .cutting import RandomHorizontalFlip as RandomHorizontalFlip
from .cutting import RandomResizedCrop as RandomResizedCrop
from .cutting import RandomVerticalFlip as RandomVerticalFlip
from .cutting import Resize as Resize
from .cutting import TenCrop as TenCrop
from .modes import InterpolationMode as InterpolationMode
from .moving import RandomAffine as RandomAffine
from .moving import RandomPerspective as RandomPerspective
from .moving import RandomRotation as RandomRotation
