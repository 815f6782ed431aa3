"""``python -m tests.reporting docs/images``: the pictures in docs/report.md, taken of the pages that the tests look at."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.reporting import pages

LIMIT = 150_000  # bytes of a picture
WIDE, TALL, PHONE, LONG, MARGIN = 1040, 760, 360, 1120, 20  # pixels

# name: program, width, dark?, the part that is shown, keys pressed in the graph
SHOTS = {
    "report-neuron": ("neuron", WIDE, False, "#graph", ["ArrowRight"] * 7),
    "report-neuron-dark": ("neuron", WIDE, True, "#graph", ["ArrowRight"] * 7),
    "report-training": ("moons", WIDE, False, "#training", []),
    "report-fit": ("moons", WIDE, False, "#fit", []),
    "report-landscape": ("linear", WIDE, False, "#surface", []),
    "report-layers": ("moons", WIDE, False, "#layers", []),
    "report-transformer": ("transformer", WIDE, False, "#graph", ["End", *["ArrowLeft"] * 24]),
    "report-finding": ("broken", WIDE, False, "#program", []),
    "report-phone": ("linear", PHONE, False, None, ["End", "ArrowLeft"]),
}


def take(folder: Path) -> None:
    """Write each picture into a folder."""
    with tempfile.TemporaryDirectory() as made, pages.browser() as chromium:
        pages.make(Path(made), *{shot[0] for shot in SHOTS.values()})
        for name, (program, width, dark, clip, keys) in SHOTS.items():
            context = chromium.new_context(
                viewport={"width": width, "height": TALL if width == WIDE else LONG}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(Path(made, f"{program}.html").as_uri())
            if keys:
                page.focus(".explorer")
                for key in keys:
                    page.keyboard.press(key)
                page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            page.wait_for_timeout(300)
            target = folder / f"{name}.png"
            if clip is None:
                page.screenshot(path=target)
            else:
                around(page, clip, target)
            context.close()
            if target.stat().st_size > LIMIT:
                raise SystemExit(f"{target} has {target.stat().st_size:,} bytes, and may have {LIMIT:,}")
            print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def around(page, selector: str, target: Path) -> None:
    """A part of the page with some paper around it."""
    page.evaluate("document.querySelector('nav').style.display = 'none'")
    box = page.locator(selector).bounding_box()
    x, y, margin = box["x"] - MARGIN, box["y"], 2 * MARGIN
    clip = {"x": max(0, x), "y": y, "width": min(box["width"] + margin, WIDE), "height": box["height"] + MARGIN}
    page.screenshot(path=target, clip=clip, full_page=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit("python -m tests.reporting FOLDER")
    take(Path(sys.argv[1]))
