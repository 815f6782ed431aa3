"""The page in a browser: every control does what it says, nothing is requested, nothing in a model becomes markup."""

from __future__ import annotations

import contextlib

import pytest

from tests.reporting import pages

playwright = pytest.importorskip("playwright.sync_api")
NAMES = ("neuron", "paths", "linear", "moons", "transformer", "hostile", "broken", "climbing", "forward_only", "long")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("pages")
    pages.make(made, *NAMES)
    return made


@pytest.fixture(scope="module")
def chromium():
    with contextlib.ExitStack() as stack:
        try:
            browser = stack.enter_context(pages.browser())
        except (ImportError, playwright.Error) as error:
            pytest.skip(f"no browser to look with: {str(error).splitlines()[0]}")
        yield browser


@pytest.fixture
def open_page(chromium, folder):
    """Opens a program's page; at the end, it has asked for nothing but itself and complained of nothing."""
    said, asked, contexts = [], [], []

    def opened(name: str, width: int = 1180, **how):
        context = chromium.new_context(viewport={"width": width, "height": 860}, reduced_motion="reduce", **how)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / f"{name}.html").as_uri())
        page.wait_for_selector("main")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
    assert all(url.startswith("file:") and url.endswith(".html") for url in asked), asked


def board(page) -> str:
    return " ".join(page.inner_text("#blackboard").split())


def step_to(page, count: int) -> None:
    page.focus(".explorer")
    for _ in range(count):
        page.keyboard.press("ArrowRight")


# ---------------------------------------------------------------------- stepping


def test_the_keys_step_through_the_chain_rule(open_page):
    page = open_page("neuron")
    assert board(page).startswith("Given")
    said = []
    page.focus(".explorer")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        said.append(board(page))
    assert "ŷ = w · x = 1 · 1 = 1" in said[0]
    assert "v1 = ŷ − y = 1 − 2 = −1" in said[1]
    assert "∂loss ∂loss = 1" in said[3]
    assert "∂loss ∂v1 = ∂loss ∂loss · ∂loss ∂v1 = 1 · (−2) = −2" in said[4]
    assert "∂loss ∂w = ∂loss ∂ŷ · ∂ŷ ∂w = (−2) · 1 = −2" in said[6]
    assert said[7].startswith("Done")
    page.keyboard.press("ArrowRight")
    assert board(page) == said[7]  # there is nothing behind the end
    for key, expected in (("ArrowLeft", said[6]), ("End", said[7]), ("Home", "Given")):
        page.keyboard.press(key)
        assert board(page).startswith(expected)


def test_the_buttons_and_the_slider_step_too(open_page):
    page = open_page("neuron")
    on, back, start, end = (page.get_by_role("button", name=n, exact=True) for n in ("one step on", "one step back", "to the start", "to the end"))
    assert back.is_disabled() and start.is_disabled()
    on.click()
    assert "ŷ = w · x" in board(page)
    end.click()
    assert board(page).startswith("Done") and on.is_disabled()
    back.click()
    assert board(page).startswith("Backward")
    start.click()
    assert board(page).startswith("Given")
    slider = page.get_by_role("slider", name="step", exact=True)
    slider.fill("4")
    assert board(page).startswith("The loss")
    assert slider.get_attribute("aria-valuetext") == "step 4 of 8, loss"


def test_play_goes_on_by_itself_and_pause_stops_it(open_page):
    page = open_page("neuron")
    page.locator(".stepper .primary").click()
    playwright.expect(page.locator("#blackboard")).to_contain_text("Forward")
    page.locator(".stepper .primary").click()
    assert page.locator(".stepper .primary").inner_text() == "Play"


def test_shares_add_up_where_paths_meet(open_page):
    page = open_page("paths")
    page.focus(".explorer")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert "used in 2 places, and what comes back from them adds up: 36 + 18 = 54" in board(page) or "18 + 36 = 54" in board(page)


def test_values_and_gradients_appear_in_the_boxes_when_they_are_known(open_page):
    page = open_page("neuron")
    box = page.locator('.box[data-name="ŷ"]')
    assert box.locator(".amount").count() == 0
    step_to(page, 1)
    assert box.locator(".amount.value").text_content() == "1"
    step_to(page, 5)
    assert box.locator(".amount.gradient").text_content() == "−2"
    assert page.locator(".arrow.passed").count() + page.locator(".arrow.active").count() == 2


