"""Pictures and clips are saved by the player in a real browser; and what ends when a player is left."""

import pytest

from tests.browser.helpers import data, frames, pause, seek

pytestmark = pytest.mark.browser


def test_the_frame_is_saved(lab_page, alone):
    root = alone(lab_page)
    pause(lab_page, root)
    seek(root, 40)
    root.get_by_role("button", name="Save").click()
    with lab_page.expect_download() as saved:
        root.get_by_role("button", name="Picture (PNG)").click()
    assert saved.value.suggested_filename == "double-well-40.png"
    focused = root.evaluate("e => e.getRootNode().activeElement.getAttribute('aria-label')")
    assert focused == "Save"  # not lost with the menu's item
    content = saved.value.path().read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    canvas = root.locator("canvas").bounding_box()
    assert width > 2 * canvas["width"] and height > 2 * canvas["height"]  # twice as sharp as this screen


@pytest.mark.usefixtures("moving")
def test_the_clip_is_saved(lab_page, alone):
    lab_page.set_viewport_size({"width": 1280, "height": 500})
    root = alone(lab_page)
    root.get_by_label("Speed").select_option("4")
    root.get_by_role("button", name="Save").click()
    with lab_page.expect_download() as saved:
        root.get_by_role("button", name="Clip (WebM)").click()
        lab_page.get_by_test_id("stMain").evaluate("e => e.scrollTo(0, e.scrollHeight)")  # out of sight it goes on
    content = saved.value.path().read_bytes()
    assert content[:4] == b"\x1a\x45\xdf\xa3" and len(content) > 50_000


def test_a_browser_that_records_mp4_alone_offers_that(open_page, alone):
    """Safari before 18.4; and where both can be, both are offered."""
    lab_page = open_page()
    lab_page.add_init_script("MediaRecorder.isTypeSupported = (type) => /^video.mp4/.test(type)")
    root = alone(lab_page)
    root.get_by_role("button", name="Save").click()
    assert root.get_by_role("button", name="Clip (MP4)").is_visible()
    assert not root.get_by_role("button", name="Clip (WebM)").is_visible()


def test_a_picture_of_one_frame_neither_plays_nor_becomes_a_clip(lab_page, alone):
    root = alone(lab_page, "still")
    root.focus()
    lab_page.keyboard.press("Space")
    assert root.locator("[aria-live=polite]").inner_text() == ""
    root.get_by_role("button", name="Save").click()
    assert root.locator(".saving .sheet button:visible").all_inner_texts() == ["Picture (PNG)"]


# Counts the listeners of the page, keeps the recorder, and lets a test say whether the player is seen.
COUNT = """
window.heard = 0;
for (const target of [document, window, document.fonts]) {
    for (const [name, change] of [["addEventListener", 1], ["removeEventListener", -1]]) {
        const own = target[name].bind(target);
        target[name] = (...given) => { window.heard += change; own(...given); };
    }
}
window.MediaRecorder = class extends MediaRecorder {
    constructor(...given) { super(...given); window.recorder = this; }
};
window.IntersectionObserver = class { constructor(f) { window.see = f; } observe() {} disconnect() {} };
"""


def test_a_player_that_is_left_leaves_nothing_behind(open_page, alone, until):
    page = open_page(reduced_motion="no-preference")
    page.add_init_script(COUNT)
    saved = []
    page.on("download", lambda file: saved.append(file))
    root = alone(page)
    page.evaluate("see([{ isIntersecting: false }, { isIntersecting: true }])")  # reported together: it is seen
    before = int(data(root, "painted"))
    until(page, lambda: int(data(root, "painted")) > before + 10, "it plays on")
    assert page.evaluate("heard") > 0
    root.get_by_role("button", name="Save").click()
    root.get_by_role("button", name="Clip (WebM)").click()
    for hidden, state in (("true", "paused"), ("false", "recording")):
        page.evaluate(f"Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert page.evaluate("recorder.state") == state
    saving = root.get_by_role("button", name="Save")
    saving.click()
    root.get_by_role("button", name="Animation (GIF)").click()
    assert saving.get_attribute("aria-busy") is None  # not while a clip is recorded
    page.evaluate("leave()")
    until(page, lambda: page.evaluate("heard") == 0, "nothing listens any more")
    assert page.evaluate("recorder.state") == "inactive"
    assert page.locator(".player").count() == 0
    frames(page)
    assert not saved
