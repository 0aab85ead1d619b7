"""The front door in a real browser: the gallery, the Share panel, frames that play by their address, the slide deck,
a server that went away and came back."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dashboard.deck.__main__ import deck
from dashboard.views.home.index import index
from demos.registry import menu
from tests.browser.helpers import barriers, data, query, warnings
from tests.dashboard.client import server

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
    frames = "canvases => canvases.map(e => e.dataset.frame)"
    pictures = page.locator(".gf-card canvas")
    until(page, lambda: set(pictures.evaluate_all(frames)) == {"29"}, "the last pictures are there, and stand still")
    assert barriers(page) == []
    page.get_by_role("button", name="Play the pictures").click()
    until(page, lambda: pictures.first.get_attribute("data-frame") in "0123456789", "they move")
    page.get_by_role("button", name="Pause the pictures").click()
    held = pictures.evaluate_all(frames)
    page.wait_for_timeout(300)
    assert pictures.evaluate_all(frames) == held
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


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def slides(serve, tmp_path):
    """The address of the deck, on a port of its own, whose slides show the small demo at other rates."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path))
    here = f"http://127.0.0.1:{httpd.server_port}"
    rates = iter("0.5 1.5 0.7 0.2 0.3 0.4 0.6 0.8 0.9".split())
    text = re.sub(r'data-page="\w+"', 'data-page="fake"', deck(serve(APP, f"--client.allowedOrigins={here}")))
    text = re.sub(r'data-query="[^"]*"', lambda _: f'data-query="rate={next(rates)}"', text)
    (tmp_path / "talk.html").write_text(text, encoding="utf-8")
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"{here}/talk.html"
    httpd.shutdown()


def test_the_next_slide_is_the_next_state_without_loading_again(open_page, slides, until):
    page = open_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(f"{slides}#/1")
    shown = page.frame_locator("section.present iframe")
    idle = shown.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    idle.wait_for()
    root = shown.locator(".player")
    root.locator("canvas").wait_for()
    root.evaluate("e => { e.dataset.mine = 'yes'; }")  # gone, were the page loaded again
    shown.get_by_role("button", name="Controls").click()
    rate = shown.get_by_role("slider", name="Rate")
    rate.wait_for()
    for move, value in (("next", "1.50"), ("next", "0.70"), ("prev", "1.50")):
        idle.wait_for()  # an app that still runs is loaded anew, by design
        page.wait_for_timeout(300)  # until the deck has heard that it is idle
        page.evaluate(f"deck.{move}()")
        until(
            page,
            lambda value=value: value in rate.evaluate_all("all => all.map(e => e.getAttribute('aria-valuetext'))"),
            f"{move} leads to rate {value}",
        )
    assert data(root, "mine") == "yes"


def test_the_first_change_counts_after_the_server_was_started_again(chromium, settled, until):
    context = chromium.new_context(reduced_motion="reduce")  # not of open_page: its console names the lost connection
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    word = "getComputedStyle(document.querySelector('[data-testid=stApp]'), '::after').visibility"
    with server(APP) as port:
        page.goto(f"http://127.0.0.1:{port}/fake?rate=0.5")
        page.locator(".player canvas").first.wait_for()
        settled(page)
    app = page.get_by_test_id("stApp")
    until(page, lambda: app.get_attribute("data-test-connection-state") != "CONNECTED", "the connection is lost")
    until(page, lambda: page.evaluate(word) == "visible", "a word while it is away")
    with server(APP, port=port):
        until(page, lambda: app.get_attribute("data-test-connection-state") == "CONNECTED", "it is back")
        page.get_by_role("slider", name="Rate").focus()
        page.keyboard.press("ArrowRight")
        until(page, lambda: "rate=0.55" in page.url, "the change is in the address")
        settled(page)
        assert page.get_by_role("slider", name="Rate").get_attribute("aria-valuetext") == "0.55"
    context.close()
