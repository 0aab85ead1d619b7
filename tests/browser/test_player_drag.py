"""A point of the picture is dragged, in a real browser: its paths follow, the page does not run, the end does."""

import base64
import json

import numpy as np
import pytest

from demos.picture.payload import no_patch
from tests.browser.drag_app import STARTS, energy, flow
from tests.browser.helpers import at, data, number, pause, picture, seek, show_next
from tests.browser.player_clouds import picture_of

pytestmark = pytest.mark.browser
X, Y = (-2, 2), (-1.2, 1.2)  # of the first panel of drag_app.py

# Every event of the pointer, and whether the one before it had been answered or given up.
LISTEN = """root => {
    const heard = window.heard = {numbers: [], early: 0};
    let last = null, since = 0;
    document.addEventListener("gradient-flow-lab-drag", ({ detail }) => {
        const answered = last === null || root.dataset.answered === String(last) || performance.now() - since >= 1000;
        if (!answered) heard.early += 1;
        Object.assign(heard, {resting: detail.resting, at: [detail.x, detail.y]});
        [last, since] = [detail.number, performance.now()];
        heard.numbers.push(last);
    });
}"""

ANSWER = """text => document.dispatchEvent(new CustomEvent("gradient-flow-lab-patch", {
    detail: Uint8Array.from(atob(text), letter => letter.charCodeAt(0)),
}))"""


@pytest.fixture
def opened(lab_page, serve, settled):
    def open_(query: str = ""):
        lab_page.goto(f"{serve('tests/browser/drag_app.py')}/?{query}")
        root = lab_page.locator(".player")
        root.locator(".handle").first.wait_for()
        settled(lab_page)
        pause(lab_page, root)
        seek(root, 40)
        root.evaluate(LISTEN)
        return root

    return open_


def place(root, x: float, y: float) -> tuple[float, float]:
    return at(root, 0, (x - X[0]) / (X[1] - X[0]), (y - Y[0]) / (Y[1] - Y[0]))


def dark(root, x: float, y: float) -> bool:
    """Whether there is ink within two pixels of a place."""
    left, top = place(root, x, y)
    frame = root.locator("canvas").bounding_box()
    corner = [round(left - frame["x"]) - 2, round(top - frame["y"]) - 2, 5, 5]
    script = """(e, clip) => Math.min(...Array.from({ length: 25 }, (_, k) => 4 * k).map((k, _, __,
        d = e.querySelector('canvas').getContext('2d').getImageData(...clip).data) => d[k] + d[k + 1] + d[k + 2]))"""
    return root.evaluate(script, corner) < 240


def starts(page) -> list:
    return json.loads(page.get_by_text("Starts: ").inner_text().split(": ", 1)[1])


def test_paths_follow_the_pointer_and_the_page_runs_once_at_the_end(lab_page, opened, until, settled):
    root = opened()
    handle = root.get_by_role("button", name="left start")
    before = picture(root)
    lab_page.mouse.move(*place(root, *STARTS[0]))
    assert handle.evaluate("e => getComputedStyle(e).cursor") == "grab"
    lab_page.mouse.down()
    lab_page.mouse.move(*place(root, -1.4, 1.6), steps=3)  # beyond the panel: its edge, where the page has no answer
    until(lab_page, lambda: data(root, "answered"), "it is answered all the same")
    assert handle.get_attribute("data-at").split()[1] == "1.2"
    aim = (-0.6, -1.0)
    for part in (0.25, 0.5, 0.75, 1.0):
        lab_page.mouse.move(*place(root, *(STARTS[0] + part * (aim - STARTS[0]))), steps=4)
    host = root.evaluate_handle("e => e.getRootNode().host")
    assert host.evaluate("e => e.hasAttribute('data-dragged')")  # what stands below is of the picture before
    x, y = (float(v) for v in handle.get_attribute("data-at").split())
    assert (x, y) == pytest.approx(aim, abs=0.01)

    def rests() -> bool:
        heard = lab_page.evaluate("window.heard")
        last = heard["resting"] and heard["at"] == pytest.approx([x, y], abs=1e-5)
        return last and data(root, "answered") == str(heard["numbers"][-1])

    until(lab_page, rests, "the pointer rests, says so and is answered")
    assert lab_page.evaluate("window.heard.early") == 0  # one at a time
    picture(root)
    for path in (flow(STARTS[1]), flow(np.array([x, y]))):
        for frame in (5, 10, 20):
            assert dark(root, *path[frame]), "the exact flow from where the handle is"
    assert not dark(root, *flow(STARTS[0])[10]), "no path is left where no start is"
    loss = energy(flow(np.array([x, y])))[40]
    assert number(root.locator(".readout .value").first.inner_text()) == pytest.approx(loss, rel=0.01)
    assert lab_page.get_by_text("Runs: 1").is_visible() and data(root, "payloads") == "1"
    lab_page.mouse.up()
    lab_page.get_by_text("Runs: 2").wait_for()
    until(lab_page, lambda: data(root, "payloads") == "2", "the new picture comes")
    settled(lab_page)
    assert starts(lab_page)[0] == pytest.approx([x, y], abs=1e-3) and starts(lab_page)[1] == STARTS[1].tolist()
    assert data(root, "frame") == "40" and data(root, "playing") == "false"  # the clock stays where it was
    assert not host.evaluate("e => e.hasAttribute('data-dragged')")
    assert picture(root) != before and dark(root, *flow(np.array([x, y]))[20])
    assert lab_page.get_by_text("Dropped: False").is_visible()  # a drag is no click


