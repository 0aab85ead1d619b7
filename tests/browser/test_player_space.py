"""Panels in space, in a real browser: turning, zooming, and who owns the wheel."""

import math

import pytest

from tests.browser.helpers import at, data, frames, pause, picture, seek, show_next

pytestmark = pytest.mark.browser


def camera(root) -> list[float]:
    """[around, above, zoom], after the next paint; angles in radians."""
    picture(root)
    return [float(part) for part in data(root, "camera").split()]


def drag(page, root, dx: float, dy: float) -> None:
    x, y = at(root, 0, 0.5, 0.5)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()


@pytest.mark.usefixtures("moving")
def test_it_turns_by_itself_until_it_is_turned(lab_page, alone, until):
    root = alone(lab_page, "cluster")
    first = camera(root)[0]
    until(lab_page, lambda: camera(root)[0] < first - 0.05, "it turns while it plays")
    drag(lab_page, root, 100, 0)
    after = camera(root)
    frames(lab_page)
    assert data(root, "playing") == "true" and camera(root) == after
    lab_page.emulate_media(reduced_motion="reduce")  # the setting of the system is changed meanwhile
    until(lab_page, lambda: data(root, "playing") == "false", "it rests")


def test_dragging_turns_half_way_round_across_the_plot(lab_page, alone):
    root = alone(lab_page, "cluster")
    pause(lab_page, root)
    around, above, zoom = camera(root)
    side = at(root, 0, 0, 0)[1] - at(root, 0, 0, 1)[1]  # the plot is wider than high
    drag(lab_page, root, side / 2, -side / 8)
    assert camera(root) == pytest.approx([around - math.pi / 2, above - math.pi / 8, zoom], abs=0.02)
    drag(lab_page, root, 0, 3 * side / 4)
    assert camera(root)[1] == pytest.approx(math.pi / 2, abs=1e-3)  # not beyond the pole
    x, y = at(root, 0, 0.5, 0.5)
    lab_page.mouse.move(x, y)
    lab_page.mouse.down()
    before = camera(root)
    # The next event of the mouse, after a context menu has taken the end of the gesture.
    unheld = {"pointerId": 1, "clientX": x + 90, "clientY": y, "buttons": 0}
    root.locator("canvas").dispatch_event("pointermove", unheld)
    assert camera(root) == before
    lab_page.mouse.up()
    lab_page.mouse.dblclick(x, y)
    assert camera(root) == pytest.approx([math.radians(30), math.radians(20), 1], abs=1e-3)


def test_panels_share_a_camera_and_it_stays_for_the_next_picture(lab_page, alone, until):
    root = alone(lab_page, "thomson")
    pause(lab_page, root)
    seek(root, 0)
    second = """e => e.querySelector('canvas').getContext('2d').getImageData(700, 0, 400, 500).data.join()"""
    before = root.evaluate(second)
    drag(lab_page, root, 60, 20)  # on the first panel
    turned = camera(root)
    assert root.evaluate(second) != before
    show_next(lab_page, "thomson")
    until(lab_page, lambda: data(root, "payloads") == "2", "the next picture arrives")
    assert camera(root) == turned
    lab_page.mouse.down()
    show_next(lab_page, "cloud")  # a picture in the plane, in the middle of a gesture
    until(lab_page, lambda: data(root, "payloads") == "3", "it arrives")
    lab_page.mouse.move(*at(root, 0, 0.6, 0.6))
    lab_page.mouse.up()


def test_the_wheel_zooms_only_where_it_is_meant(lab_page, alone, until):
    page = lab_page
    page.set_viewport_size({"width": 1280, "height": 500})
    root = alone(page, "cluster")
    page.mouse.move(*at(root, 0, 0.5, 0.5))
    page.mouse.wheel(0, 60)
    main = "[...document.querySelectorAll('[data-testid=stMain]')].map(e => e.scrollTop)[0]"
    until(page, lambda: page.evaluate(main) > 0, "the page scrolls")
    assert camera(root)[2] == 1
    page.mouse.move(*at(root, 0, 0.5, 0.5))
    before = page.evaluate(main)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    until(page, lambda: camera(root)[2] > 1.2, "the picture grows")
    assert page.evaluate(main) == before


def test_keys_turn_and_zoom(lab_page, alone):
    root = alone(lab_page, "film")
    seek(root, 10)
    around, above, zoom = camera(root)
    root.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "+"):
        lab_page.keyboard.press(key)
    frame = data(root, "frame")
    assert camera(root) == pytest.approx([around - 0.1, above + 0.1, zoom * 1.15], abs=1e-3)
    lab_page.keyboard.press("ArrowRight")  # without Shift: the next frame, as always
    assert int(data(root, "frame")) == int(frame) + 1


def test_reduced_motion_does_not_turn(lab_page, alone):
    page, root = lab_page, alone(lab_page, "cluster")
    first = camera(root)
    root.get_by_role("button", name="Play").click()
    frames(page)
    assert data(root, "playing") == "true" and camera(root) == first
