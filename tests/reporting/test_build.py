"""The page's template is what its sources give: `make frontend` builds it anew."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from chainrule.reporting import page
from tests.architecture.tree import ROOT

FRONTEND = ROOT / "frontend"
TEMPLATE = ROOT / "src" / "chainrule" / "reporting" / "page.html"
BESIDE = ("package-lock.json", "package.json", "single.ts", "template.html", "tsconfig.json", "vite.config.ts")


@pytest.fixture(scope="module")
def template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


@pytest.mark.skipif(not FRONTEND.is_dir(), reason="the page's sources are not here")
def test_the_page_is_built_from_these_sources(template):
    """The same fingerprint as frontend/single.ts computes."""
    inside = [p for p in (FRONTEND / "src").rglob("*") if p.is_file() and not re.search(r"\.test\.tsx?$", p.name)]
    names = sorted([*BESIDE, *(p.relative_to(FRONTEND).as_posix() for p in inside)])
    found = hashlib.sha256()
    for name in names:
        found.update(name.encode() + b"\0" + (FRONTEND / name).read_bytes() + b"\0")
    (built,) = re.findall(r'<meta name="sources" content="(\w+)">', template)
    assert built == found.hexdigest(), "the page's sources have changed: make frontend"


def test_the_page_is_small(template):
    assert len(template.encode()) < 1.5e6


def test_the_policy_forbids_every_request_and_names_the_scripts_that_run(template):
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', template)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and "unsafe" not in policy and "http" not in policy
    (script,) = re.findall(r"<script>(.*)</script>", template, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", template, re.DOTALL)
    for directive, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[directive] == f"'sha256-{digest}'"


def test_the_page_names_no_other_place(template):
    """Addresses of name spaces and in messages apart, nothing in it could be asked for."""
    assert set(re.findall(r"https?://([\w.-]+)", template)) <= {"www.w3.org"}
    assert page.PLACE in template


@pytest.mark.skipif(not FRONTEND.is_dir(), reason="the page's sources are not here")
def test_text_is_never_set_as_markup():
    for path in (FRONTEND / "src").rglob("*.ts*"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerously|\beval\(|new Function", text), path


@pytest.mark.skipif(not FRONTEND.is_dir(), reason="the page's sources are not here")
def test_the_lock_file_names_no_registry():
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text and "http" not in re.sub(r'"(url|funding|bugs)": "[^"]+"', "", text)
