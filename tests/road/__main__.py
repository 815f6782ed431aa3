"""Write the notebooks of docs/road, executed: ``python -m tests.road``, or of some lessons: ``python -m tests.road 03 07``."""

import json
import os
import sys

from chainrule.interop import figures, torch_alias
from tests.road.course import SOURCES, executed, place

os.environ["MPLBACKEND"] = figures.BACKEND
torch_alias.install()
for source in SOURCES:
    if not sys.argv[1:] or source.stem.startswith(tuple(sys.argv[1:])):
        place(source).write_text(
            json.dumps(executed(source), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        print(f"made {place(source).name}")
