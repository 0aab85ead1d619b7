"""What holds of every demo's page, in a real browser: embedded, on a phone, on a laptop, on a projector."""

import pytest

from demos.registry import families
from tests.browser.helpers import barriers, query, unfold, warnings

pytestmark = pytest.mark.browser

SMALL = {"langevin": "particles=300&steps=100", "diffusion": "particles=200&evaluations=9", "energy": "count=13"}
"""What makes a page quick; its defaults where nothing is said."""
WIDE = {**SMALL, "langevin": f"potential=harmonic&method=euler&compare=leimkuhler_matthews&{SMALL['langevin']}"}
"""What gives a page more panels and rows than its defaults have."""
COLOR = "e => getComputedStyle(e).backgroundColor"
PAPER = {"light": "rgb(251, 249, 244)", "dark": "rgb(20, 19, 18)"}

every_page = pytest.mark.parametrize("name", list(families()))


@every_page
def test_embedded_shows_picture_and_line_without_scrolling(lab_page, open_demo, settled, until, name):
    page = lab_page
    page.set_viewport_size({"width": 960, "height": 540})
    page.emulate_media(color_scheme="dark")
    root = open_demo(page, name, f"embed=true&{WIDE.get(name, '')}")
    fits = "e => e.scrollHeight <= e.clientHeight"
    for width, height, scheme in ((960, 540, "dark"), (640, 360, "dark"), (1280, 720, "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        until(page, lambda: page.get_by_test_id("stMain").evaluate(fits), f"nothing to scroll at {width}×{height}")
        line = page.locator(".gf-headline").bounding_box()
        assert line["y"] + line["height"] <= height and page.get_by_role("heading").count() == 0
        assert page.locator(".gf-headline").get_attribute("data-state")
        least = 0.6 if height >= 540 else 0.5  # in so low a frame the buttons take more of it
        until(page, lambda h=height, part=least: root.locator("canvas").bounding_box()["height"] >= part * h, "it fits")
        until(
            page,
            lambda paper=PAPER[scheme]: page.get_by_test_id("stApp").evaluate(COLOR) == paper,
            f"the paper is {scheme}",
        )
    assert page.get_by_test_id("stTopNavLink").count() == 0
    before = query(page)
    page.get_by_role("button", name="Controls").click()
    page.get_by_test_id("stSlider").get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    until(page, lambda: query(page) != before and "embed=true" in query(page), "controls work embedded")


SMALL_TEXT = """root => Array.from(root.querySelectorAll('*')).filter(e => Array.from(e.childNodes).some(
    n => n.nodeType === 3 && n.textContent.trim()) && !e.closest('.katex, [aria-hidden=true] svg')
    && e.getClientRects().length && parseFloat(getComputedStyle(e).fontSize) < 14)
    .map(e => e.textContent.trim().slice(0, 40) + ' ' + getComputedStyle(e).fontSize)"""


@every_page
def test_a_page_on_laptop_projector_and_phone(lab_page, open_demo, settled, name):
    """One load, resized: picture and a check at once, no text below 14 px, the equation whole; then a phone's width."""
    page = lab_page
    page.set_viewport_size({"width": 1440, "height": 900})
    root = open_demo(page, name, WIDE.get(name, ""))
    for width, height in ((1440, 900), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        box = page.locator(".gf-checks tbody tr").first.bounding_box()
        assert box["y"] + min(box["height"], 36) <= height  # one line of it: names may take two
        assert root.locator("canvas").bounding_box()["height"] >= 300
    assert barriers(page) == []
    page.get_by_text("How it works").click()
    equation = page.locator(".st-key-equation .katex-display").first
    equation.wait_for()
    assert equation.evaluate("e => e.scrollWidth - e.clientWidth") <= 2  # px: nothing of it is cut
    assert warnings(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    for box in (root.locator("canvas").bounding_box(), page.locator(".gf-checks").first.bounding_box()):
        assert box["x"] >= 0 and 330 < box["width"] and box["x"] + box["width"] <= 390
    broken = page.locator(".gf-checks td.gf-number").evaluate_all(
        "cells => cells.filter(e => e.getClientRects().length && e.getClientRects()[0].width < 30).length"
    )
    assert broken == 0  # numbers are not broken in the middle
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 720})
    unfold(page)
    assert page.get_by_test_id("stMainBlockContainer").evaluate(SMALL_TEXT) == []
