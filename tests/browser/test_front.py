"""The front door in a real browser: the gallery, the Share panel, frames that play by their address."""

from functools import partial

import pytest

from dashboard.views.home.index import index
from demos.registry import menu
from tests.browser.helpers import data, query, warnings

pytestmark = pytest.mark.browser

APP = "tests/dashboard/fake_app.py"
PATIENCE = 60  # seconds: what is waited for here takes a run of a page, or a server's start


@pytest.fixture
def until(until):
    return partial(until, seconds=PATIENCE)


def test_the_gallery_moves_is_searched_and_leads_to_a_scene(open_page, serve, settled, until):
    page = open_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce", color_scheme="dark")
    page.goto(serve("dashboard/app.py"))
    page.locator(".gf-card").first.wait_for()
    assert page.locator(".gf-card").count() == len(menu())
    source = "images => images.map(e => [e.getAttribute('src'), e.naturalWidth])"
    images = page.locator(".gf-card img")
    until(page, lambda: all(width == 300 for _, width in images.evaluate_all(source)), "the pictures are there")
    assert all(src.endswith("-dark-still.webp") for src, _ in images.evaluate_all(source))
    page.get_by_role("button", name="Let the pictures move").click()
    until(page, lambda: images.first.get_attribute("src").endswith("-dark.webp"), "they move")
    scene = index()["networks"]["scenes"][1]
    page.get_by_role("searchbox", name="Search scenes").fill(scene["title"].upper())
    found = page.locator(".gf-results li")
    until(page, lambda: found.count() == 1, "one scene has these words")
    assert scene["sentence"] in found.inner_text()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found.get_by_role("link").click()
    until(page, lambda: f"/networks?{scene['query']}" in page.url, "its page")
    page.locator(".player canvas").wait_for(timeout=120_000)


@pytest.fixture
def fake(serve, settled):
    """fake(page, query): open the small demo's page; gives the player's root."""

    def open_(page, query="", *options):
        page.goto(f"{serve(APP, *options)}/fake?{query}")
        page.locator(".player canvas").first.wait_for(timeout=180_000)
        settled(page)
        return page.locator(".player").first

    return open_


def test_the_panel_copies_on_plain_http_and_takes_settings(open_page, fake, settled, until):
    page = open_page(reduced_motion="reduce")
    page.set_default_timeout(1000 * PATIENCE)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    fake(page, "rate=0.5")
    page.get_by_role("button", name="Share").click()
    frame = page.get_by_label("Frame", exact=True)
    until(page, lambda: frame.count() == 1 and "embed=true" in frame.input_value(), "the panel is there")
    page.get_by_label("Theme").select_option(label="dark")
    page.get_by_label("plays at once").uncheck()
    page.get_by_label("controls", exact=True).uncheck()
    for part in ("&amp;rate=0.5&amp;", "embed_options=dark_theme", "autoplay=false", "controls=false", 'width="960"'):
        assert part in frame.input_value()
    page.get_by_role("button", name="Copy: Link").click()
    assert page.get_by_text("Copied.").is_visible()
    page.evaluate("document.execCommand = () => false")
    page.get_by_role("button", name="Copy: Link").click()
    assert page.get_by_text("Selected: press Ctrl+C").is_visible()
    settings = page.get_by_label("Settings", exact=True)
    settings.fill('{"rate": 7}')
    page.get_by_role("button", name="Use this text").click()
    until(page, lambda: warnings(page) == ["rate = 7 is out of range; allowed is 0 to 2."], "a sentence")
    settings.fill('{"rate": 1.25}')
    page.get_by_role("button", name="Use this text").click()
    until(page, lambda: query(page) == "rate=1.25", "the settings are taken")


def test_a_frame_plays_by_its_address(open_page, fake, settled, until):
    page = open_page(viewport={"width": 960, "height": 540})
    root = fake(page, "embed=true&autoplay=false&loop=false&frame=50%25&speed=0.5&controls=false")
    assert data(root, "playing") == "false" and data(root, "frame") == "20"  # of 0 to 39
    assert root.get_by_role("combobox", name="Speed").input_value() == "0.5"
    assert root.get_by_role("button", name="Repeat").get_attribute("aria-pressed") == "false"
    assert not page.get_by_role("button", name="Controls").is_visible()
