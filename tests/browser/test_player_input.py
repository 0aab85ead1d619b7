"""Drawing on the picture and choosing its points, in a real browser."""

import json

import pytest

from tests.browser.helpers import at, data, pause, picture, seek, stroke

pytestmark = pytest.mark.browser


def drawing(page, root) -> None:
    root.get_by_role("button", name="Draw").click()
    picture(root)  # after the next paint


def run(page, settled, count: int) -> None:
    """Wait until the script has run so many times, and has written what it has to say."""
    page.get_by_text(f"Runs: {count}").wait_for()
    settled(page)


def said(page, what: str):
    """What player_app.py wrote about the last event of a kind."""
    return json.loads(page.get_by_text(f"{what}: ", exact=False).last.inner_text().split(": ", 1)[1])


def test_a_stroke_is_shown_at_once_and_reported_once(lab_page, show, settled):
    root = show(lab_page, "diffusion")
    assert not root.get_by_role("button", name="Erase").is_visible()
    drawing(lab_page, root)
    assert data(root, "playing") == "false"  # who draws wants it to hold still
    before = picture(root)
    root.get_by_label("Radius of the brush").fill("0.05")
    lab_page.mouse.move(*at(root, 2, 0.2, 0.5))
    lab_page.mouse.down()
    lab_page.mouse.move(*at(root, 2, 0.8, 0.5), steps=10)
    assert picture(root) != before
    assert lab_page.get_by_text("Runs: 1").is_visible()  # nothing is sent while it is being painted
    lab_page.mouse.move(*at(root, 2, 0.8, 1.4), steps=5)  # beyond the plot: its edge
    lab_page.mouse.up()
    run(lab_page, settled, 2)
    panel, mode, radius, points = said(lab_page, "Stroke")
    assert (panel, mode) == (2, "add") and radius == pytest.approx(0.05 * 5.2)
    want = [[-2.6 + 0.2 * 5.2, 0], [-2.6 + 0.8 * 5.2, 0], [-2.6 + 0.8 * 5.2, 2.2]]  # simplified to its corners
    assert len(points) <= 5
    for corner in want:
        assert min(abs(corner[0] - x) + abs(corner[1] - y) for x, y in points) < 0.06
    assert data(root, "strokes") == "1" and data(root, "payloads") == "1"


def test_erase_clear_and_leave(lab_page, show, settled):
    root = show(lab_page, "diffusion")
    drawing(lab_page, root)
    stroke(lab_page, root, [(0.2, 0.8), (0.8, 0.2)], panel=2)
    run(lab_page, settled, 2)
    root.get_by_role("button", name="Erase").click()
    added = picture(root)
    stroke(lab_page, root, [(0.2, 0.2), (0.8, 0.8)], panel=2)
    run(lab_page, settled, 3)
    assert said(lab_page, "Stroke")[1] == "erase" and picture(root) != added
    root.get_by_role("button", name="Clear").click()
    run(lab_page, settled, 4)
    assert said(lab_page, "Stroke")[1] == "clear" and said(lab_page, "Stroke")[3] == []
    assert data(root, "strokes") == "0"
    drawing(lab_page, root)  # off again
    stroke(lab_page, root, [(0.2, 0.8), (0.8, 0.2)], panel=2)
    assert not root.get_by_role("button", name="Erase").is_visible() and data(root, "strokes") == "0"
    # Other panels are never painted on; there a click is a click also while drawing.
    drawing(lab_page, root)
    stroke(lab_page, root, [(0.2, 0.8), (0.8, 0.2)], panel=1)
    lab_page.mouse.click(*at(root, 1, 0.98, 0.98))
    lab_page.get_by_text("Click: 1").wait_for()
    assert data(root, "strokes") == "0"


def test_a_finger_draws_and_the_page_stays(open_page, show, settled):
    page = open_page(viewport={"width": 800, "height": 500}, has_touch=True)
    root = show(page, "phases")
    drawing(page, root)
    canvas = root.locator("canvas")
    canvas.scroll_into_view_if_needed()
    touch = page.context.new_cdp_session(page)

    def send(kind, *place):
        points = [{"x": place[0], "y": place[1]}] if place else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    main = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = page.evaluate(main)
    (x, y), (_, end) = at(root, 0, 0.5, 0.6), at(root, 0, 0.5, 0.9)
    send("touchStart", x, y)
    for k in range(1, 11):
        send("touchMove", x, y + (end - y) * k / 10)
    send("touchEnd")
    run(page, settled, 2)
    assert said(page, "Stroke")[1] == "add" and page.evaluate(main) == before


def test_a_point_is_picked_and_its_path_shown(lab_page, show, settled, until):
    root = show(lab_page, "diffusion")
    pause(lab_page, root)
    seek(root, 30)
    before = picture(root)
    lab_page.mouse.click(*at(root, 0, 0.5, 0.5))  # the middle of a dense cloud: some point is near
    until(lab_page, lambda: data(root, "pick"), "a point is picked")
    run(lab_page, settled, 2)
    panel, layer, index, x, y = said(lab_page, "Pick")
    assert (panel, layer, index) == (0, "samples", int(data(root, "pick")))
    assert abs(x) < 0.02 and abs(y) < 0.02
    shown = picture(root)
    assert shown != before and data(root, "payloads") == "1"
    seek(root, 40)
    assert picture(root) != shown  # the ring follows the point
    lab_page.get_by_role("button", name="New seed").click()
    until(lab_page, lambda: data(root, "payloads") == "2", "the next picture arrives")
    assert data(root, "pick") == str(index)  # it stays chosen in the next picture
    lab_page.mouse.click(*at(root, 0, 0.97, 0.03))  # beside all points
    until(lab_page, lambda: data(root, "pick") == "", "it is let go")
    lab_page.get_by_text("Pick: null").wait_for()


def test_where_both_are_possible_a_click_beside_the_points_drops(lab_page, show, settled, until):
    root = show(lab_page, "diffusion")
    pause(lab_page, root)
    seek(root, 30)
    lab_page.mouse.click(*at(root, 1, 0.97, 0.03))
    lab_page.get_by_text("Click: 1").wait_for()
    assert not data(root, "pick")
    lab_page.mouse.click(*at(root, 1, 0.5, 0.5))
    until(lab_page, lambda: data(root, "pick"), "a click on a point picks it")
    run(lab_page, settled, 3)
    assert said(lab_page, "Pick")[0] == 1
