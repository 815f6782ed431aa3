"""The table: each name with the recipe of its arguments, by family."""

from .creation import CREATION, RANDOM
from .elementwise import ELEMENTWISE, SPECIAL
from .functional import FUNCTIONAL
from .further import FACTORS, FOURIER, FURTHER, MORE_LAYERS
from .indexing import INDEXING
from .layers import LAYERS
from .matrices import MATRICES
from .reductions import REDUCTIONS
from .shapes import SHAPES
from .spec import Spec as Spec
from .training import TRAINING

FAMILIES = {
    "entry by entry": ELEMENTWISE,
    "special functions": SPECIAL,
    "reductions and orders": REDUCTIONS,
    "shapes": SHAPES,
    "indexing": INDEXING,
    "matrices": MATRICES | FACTORS,
    "Fourier transforms and windows": FOURIER,
    "creation": CREATION,
    "random numbers": RANDOM,
    "nn.functional": FUNCTIONAL,
    "layers": LAYERS | MORE_LAYERS,
    "training": TRAINING,
    "second names": FURTHER,
}
SPECS: dict[str, Spec] = {name: spec for family in FAMILIES.values() for name, spec in family.items()}
