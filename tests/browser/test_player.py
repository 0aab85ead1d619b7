"""The player in a real browser: what moves, what stays, what a person can do."""

import json

import pytest

from tests.browser.helpers import data, frames, pause, picture, pixel, seek, show_next

pytestmark = pytest.mark.browser


def test_an_unrelated_rerun_neither_sends_again_nor_restarts(open_page, show, settled, until):
    lab_page, received = open_page(reduced_motion="no-preference"), []
    lab_page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    root = show(lab_page)
    assert sum(received) > 900_000  # the picture itself
    root.get_by_label("Speed").select_option("0.25")
    seek(root, 60)
    before = len(received)
    lab_page.get_by_role("button", name="Rerun").click()
    lab_page.get_by_text("Runs: 2").wait_for()
    settled(lab_page)
    assert len(received) > before
    assert sum(received[before:]) < 100_000
    assert data(root, "payloads") == "1"
    assert data(root, "playing") == "true"
    frame = int(data(root, "frame"))
    assert 60 <= frame < 119
    until(lab_page, lambda: int(data(root, "frame")) > frame, "the picture moves on")
    lab_page.get_by_role("button", name="New seed").click()
    until(lab_page, lambda: data(root, "payloads") == "2", "a new picture arrives")


@pytest.mark.usefixtures("moving")
def test_a_new_picture_starts_at_zero_and_keeps_what_was_set(lab_page, alone, until):
    root = alone(lab_page)
    pause(lab_page, root)
    seek(root, 80)
    root.get_by_label("Speed").select_option("2")
    root.get_by_role("button", name="Layers").click()
    root.get_by_label("energy U", exact=True).uncheck()
    show_next(lab_page, "cloud")
    until(lab_page, lambda: data(root, "payloads") == "2", "the new picture arrives")
    until(lab_page, lambda: data(root, "frame") == "0", "the clock starts again")
    assert data(root, "playing") == "false"
    assert root.get_by_label("Speed").input_value() == "2"
    assert not root.locator("[data-layer='energy U']").is_checked()
    assert root.locator("[data-layer='particles']").is_checked()


@pytest.mark.usefixtures("moving")
def test_a_key_elsewhere_lets_the_old_picture_rest_for_a_while(lab_page, alone, until):
    """A control was turned: the browser has the page and a new picture to take in."""
    root = alone(lab_page)
    painted = """(e, key) => new Promise(done => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        const first = Number(e.dataset.painted);
        setTimeout(() => done(Number(e.dataset.painted) - first), 500);
    })"""
    assert 1 <= root.evaluate(painted, "ArrowRight") <= 9
    before = int(data(root, "painted"))
    until(lab_page, lambda: int(data(root, "painted")) > before + 30, "it moves on")


@pytest.mark.usefixtures("moving")
def test_keys(lab_page, alone, until):
    root = alone(lab_page)
    root.focus()
    lab_page.keyboard.press("Space")
    assert data(root, "playing") == "false"
    lab_page.keyboard.press("Home")
    assert data(root, "frame") == "0"
    lab_page.keyboard.press("ArrowRight")
    lab_page.keyboard.press("ArrowRight")
    lab_page.keyboard.press("ArrowLeft")
    assert data(root, "frame") == "1"
    lab_page.keyboard.press("End")
    assert data(root, "frame") == "119"
    lab_page.keyboard.down("Space")
    lab_page.keyboard.down("Space")  # held: repeated by the system
    lab_page.keyboard.up("Space")
    until(lab_page, lambda: data(root, "playing") == "true" and int(data(root, "frame")) < 60, "it starts again")
    root.get_by_label("Speed").focus()
    lab_page.keyboard.press("ArrowRight")  # a menu keeps its own keys
    assert data(root, "playing") == "true"
    lab_page.evaluate("document.dispatchEvent(new Event('keydown'))")  # as of Chrome's autofill: without a key
    lab_page.evaluate("""() => {
        delete Element.prototype.requestFullscreen;
        Object.defineProperty(document, "fullscreenEnabled", { value: undefined });
    }""")  # as on an iPhone
    root.focus()
    lab_page.keyboard.press("f")


def test_scrubbing_shows_the_clock_and_moves_between_frames(lab_page, alone):
    root = alone(lab_page)
    pause(lab_page, root)
    seek(root, 60)
    at = picture(root)
    assert data(root, "frame") == "60"
    assert root.locator(".clock").inner_text().split() == ["t", "2.40"]
    seek(root, 60.4)
    between = picture(root)
    assert data(root, "frame") == "60"
    assert between != at
    seek(root, 60)
    assert picture(root) == at


@pytest.mark.usefixtures("moving")
def test_it_repeats_or_stops_at_the_end(lab_page, alone, until):
    root = alone(lab_page)
    root.get_by_label("Speed").select_option("4")
    seek(root, 110)
    until(lab_page, lambda: int(data(root, "frame")) < 100, "it repeats")
    root.get_by_role("button", name="Repeat").click()
    until(lab_page, lambda: data(root, "playing") == "false", "it stops")
    assert data(root, "frame") == "119"


def test_layers_are_switched_without_a_rerun(lab_page, alone):
    root = alone(lab_page)
    pause(lab_page, root)
    seek(root, 30)
    before = picture(root)
    root.get_by_role("button", name="Layers").click()
    for name in ("particles", "particles: trails", "energy U: contour lines", "stationary points", "force −∇U"):
        box = root.get_by_label(name, exact=True)
        box.click()
        assert picture(root) != before, name
        box.click()
        assert picture(root) == before, name
    lab_page.keyboard.press("Escape")
    assert not root.locator(".layers .sheet").is_visible()
    assert lab_page.evaluate("window.sent") == []


