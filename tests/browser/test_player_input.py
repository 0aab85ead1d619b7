"""Drawing on the picture and choosing its points, in a real browser."""

import json

import pytest

from tests.browser.helpers import at, data, pause, picture, seek, sent, show_next, stroke

pytestmark = pytest.mark.browser

# Streamlit's element, which tells whether the page's script runs; `run()`: a run that changes nothing.
APP = """async () => {
    const app = document.createElement("div");
    app.dataset.testid = "stApp";
    document.body.append(app);
    window.run = async () => {
        for (const state of ["rerunRequested", "running", "notRunning"]) {
            app.dataset.testScriptState = state;
            await 0;
        }
    };
}"""


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


def test_what_a_person_does_reaches_the_script(lab_page, show, settled, until):
    """A click, a stroke and a pick, through Streamlit: once each, for one run, and the picture is not sent again."""
    root = show(lab_page, "diffusion")
    pause(lab_page, root)
    seek(root, 30)
    before = picture(root)
    lab_page.mouse.click(*at(root, 1, 0.97, 0.03))  # beside all points
    run(lab_page, settled, 2)
    until(lab_page, lambda: picture(root) == before, "the mark of a click that changed nothing is removed")
    assert lab_page.get_by_text("Click of this run: True").is_visible()
    panel, x, y = lab_page.get_by_text("Click: ").inner_text().split()[1:]
    assert panel == "1"
    assert [float(x), float(y)] == pytest.approx([-2.6 + 0.97 * 5.2, -2.2 + 0.03 * 4.4], abs=0.03)
    drawing(lab_page, root)
    stroke(lab_page, root, [(0.2, 0.5), (0.8, 0.5)], panel=2)
    run(lab_page, settled, 3)
    assert lab_page.get_by_text("Click of this run: False").is_visible()
    until(lab_page, lambda: data(root, "strokes") == "0", "and so is the stroke's")
    panel, mode, radius, points = said(lab_page, "Stroke")
    assert (panel, mode) == (2, "add") and radius == pytest.approx(0.03 * 5.2) and 2 <= len(points) <= 5
    lab_page.mouse.click(*at(root, 0, 0.5, 0.5))  # the middle of a dense cloud: some point is near
    run(lab_page, settled, 4)
    assert said(lab_page, "Pick")[:3] == [0, "samples", int(data(root, "pick"))]
    assert data(root, "payloads") == "1"


def test_a_click_drops_a_particle_where_it_was(lab_page, alone):
    root = alone(lab_page)
    lab_page.evaluate(APP)
    lab_page.mouse.move(*at(root, 0, 0.25, 0.6))
    before = picture(root)
    lab_page.mouse.click(*at(root, 0, 0.25, 0.6))
    (drop,) = sent(lab_page, "drop")
    assert drop == {"panel": 0, "x": pytest.approx(-2.1 + 0.25 * 4.2, abs=0.01),
                    "y": pytest.approx(-1.4 + 0.6 * 2.8, abs=0.01)}  # fmt: skip
    # The mark goes when the page has run and the picture is the old one, because the page refused the click.
    assert picture(root) != before
    lab_page.evaluate("run()")
    assert picture(root) == before
    # Neither a drag nor a click beside the plot is a drop.
    stroke(lab_page, root, [(0.1, 0.9), (0.3, 0.7)])
    lab_page.mouse.click(*at(root, 0, -0.03, 0.9))
    assert len(sent(lab_page, "drop")) == 1


