"""From a training loop written all by hand to one in which every part is the library's, rung by rung.

::

    from chainrule import ladder

    ladder.climb()                                   # the four classic rungs, in one table
    ladder.climb(["1d", 1, 2, 3, 4])                 # with the documents' own first rung, and what is wrong with it
    ladder.climb([1, ladder.Rung(gradients=mine)])   # with a gradient of yours
"""

from .checking import GradientCheck as GradientCheck
from .checking import check_gradient as check_gradient
from .climbing import Climb as Climb
from .climbing import climb as climb
from .comparing import Comparison as Comparison
from .comparing import compare as compare
from .marking import Mark as Mark
from .marking import mark as mark
from .rungs import Rung as Rung
from .rungs import classic as classic
from .rungs import own_rung as own_rung
from .rungs import rung as rung
from .table import Table as Table
from .table import documents as documents
from .training import Run as Run
from .training import train as train
