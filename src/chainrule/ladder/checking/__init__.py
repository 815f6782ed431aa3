"""Is a hand-written gradient right, and if not, what is wrong with it?"""

from .check import GradientCheck as GradientCheck
from .check import PointCheck as PointCheck
from .check import check_gradient as check_gradient