@pytest.mark.usefixtures("moving")
def test_a_stroke_is_shown_at_once_and_reported_once(lab_page, alone):
    root = alone(lab_page, "diffusion")
    assert not root.get_by_role("button", name="Erase").is_visible()
    drawing(lab_page, root)
    assert data(root, "playing") == "false"  # who draws wants it to hold still
    before = picture(root)
    root.get_by_label("Radius of the brush").fill("0.05")
    lab_page.mouse.move(*at(root, 2, 0.2, 0.5))
    lab_page.mouse.down()
    lab_page.mouse.move(*at(root, 2, 0.8, 0.5), steps=10)
    assert picture(root) != before
    assert sent(lab_page, "stroke") == []  # nothing is sent while it is being painted
    lab_page.mouse.move(*at(root, 2, 0.8, 1.4), steps=5)  # beyond the plot: its edge
    lab_page.mouse.up()
    (painted,) = sent(lab_page, "stroke")
    assert (painted["panel"], painted["mode"], painted["radius"]) == (2, "add", pytest.approx(0.05 * 5.2))
    want = [[-2.6 + 0.2 * 5.2, 0], [-2.6 + 0.8 * 5.2, 0], [-2.6 + 0.8 * 5.2, 2.2]]  # simplified to its corners
    assert len(painted["points"]) <= 5
    for corner in want:
        assert min(abs(corner[0] - x) + abs(corner[1] - y) for x, y in painted["points"]) < 0.06
    assert data(root, "strokes") == "1"


def test_erase_clear_and_leave(lab_page, alone):
    root = alone(lab_page, "diffusion")
    drawing(lab_page, root)
    stroke(lab_page, root, [(0.2, 0.8), (0.8, 0.2)], panel=2)
    root.get_by_role("button", name="Erase").click()
    added = picture(root)
    stroke(lab_page, root, [(0.2, 0.2), (0.8, 0.8)], panel=2)
    assert picture(root) != added
    root.get_by_role("button", name="Clear").click()
    assert [one["mode"] for one in sent(lab_page, "stroke")] == ["add", "erase", "clear"]
    assert sent(lab_page, "stroke")[2]["points"] == []
    assert data(root, "strokes") == "0"
    drawing(lab_page, root)  # off again
    stroke(lab_page, root, [(0.2, 0.8), (0.8, 0.2)], panel=2)
    assert not root.get_by_role("button", name="Erase").is_visible() and data(root, "strokes") == "0"
    # Other panels are never painted on; there a click is a click also while drawing.
    drawing(lab_page, root)
    stroke(lab_page, root, [(0.2, 0.8), (0.8, 0.2)], panel=1)
    lab_page.mouse.click(*at(root, 1, 0.98, 0.98))
    assert [one["panel"] for one in sent(lab_page, "drop")] == [1]
    assert data(root, "strokes") == "0"


def test_a_finger_draws_and_the_page_stays(open_page, alone, until):
    page = open_page(viewport={"width": 800, "height": 500}, has_touch=True)
    root = alone(page, "phases")
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
    until(page, lambda: [one["mode"] for one in sent(page, "stroke")] == ["add"], "the stroke is reported")
    assert page.evaluate(main) == before


def test_a_point_is_picked_and_its_path_shown(lab_page, alone, until):
    root = alone(lab_page, "diffusion")
    pause(lab_page, root)
    seek(root, 30)
    before = picture(root)
    lab_page.mouse.click(*at(root, 0, 0.5, 0.5))
    until(lab_page, lambda: data(root, "pick"), "a point is picked")
    index = int(data(root, "pick"))
    (chosen,) = sent(lab_page, "pick")
    assert (chosen["panel"], chosen["layer"], chosen["index"]) == (0, "samples", index)
    assert abs(chosen["x"]) < 0.02 and abs(chosen["y"]) < 0.02
    shown = picture(root)
    assert shown != before
    seek(root, 40)
    assert picture(root) != shown  # the ring follows the point
    show_next(lab_page, "diffusion")
    until(lab_page, lambda: data(root, "payloads") == "2", "the next picture arrives")
    assert data(root, "pick") == str(index)  # it stays chosen in the next picture
    lab_page.mouse.click(*at(root, 0, 0.97, 0.03))  # beside all points
    until(lab_page, lambda: data(root, "pick") == "", "it is let go")
    assert sent(lab_page, "pick")[1]["index"] == -1


def test_where_both_are_possible_a_click_beside_the_points_drops(lab_page, alone):
    root = alone(lab_page, "diffusion")
    pause(lab_page, root)
    seek(root, 30)
    lab_page.mouse.click(*at(root, 1, 0.97, 0.03))
    assert [one["panel"] for one in sent(lab_page, "drop")] == [1] and not data(root, "pick")
    lab_page.mouse.click(*at(root, 1, 0.5, 0.5))
    assert [one["panel"] for one in sent(lab_page, "pick")] == [1] and data(root, "pick")