# ---------------------------------------------------------------------- modules


def test_modules_fold_and_unfold_by_mouse_and_keyboard(open_page):
    page = open_page("transformer")
    before = page.locator(".box").count()
    module = page.locator('.box.module[data-name="blocks.0.attention"] .press')
    assert module.get_attribute("aria-expanded") == "false"
    module.click()
    playwright.expect(page.locator(".box").nth(before)).to_be_attached()
    fold = page.get_by_role("button", name="fold attention: Attention", exact=True)
    assert fold.get_attribute("aria-expanded") == "true"
    fold.focus()
    page.keyboard.press("Enter")
    playwright.expect(page.locator(".box")).to_have_count(before)
    page.get_by_role("button", name="fold all", exact=True).click()
    playwright.expect(page.locator(".frame")).to_have_count(0)
    page.get_by_role("button", name="unfold all").click()
    playwright.expect(page.locator(".box.module")).to_have_count(0)


def test_folding_keeps_the_place(open_page):
    page = open_page("transformer")
    page.get_by_role("button", name="unfold all").click()
    page.get_by_role("slider", name="step", exact=True).fill("30")
    name = page.locator(".box.told").first.get_attribute("data-name")
    page.get_by_role("button", name="downwards").click()
    assert page.locator(".box.told").first.get_attribute("data-name") == name
    page.get_by_role("button", name="fold all", exact=True).click()
    assert page.locator(".box.told").count() >= 1


def test_zoom_changes_the_scale(open_page):
    page = open_page("transformer")
    scale = lambda: float(page.locator(".drawing > g").get_attribute("transform").partition("scale(")[2].rstrip(")"))  # noqa: E731
    first = scale()
    page.get_by_role("button", name="larger").click()
    assert scale() > first
    page.get_by_role("button", name="smaller").click()
    assert scale() == pytest.approx(first)
    page.get_by_role("button", name="whole", exact=True).click()
    assert scale() < first


def test_three_thousand_operations_paint_within_two_seconds(open_page):
    page = open_page("long")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert 2 <= page.locator(".box").count() <= 60 and page.locator(".drawing").is_visible()
    assert "3,00" in page.locator(".facts").inner_text()
    assert paint < 2000
    page.locator(".box.module .press").first.click()
    assert page.locator(".frame").count() == 1
    assert page.get_by_role("button", name="unfold all").is_disabled()
    page.get_by_role("button", name="to the end").click()
    assert board(page).startswith("Done")


# ---------------------------------------------------------------------- charts


def test_one_moment_of_the_training_in_all_charts(open_page):
    page = open_page("linear")
    page.get_by_role("slider", name="training step", exact=True).fill("1")
    for label in ("training step, for the fit", "training step, on the path", "training step, for the layers"):
        assert page.get_by_role("slider", name=label).input_value() == "1"
    assert "step 1: loss 2.686" in page.locator("#surface .reading").text_content()
    assert "at step 1" in page.locator("#fit svg").first.get_attribute("aria-label")
    page.locator("#training svg").first.click(position={"x": 600, "y": 100})
    assert page.get_by_role("slider", name="training step", exact=True).input_value() != "1"


def test_the_scale_of_the_loss_and_the_plane_of_the_surface_can_be_chosen(open_page):
    page = open_page("moons")
    line = lambda: page.locator("#training .line").first.get_attribute("d")  # noqa: E731
    linear = line()
    page.get_by_text("logarithmic").click()
    assert line() != linear
    for plane in ("most movement", "random directions"):
        page.get_by_text(plane, exact=True).click()
        assert page.locator("#surface .ring").count() > 3
    page.get_by_text("update ÷ parameter").click()
    assert "relative to the parameter" in page.locator("#layers canvas").first.get_attribute("aria-label")