def test_keys_move_a_handle_and_escape_takes_it_back(lab_page, opened, until, settled):
    root = opened()
    first, second = (root.get_by_role("button", name=name) for name in ("left start", "right start"))
    before = picture(root)
    first.focus()
    lab_page.keyboard.press("PageDown")
    focused = "e => e.getRootNode().activeElement === e"
    assert second.evaluate(focused)
    lab_page.keyboard.press("PageDown")
    assert first.evaluate(focused)
    lab_page.keyboard.down("ArrowRight")  # held: the gesture lasts
    until(lab_page, lambda: lab_page.evaluate("window.heard.numbers.length") >= 1, "the move is sent")
    assert picture(root) != before
    lab_page.keyboard.press("Escape")
    lab_page.keyboard.up("ArrowRight")
    settled(lab_page)
    assert picture(root) == before and lab_page.get_by_text("Runs: 1").is_visible()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        lab_page.keyboard.press(key)
    want = pytest.approx([-1.5 + 0.02 * 4 + 0.1 * 4, 0.8 + 0.01 * 2.4 - 0.1 * 2.4], abs=1e-3)
    until(lab_page, lambda: starts(lab_page)[0] == want, "a while after the last key the page runs", 20)
    settled(lab_page)
    assert data(root, "frame") == "40"  # arrows of a handle are none of the clock's


def test_a_place_that_the_page_refuses_goes_back(lab_page, opened, until):
    root = opened("narrow=1")
    before = picture(root)
    lab_page.mouse.move(*place(root, *STARTS[0]))
    lab_page.mouse.down()
    lab_page.mouse.move(*place(root, -1.0, 0.2), steps=4)
    lab_page.mouse.up()
    lab_page.mouse.move(5, 5)
    lab_page.get_by_text("Runs: 2").wait_for()
    until(lab_page, lambda: data(root.locator(".handle").first, "at") == "-1.5 0.8", "the handle goes back")
    root.evaluate("e => e.focus()")
    assert picture(root) == before and data(root, "payloads") == "1"


def test_a_gesture_ends_when_its_handle_is_hidden_and_the_next_one_works(lab_page, alone):
    root = alone(lab_page, "handles")
    handle = root.locator(".handle").first
    lab_page.mouse.move(*place(root, *STARTS[0]))
    lab_page.mouse.down()
    lab_page.mouse.move(*place(root, -1.0, 0.2), steps=2)
    assert data(handle, "at") != "-1.5 0.8"
    switch = root.locator("[data-layer='starts']")
    switch.evaluate("e => e.click()")
    lab_page.mouse.move(*place(root, -0.8, 0.2), steps=2)
    lab_page.mouse.up()
    switch.evaluate("e => e.click()")
    assert data(handle, "at") == "-1.5 0.8"
    lab_page.mouse.move(*place(root, *STARTS[0]))
    lab_page.mouse.down()
    lab_page.mouse.move(*place(root, -1.0, 0.2), steps=2)
    lab_page.mouse.up()
    assert data(handle, "at") != "-1.5 0.8"


def test_after_a_refused_drag_the_next_picture_begins_anew(lab_page, alone, until):
    root = alone(lab_page, "handles")
    seek(root, 10)
    lab_page.mouse.move(*place(root, *STARTS[0]))
    lab_page.mouse.down()
    lab_page.mouse.move(*place(root, -1.0, 0.2), steps=2)
    lab_page.mouse.up()
    ran = no_patch(picture_of("handles"), 1)  # the page has run, and its picture is the old one
    lab_page.evaluate(ANSWER, base64.b64encode(ran).decode())
    until(lab_page, lambda: data(root.locator(".handle").first, "at") == "-1.5 0.8", "the handle goes back")
    show_next(lab_page, "cloud")
    until(lab_page, lambda: data(root, "payloads") == "2", "another picture arrives")
    assert data(root, "frame") == "119"  # where a picture at rest begins


def test_answers_that_take_long_come_one_by_one_and_may_move_other_handles(lab_page, opened, until, settled):
    root = opened("mirror=1")
    left, right = (root.get_by_role("button", name=name) for name in ("left start", "right start"))
    lab_page.mouse.move(*place(root, *STARTS[0]))
    lab_page.mouse.down()
    lab_page.mouse.move(*place(root, -0.5, 0.5), steps=20)

    def mirrored() -> bool:
        here, there = ([float(v) for v in one.get_attribute("data-at").split()] for one in (left, right))
        return there == pytest.approx([-v for v in here], abs=1e-5)

    until(lab_page, mirrored, "the other start is at the mirror image")
    assert lab_page.evaluate("window.heard.early") == 0
    now = picture(root)
    root.locator("[data-layer='gradient descent']").evaluate("e => e.click()")
    assert picture(root) == now  # the steps from the old start are hidden: switching them off changes nothing
    root.locator("[data-layer='exact flow']").evaluate("e => e.click()")
    assert picture(root) != now
    lab_page.mouse.up()
    lab_page.get_by_text("Runs: 2").wait_for()
    settled(lab_page)
    assert starts(lab_page)[0] == pytest.approx([-v for v in starts(lab_page)[1]], abs=2e-3)
    assert starts(lab_page)[0] == pytest.approx([-0.5, 0.5], abs=0.02)
