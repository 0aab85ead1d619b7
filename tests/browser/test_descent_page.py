"""/descent in a real browser: a click sets a start, a dragged start takes its paths along, and where it rests it
stays."""

import pytest

from tests.browser.helpers import at, data, pause, query

pytestmark = pytest.mark.browser

SMALL = "methods=euler,heavy_ball&steps=80&clock=steps"


def test_click_and_drag_a_start(lab_page, open_demo, until):
    root = open_demo(lab_page, "descent", SMALL)
    pause(lab_page, root)
    lab_page.mouse.click(*at(root, 0, 0.2, 0.8))
    until(lab_page, lambda: "x0=-3" in query(lab_page), "the click is the start")
    handle = root.get_by_role("button", name="start 1")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab_page.mouse.move(x, y)
    lab_page.mouse.down()
    lab_page.mouse.move(x + 30, y + 60, steps=4)
    until(lab_page, lambda: (data(root, "answered") or "0") != "0", "the paths follow")
    assert "x0=-3" in query(lab_page)  # the page is run when the start is let go
    before = query(lab_page)
    lab_page.mouse.up()
    until(lab_page, lambda: query(lab_page) != before, "the start stays where it was let go")
    assert lab_page.locator(".gf-headline").get_attribute("data-state") != "DIFFERS"