def test_each_chart_has_a_table(open_page):
    page = open_page("moons")
    for section in ("graph", "training", "fit", "surface", "layers"):
        details = page.locator(f"#{section} details.numbers").first
        details.locator("summary").click()
        playwright.expect(details.locator("tbody tr").nth(1)).to_be_visible()
        assert details.locator("th[scope=col]").count() >= 2


def test_each_chart_has_a_label(open_page):
    page = open_page("moons")
    unnamed = page.locator('svg[role="img"]:not([aria-label]), canvas[role="img"]:not([aria-label])')
    assert unnamed.count() == 0 and page.locator('[role="img"]').count() > 8
    assert page.locator("section").count() == page.locator("section[aria-labelledby] > h2").count() == 6
    buttons = page.locator("button")
    assert all(buttons.nth(i).get_attribute("aria-label") or buttons.nth(i).inner_text() for i in range(buttons.count()))


# ---------------------------------------------------------------------- what belongs where


def test_findings_stand_beside_what_they_are_about_and_at_their_line(open_page):
    page = open_page("broken")
    assert "gradients are never zeroed" in page.locator("#training .finding").inner_text()
    assert "optimizer.step()" in page.locator("#program li.marked > code").inner_text()
    page.locator("#training .finding a").click()
    assert page.evaluate("location.hash") == "#line-11"


def test_the_ladder_is_a_table(open_page):
    page = open_page("climbing")
    assert page.locator("#ladder thead th").all_inner_texts() == ["", "rung 1d", "rung 1", "rung 2", "rung 4"]
    assert "4.000 times the true one" in page.locator("#ladder .verdict").inner_text()


def test_what_is_missing_says_why(open_page):
    page = open_page("forward_only")
    assert page.locator(".absent").count() == 6
    assert "no backward pass was made" in page.locator("#graph .absent").inner_text()


# ---------------------------------------------------------------------- safety, colours, sizes


def test_names_and_values_never_become_markup(open_page):
    page = open_page("hostile")
    assert "</script><b onmouseover=hit=5>" in page.locator(".error").inner_text()
    page.focus(".explorer")
    page.keyboard.press("End")
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("typeof hit") == "undefined"
    assert page.locator("img, main b[onmouseover], svg[onload]").count() == 0
    assert page.locator("script").count() == 2
    assert page.locator(".frame", has_text="<img src=x").count() == 1


def test_the_policy_stops_what_would_be_loaded(open_page, chromium, folder):
    context = chromium.new_context()
    page = context.new_page()
    refused, asked = [], []
    page.on("console", lambda message: refused.append(message.text))
    page.goto((folder / "neuron.html").as_uri())
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("() => { const i = new Image(); i.src = 'https://example.invalid/x.png'; document.body.append(i); }")
    page.evaluate("() => fetch('https://example.invalid/').catch(() => 0)")
    with pytest.raises(playwright.Error, match="TrustedHTML"):
        page.evaluate("() => { document.body.innerHTML = '<b>x</b>'; }")
    context.close()
    assert sum("Content Security Policy" in text for text in refused) >= 2


def test_dark_and_light(open_page):
    page = open_page("neuron", color_scheme="dark")
    paper = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")  # noqa: E731
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    dark = paper()
    toggle = page.get_by_role("button", name="colours")
    toggle.click()
    toggle.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light" and paper() != dark
    toggle.click()
    assert paper() == dark  # as the system says again


@pytest.mark.parametrize("name", ["linear", "moons", "transformer", "climbing", "hostile"])
def test_a_phones_width_is_enough(open_page, name):
    page = open_page(name, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    if name == "linear":
        step_to(page, 3)
        page.get_by_role("button", name="one step on").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_on_paper_the_page_is_light_and_the_graph_is_whole(open_page):
    page = open_page("transformer", color_scheme="dark")
    page.emulate_media(media="print")
    playwright.expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert not page.locator(".stepper").is_visible() and not page.locator("nav").is_visible()
    assert page.locator(".drawing").is_visible() and page.locator("#blackboard").is_visible()
    whole, last = (page.locator(one).bounding_box() for one in (".drawing", ".box.loss"))
    assert last["x"] + last["width"] <= whole["x"] + whole["width"]
    page.emulate_media(media="screen")
    playwright.expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "scale(" in page.locator(".drawing > g").get_attribute("transform")
