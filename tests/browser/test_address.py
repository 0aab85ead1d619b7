"""The address and the page in a real browser: deep links, the back button, scenes, embedding, the theme."""

import pytest

from tests.browser.helpers import query

pytestmark = pytest.mark.browser

APP = "tests/dashboard/fake_app.py"


@pytest.fixture
def fake(visit):
    """fake(page, query): open the small demo's page."""

    def open_(page, query=""):
        visit(page, APP, "fake", query)
        return page

    return open_


def rate(page):
    return page.get_by_role("slider", name="Rate").get_attribute("aria-valuetext")


def test_a_link_a_slider_and_the_way_back(lab_page, fake, settled, until):
    page = fake(lab_page, "rate=0.5&method=mala&unknown=1")
    until(page, lambda: query(page) == "rate=0.5&method=mala", "what is unknown leaves the address")
    assert page.get_by_text("'unknown' is not a setting of this page.").is_visible()
    page.get_by_role("slider", name="Rate").focus()
    page.keyboard.press("ArrowRight")
    until(page, lambda: query(page) == "rate=0.55&method=mala", "the slider changes the address")
    until(page, lambda: page.get_by_text("'unknown' is not a setting of this page.").count() == 0, "it is told once")
    for _ in range(8):  # faster than the page runs: late addresses must not push the slider back
        page.keyboard.press("ArrowRight", delay=60)
    until(page, lambda: query(page) == "rate=0.95&method=mala", "the slider was not disturbed")
    settled(page)
    assert rate(page) == "0.95"
    page.get_by_text("Odd values").click()
    until(page, lambda: query(page) == "step=0.0123&method=mala&compare=mala%2Chmc", "the scene sets all")
    settled(page)
    page.reload()
    page.locator(".player canvas").first.wait_for()
    settled(page)
    assert query(page) == "step=0.0123&method=mala&compare=mala%2Chmc"
    assert page.get_by_role("slider", name="Step size").get_attribute("aria-valuetext") == "0.0123"
    page.go_back()
    until(page, lambda: rate(page) == "0.95", "back undoes the scene")
    page.get_by_role("button", name="Reset").click()
    until(page, lambda: query(page) == "" and rate(page) == "1.00", "reset empties the address")


def test_leaving_the_page_and_coming_back_keeps_the_settings(lab_page, fake, settled, until):
    page = fake(lab_page, "rate=0.5")
    page.get_by_test_id("stTopNavLink").get_by_text("Start").click()
    page.get_by_role("heading", name="Start").wait_for()
    settled(page)
    assert query(page) == ""
    page.get_by_test_id("stTopNavLink").get_by_text("Decay").click()
    until(page, lambda: query(page) == "rate=0.5" and rate(page) == "0.50", "the settings are back")


def test_another_value_does_not_rebuild_the_player(lab_page, fake, settled, until):
    """A notice that goes away must not move what follows it: the browser would start the player anew."""
    page = fake(lab_page, "unknown=1")
    page.locator(".player").evaluate("e => { e.dataset.mine = 'yes'; }")
    page.get_by_role("slider", name="Rate").focus()
    page.keyboard.press("ArrowRight")
    until(page, lambda: query(page) == "rate=1.05", "the slider moved")
    settled(page)
    assert page.locator(".player").get_attribute("data-mine") == "yes"


def test_headings_have_the_font_of_the_theme(lab_page, fake):
    heading = fake(lab_page, "rate=0.5").get_by_role("heading", name="Decay")
    assert "Source Serif" in heading.evaluate("e => getComputedStyle(e).fontFamily")


def test_a_link_can_ask_for_the_dark_theme(lab_page, fake):
    page = fake(lab_page, "embed=true&embed_options=dark_theme")
    script = "e => getComputedStyle(e).backgroundColor"
    assert page.get_by_test_id("stApp").evaluate(script) == "rgb(20, 19, 18)"
