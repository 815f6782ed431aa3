"""The pages do what they say: each ```python block runs, each relative link leads somewhere, each `make x` exists.

The blocks of a page are one program, run in an empty folder. A block with >>> is held to the output that it shows.
A block that is not to be run is preceded by a line `<!-- not run: the reason -->`.
"""

import doctest
import re

import pytest

from tests.architecture.tree import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"(?P<skip><!-- not run: .+? -->\s*)?^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)\s]*)?\)")

each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


@each_page
def test_the_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        if block["skip"]:
            continue
        code, line = block["code"], text.count("\n", 0, block.start("code"))
        if re.search(r"^(>>> )?(import|from) torch\b", code, re.MULTILINE):
            pytest.importorskip("torch")
        if ">>>" in code:
            held_to_its_output(code, namespace, page.name, line)
        else:
            exec(compile("\n" * line + code, str(page), "exec"), namespace)


def held_to_its_output(code, namespace, name, line):
    """Run a block with prompts; what it defines stays in the namespace for the next one."""
    example = doctest.DocTestParser().get_doctest(code, namespace, name, name, line)
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=report.append, clear_globs=False)
    namespace.update(example.globs)
    assert not report, "".join(report)


@each_page
def test_the_links_lead_somewhere(page):
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [link["target"] for link in LINK.finditer(prose) if not re.match(r"[a-z]+:", link["target"])]
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert not broken, f"these lead nowhere: {broken}"


@each_page
def test_the_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    commands = "\n".join(block[0] for block in FENCED.finditer(text))
    named = re.findall(r"`make ([a-z-]+)", text) + re.findall(r"^(?:\$ )?make ([a-z-]+)", commands, re.MULTILINE)
    unknown = sorted(set(named) - targets)
    assert not unknown, f"the Makefile has no target {unknown}"