def test_the_theme_colours_the_picture(open_page, show, until):
    page = open_page(color_scheme="dark")
    root = show(page)
    assert max(pixel(root, 3, 3)[:3]) < 60
    page.emulate_media(color_scheme="light")  # changed while it plays: restyled, not sent again
    until(page, lambda: min(pixel(root, 3, 3)[:3]) > 200, "the picture follows the theme")
    assert data(root, "payloads") == "1"


@pytest.mark.parametrize("density", [1, 2])
def test_it_fits_its_box_and_stays_sharp(open_page, alone, until, density):
    page = open_page(device_scale_factor=density)
    root = alone(page)
    pause(page, root)
    for width in (1280, 820, 390):
        page.set_viewport_size({"width": width, "height": 800})
        script = "c => [c.width, c.clientWidth, c.height, c.clientHeight]"

        def fits(script=script, width=width):
            wide, client, tall, high = root.locator("canvas").evaluate(script)
            return client <= width and abs(wide - density * client) <= 1 and abs(tall - density * high) <= 1

        until(page, fits, f"the canvas fits a window of {width} px")
        _, _, w, h = json.loads(data(root, "plots"))[0]
        assert w / h == pytest.approx(4.2 / 2.8, rel=0.01)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_panels_stand_under_each_other_where_it_is_narrow(lab_page, alone):
    wide = json.loads(data(alone(lab_page, "compare"), "plots"))
    lab_page.set_viewport_size({"width": 390, "height": 800})
    narrow = json.loads(data(alone(lab_page, "compare"), "plots"))
    assert wide[0][1] == wide[1][1] and wide[0][0] < wide[1][0] and wide[2][1] > wide[0][1]
    assert narrow[0][0] == narrow[1][0] and narrow[0][1] < narrow[1][1] < narrow[2][1]


def test_a_fixed_height_is_filled(lab_page, show):
    root = show(lab_page, more="&height=420")
    assert root.bounding_box()["height"] == pytest.approx(420, abs=2)
    assert root.locator("canvas").bounding_box()["height"] > 340


def test_reduced_motion_waits_to_be_asked(lab_page, alone, until):
    page, root = lab_page, alone(lab_page)
    assert data(root, "playing") == "false"
    assert data(root, "frame") == "119"
    painted = data(root, "painted")
    frames(page)
    assert data(root, "painted") == painted
    root.get_by_role("button", name="Play").click()
    until(page, lambda: 5 < int(data(root, "frame")) < 119, "it plays when asked")


def test_full_screen(lab_page, alone, until):
    root = alone(lab_page)
    root.get_by_role("button", name="Full screen").click()
    until(lab_page, lambda: root.bounding_box()["height"] > 780, "the player fills the screen")
    until(lab_page, lambda: root.locator("canvas").bounding_box()["height"] > 600, "the picture grows with it")
    lab_page.evaluate("document.exitFullscreen()")
    until(lab_page, lambda: root.bounding_box()["height"] < 760, "it comes back")


@pytest.mark.usefixtures("moving")
def test_it_can_be_read_and_operated_without_seeing_it(lab_page, alone):
    root = alone(lab_page)
    assert root.get_by_role("img").get_attribute("aria-label").startswith("2,000 particles leave the saddle")
    for button in root.get_by_role("button").all():
        box = button.bounding_box()
        assert button.get_attribute("aria-label") or button.inner_text()
        assert box["width"] >= 32 and box["height"] >= 32
    spoken = root.locator("[aria-live=polite]")
    assert spoken.inner_text() == ""  # nothing is said while it plays
    assert root.locator("output, [role=status], [aria-live]").count() == 1  # nor does anything else speak by itself
    pause(lab_page, root)
    assert spoken.inner_text().startswith("Paused: t = ")
    seek(root, 50)
    frames(lab_page, 2)
    slider = root.get_by_role("slider", name="Time")
    assert slider.get_attribute("aria-valuetext") == "t = 2.00"
    root.focus()
    lab_page.keyboard.press("ArrowRight")
    assert spoken.inner_text() == "t = 2.04"
    assert slider.get_attribute("aria-valuetext") == "t = 2.04"
    lab_page.keyboard.press("End")
    lab_page.keyboard.press("Space")
    assert spoken.inner_text() == "Playing: t = 0.00"  # from the start again


def test_a_menu_fits_a_window_that_is_low_or_narrow(lab_page, alone):
    lab_page.set_viewport_size({"width": 1280, "height": 200})
    root = alone(lab_page)
    root.get_by_role("button", name="Layers").click()
    sheet = root.locator(".layers .sheet")
    assert 40 < sheet.bounding_box()["height"] <= 140  # the rest is scrolled
    lab_page.set_viewport_size({"width": 360, "height": 800})
    sheet.locator("span").first.evaluate("e => { e.textContent = 'a long name '.repeat(12); }")
    left, width = (sheet.bounding_box()[side] for side in ("x", "width"))
    assert left >= 0 and left + width <= 360 and width > 250


def test_bytes_that_are_no_picture_become_a_sentence(lab_page, alone):
    root = alone(lab_page, "broken", painted=False)
    assert root.get_by_role("alert").inner_text().startswith("This picture cannot be shown.")
    assert not root.locator("canvas").is_visible()
