"""Scripts of the dashboard's own components, called as Streamlit calls them, in a page without a server."""

from pathlib import Path

import pytest

from dashboard.views.home.index import PICTURES

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
EMPTY = "<div id=parent><div class=gf-gallery></div></div>"
LOAD = """async source => {
    const script = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    const parentElement = document.querySelector('#parent');
    window.sent = [];
    window.draw = data => script.default({ data, parentElement, setTriggerValue: (...event) => sent.push(event) });
}"""
CARDS = [{"page": "energy", "title": "E", "sentence": "", "picture": "app/energy", "scenes": [], "equation": []}]


@pytest.fixture
def script(chromium):
    """script(name, html) -> (a page with that body in which `draw(data)` calls the script, a list of its errors)."""
    contexts = []

    def load(name: str, html: str):
        contexts.append(chromium.new_context(reduced_motion="no-preference", accept_downloads=True))
        page, errors = contexts[-1].new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.route("http://here.test/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto("http://here.test/")
        page.evaluate(LOAD, (ROOT / "dashboard" / name).read_text(encoding="utf-8"))
        return page, errors

    yield load
    for context in contexts:
        context.close()


def test_the_gallery_plays_on_after_a_failed_picture_and_when_it_is_built_anew(script, until):
    page, errors = script("views/home/gallery.js", EMPTY)
    asked = []
    page.route("**/*.webp", lambda route: (asked.append(1), route.abort()))
    draw = lambda: page.evaluate("cards => draw({ cards })", CARDS)
    moves = "canvas => canvas.dataset.frame > 0 && canvas.dataset.frame < 29"
    canvas = page.locator("canvas")
    draw()
    until(page, lambda: asked, "the picture is asked for")
    page.wait_for_timeout(50)  # until its script has heard that there is none
    assert canvas.get_attribute("data-frame") is None
    page.unroute("**/*.webp")
    page.route("**/*.webp", lambda route: route.fulfill(path=PICTURES / "energy-light.webp"))
    draw()
    until(page, lambda: canvas.evaluate(moves), "it is loaded at the second call, and moves")
    page.evaluate("document.querySelector('.gf-gallery').outerHTML = '<div class=gf-gallery></div>'")
    draw()
    until(page, lambda: canvas.get_attribute("data-frame") is not None, "it is painted in its new place")
    was = canvas.get_attribute("data-frame")
    until(page, lambda: canvas.get_attribute("data-frame") != was, "and moves there")
    page.emulate_media(reduced_motion="reduce")  # the setting of the system is changed meanwhile
    page.get_by_role("button", name="Play the pictures").wait_for()
    assert errors == []


def test_a_gallery_that_is_left_hears_of_no_setting(script):
    page, errors = script("views/home/gallery.js", EMPTY)
    page.evaluate(
        "window.query = matchMedia('(prefers-reduced-motion: reduce)'); window.matchMedia = () => query; null"
    )
    page.evaluate("cards => { window.first = draw({ cards }); window.second = draw({ cards }); }", CARDS)
    page.evaluate("first()")  # the end of an earlier call leaves the later one its listener
    assert page.evaluate("query.onchange !== null")
    page.evaluate("second()")
    assert page.evaluate("query.onchange === null") and errors == []


def test_a_chart_that_was_drawn_anew_is_saved_as_it_is_now(script, tmp_path):
    chart = "<svg class=marks width=30 height=20><text>{}</text></svg>"
    place = "<div data-testid=stVegaLiteChart aria-label=Loss>{}</div>"
    page, errors = script("frame/chart_files.js", "<div id=parent></div>" + place.format(chart.format("old")))
    page.evaluate("draw({ name: 'fake' })")
    page.evaluate("svg => { document.querySelector('svg').outerHTML = svg; }", chart.format("new"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save fake-chart-1.svg").click()
    download.value.save_as(tmp_path / "chart.svg")
    saved = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "new" in saved and "old" not in saved and 'width="30"' in saved and errors == []


def test_a_key_goes_one_scene_on_however_often_the_script_was_called(script):
    page, errors = script("player/keys.js", "<div id=parent></div><input>")
    page.evaluate("draw(); window.stop = draw(); null")  # again, as after a change of the theme
    page.keyboard.press("ArrowRight")
    assert page.evaluate("sent") == [["go", 1]]
    page.locator("input").focus()
    page.keyboard.press("ArrowRight")  # the field's own key
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    assert page.evaluate("sent") == [["go", 1], ["go", 0]]
    page.evaluate("stop()")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("sent.length") == 2 and errors == []


def test_the_share_panel_does_not_call_a_changed_link_copied(script):
    page, errors = script("frame/share_panel.js", "<div id=parent></div>")
    draw = "rate => draw({ link: rate, embedded: rate, title: 'T', qr: '', settings: '{}', most: 9, name: 'fake' })"
    copied = page.get_by_text("Copied.")
    page.evaluate(draw, "http://here.test/fake?rate=1")
    page.get_by_role("button", name="Copy: Link").click()
    copied.wait_for()
    page.evaluate(draw, "http://here.test/fake?rate=2")
    assert copied.count() == 0
    page.get_by_role("button", name="Copy: Frame").click()
    copied.wait_for()
    page.get_by_label("Size").select_option(index=1)
    assert copied.count() == 0 and errors == []
