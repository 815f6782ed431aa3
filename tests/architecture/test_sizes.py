"""A file is one idea, so it has an end. Budgets (sizes.py) are reported after every run; this is the hard limit."""

from tests.architecture.tree import modules

LIMIT = 600


def test_no_file_exceeds_the_limit():
    too_long = {module.name: n for module in modules() if (n := module.text.count("\n")) > LIMIT}
    assert not too_long, f"split these files, each by its ideas (the limit is {LIMIT} lines): {too_long}"
