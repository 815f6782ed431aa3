"""``python -m tests.doctor``: the table of what the doctor finds; with ``--write``, into docs/doctor.md."""

import re
import sys
import warnings

from tests.architecture.tree import ROOT
from tests.doctor.corpus import table

PAGE = ROOT / "docs" / "doctor.md"
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=\n<!-- end of table -->)", re.DOTALL)

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if "--write" in sys.argv:
        PAGE.write_text(TABLE.sub(table().replace("\\", r"\\"), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(table())
