"""A page presented: large words, keys that go through the scenes; and what the full screen takes along."""

import pytest

from demos.registry import families
from tests.browser.helpers import query

pytestmark = pytest.mark.browser

SMALL = "load=1.05&duration=460.0"
COLUMN = families()["energy"].members["column"]


def laptop(page):
    page.set_viewport_size({"width": 1280, "height": 720})
    return page


def test_keys_go_through_the_scenes_and_escape_leaves(lab_page, open_demo, settled, until):
    page = laptop(lab_page)
    open_demo(page, "energy", f"system=column&{SMALL}&present=true")
    names = [scene.name for scene in COLUMN.scenes]
    titles = [scene.title for scene in COLUMN.scenes]
    start = names.index("buckles")
    title = page.locator(".gf-title")
    until(page, lambda: title.inner_text() == titles[start], "the scene's title")
    for key, step in (("ArrowDown", 1), ("ArrowLeft", 0), ("PageUp", -1), ("ArrowRight", 0)):
        page.keyboard.press(key)
        until(page, lambda at=start + step: title.inner_text() == titles[at], f"{key} leads to another scene", 60)
    assert "present=true" in query(page)
    settled(page)
    for what in (".gf-scene", ".gf-headline"):
        box = page.locator(what).bounding_box()
        assert box["y"] + box["height"] <= 720
        assert page.locator(what).evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 24
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    page.keyboard.press("Escape")
    until(page, lambda: "present" not in query(page), "Escape leaves", 60)
    page.get_by_role("button", name="Present").wait_for()
    page.get_by_role("button", name="Present").click()
    until(page, lambda: "present=true" in query(page), "the button begins it", 60)


def test_an_order_is_followed_by_one_button(lab_page, open_demo, settled, until):
    page = laptop(lab_page)
    open_demo(page, "energy", f"system=column&{SMALL}")
    order = next(scene.tries for scene in COLUMN.scenes if scene.name == "buckles")
    assert page.locator(".st-key-try .st-key-raised").get_by_role("slider").count() == 1
    page.get_by_role("button", name="Do it").click()
    until(page, lambda: f"{order.field}={order.value}" in query(page), "its control has its value", 60)
    settled(page)
    assert page.locator(".gf-scene").inner_text().strip() == order.outcome
    page.get_by_role("button", name="Back", exact=True).click()
    until(page, lambda: f"{order.field}=1.05" in query(page), "and back", 60)


def test_the_full_screen_takes_sentence_and_headline_along(lab_page, open_demo, until):
    page = laptop(lab_page)
    root = open_demo(page, "energy", f"system=column&{SMALL}")
    headline = page.locator(".gf-headline .gf-words").inner_text()
    root.get_by_role("button", name="Full screen").click()
    words = root.locator(".words")
    until(page, lambda: words.nth(1).is_visible() and headline in words.nth(1).inner_text(), "the headline comes along")
    assert words.nth(0).inner_text()
    assert words.nth(0).evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 24


def test_a_term_is_explained_where_it_stands(lab_page, open_demo):
    page = laptop(lab_page)
    open_demo(page, "energy", f"system=column&{SMALL}")
    term = page.locator(".gf-term").first
    assert len(term.get_attribute("data-meaning")) > 20 and term.get_attribute("tabindex") == "0"
