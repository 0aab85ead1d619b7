"""/diffusion in a real browser: links, drawing, files, a network trained and stopped, embedding, the theme."""

from urllib.parse import parse_qsl

import numpy as np
import pytest

from demos.diffusion.data import BUILT_IN, decode_points
from tests.browser.helpers import at, data, pause, picture, query, seek, stroke, warnings

pytestmark = pytest.mark.browser

SMALL = "particles=200&evaluations=9"


@pytest.fixture
def diffusion(open_demo):
    """diffusion(page, query): open the page; gives the player's root."""
    return lambda page, query=SMALL: open_demo(page, "diffusion", query)


@pytest.mark.usefixtures("moving")
def test_a_link_gives_its_picture_and_the_picture_moves(lab_page, diffusion, until):
    root = diffusion(lab_page, f"data=moons&sampler=ddim&{SMALL}")
    for name, label in (("data", "Moons"), ("sampler", "Euler = DDIM")):
        assert label in lab_page.locator(f".st-key-diffusion-{name}").get_by_role("combobox").input_value()
    frames = set()
    until(lab_page, lambda: frames.add(data(root, "frame")) or len(frames) > 3, "the picture moves")
    assert refusals(lab_page) == []


def test_scrubbing_moves_the_noise_level_and_the_score_is_switched_on_by_its_words(lab_page, diffusion):
    root = diffusion(lab_page)
    pause(lab_page, root)
    levels = []
    for frame in (0, 48, 96):
        seek(root, frame)
        picture(root)
        levels.append(float(root.locator(".readout", has_text="σ").locator(".value").inner_text()))
    assert levels[0] == pytest.approx(20.3, abs=0.05)  # σ_max = 10 spreads of the data
    assert levels[0] > levels[1] > levels[2] == 0
    seek(root, 48)
    root.get_by_role("button", name="Layers").click()
    before = picture(root)
    root.locator("label span", has_text="Score: ").click()
    assert root.locator("[data-layer^='Score: ']").is_checked()
    assert picture(root) != before


def test_a_click_starts_a_point_of_noise_and_its_neighbours(lab_page, diffusion, settled, until):
    root = diffusion(lab_page)
    pause(lab_page, root)
    lab_page.mouse.click(*at(root, 0, 0.75, 0.25))
    until(lab_page, lambda: "probe=True" in query(lab_page), "the point is in the address")
    settled(lab_page)
    until(lab_page, lambda: data(root, "payloads") == "2", "its path is drawn")
    values = dict(part.split("=") for part in query(lab_page).split("&"))
    half = 5.2814  # of the box of the eight Gaussians
    assert float(values["probe_x"]) == pytest.approx(half / 2, abs=0.1)
    assert float(values["probe_y"]) == pytest.approx(-half / 2, abs=0.1)


def test_a_drawing_becomes_the_data_and_a_dot_is_refused(lab_page, diffusion, settled, until):
    root = diffusion(lab_page)
    root.get_by_role("button", name="Draw").click()
    stroke(lab_page, root, [(0.5, 0.5), (0.5, 0.5)])
    until(lab_page, lambda: any("single point" in told for told in warnings(lab_page)), "a dot is refused in words")
    settled(lab_page)
    assert data(root, "payloads") == "1" and "data=" not in query(lab_page)  # the picture stays
    stroke(lab_page, root, [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8)])
    until(lab_page, lambda: "data=points" in query(lab_page), "the drawing is the data")
    settled(lab_page)
    until(lab_page, lambda: data(root, "payloads") == "2", "the samples are drawn")
    assert refusals(lab_page) == []
    assert lab_page.locator("p", has_text="can only give them back").is_visible()


def refusals(page):
    """What was not taken; that points of so short a run end outside of the picture is no refusal."""
    return [told for told in warnings(page) if "outside the picture" not in told]


def points(page):
    """The points in the page's address (n, 2)."""
    return decode_points(dict(parse_qsl(query(page)))["points"])


def test_a_drawing_stays_where_it_was_drawn_and_is_erased_where_it_is_shown(lab_page, diffusion, settled, until):
    """A bar in the lower left of the panel, cut in the middle by the eraser; then nothing, and the moons are back."""
    root = diffusion(lab_page, f"data=moons&{SMALL}")
    root.get_by_role("button", name="Draw").click()
    stroke(lab_page, root, [(0.1, 0.2), (0.5, 0.2)])
    until(lab_page, lambda: "data=points" in query(lab_page), "the drawing is the data")
    settled(lab_page)
    until(lab_page, lambda: data(root, "payloads") == "2", "it is drawn")
    drawn, half = points(lab_page), BUILT_IN["moons"].view
    assert np.abs(drawn[:, 1] - (0.2 - 0.5) * 2 * half).max() < 0.05 * 2 * half
    assert drawn[:, 0].min() < (0.15 - 0.5) * 2 * half and drawn[:, 0].max() > (0.45 - 0.5) * 2 * half
    root.get_by_role("button", name="Erase").click()
    across = 0.5 + drawn[:, 0].mean() / (2 * 4.48)  # where the new picture shows it
    up = 0.5 + drawn[:, 1].mean() / (2 * 4.48)
    stroke(lab_page, root, [(across, up - 0.1), (across, up + 0.1)])
    until(lab_page, lambda: len(points(lab_page)) < len(drawn), "it is cut")
    settled(lab_page)
    left = points(lab_page)
    middle = np.abs(left[:, 0] - drawn[:, 0].mean())
    assert 0.2 < middle.min() < 0.5 and {-1.0, 1.0} == set(np.sign(left[:, 0] - drawn[:, 0].mean()))
    root.get_by_role("button", name="Clear").click()
    until(lab_page, lambda: "data=moons" in query(lab_page), "the data that were there before")
    settled(lab_page)
    assert refusals(lab_page) == []


FILES = [
    ("points.csv", b"hello\nworld\n", "hello"),
    ("points.png", b"\x89PNG\r\n\x1a\n", ".png"),
]  # others in tests/diffusion/test_upload*.py


def send(page, name, content):
    page.locator(".st-key-diffusion-drawing input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_bad_files_are_refused_in_a_sentence_and_a_good_one_is_taken(lab_page, diffusion, settled, until):
    root = diffusion(lab_page)
    lab_page.locator("summary").get_by_text("Your own points").click()
    for name, content, words in FILES:
        send(lab_page, name, content)
        until(lab_page, lambda words=words: len(found := refusals(lab_page)) == 1 and words in found[0], words)
        settled(lab_page)
        assert data(root, "payloads") == "1" and "data=" not in query(lab_page)
    send(lab_page, "good.csv", b"x,y\n" + b"".join(b"%d,%d\n" % (i, i * i % 7) for i in range(40)))
    until(lab_page, lambda: "data=points" in query(lab_page), "the file is the data")
    settled(lab_page)
    assert refusals(lab_page) == [] and data(root, "payloads") == "2"


def choose_trained(page):
    page.locator(".st-key-diffusion-network").get_by_text("Trained here").click()


def bar(page):
    return page.locator(".st-key-diffusion-training")


def test_a_training_is_watched_and_stopped_and_the_picture_stays(lab_page, diffusion, settled, until):
    root = diffusion(lab_page, f"data=moons&score=learned&{SMALL}")
    choose_trained(lab_page)
    bar(lab_page).get_by_role("progressbar").wait_for()
    bar(lab_page).locator("canvas, svg.marks").nth(1).wait_for()  # the loss, and an early look
    assert lab_page.get_by_text("Training a network, 2,000 steps").is_visible()
    assert root.is_visible() and data(root, "payloads") == "1"
    lab_page.locator(".st-key-diffusion-stop").get_by_role("button", name="Stop").first.click()
    until(lab_page, lambda: "network" not in query(lab_page) and bar(lab_page).count() == 0, "it is back where it was")
    settled(lab_page)
    assert data(root, "payloads") == "1" and refusals(lab_page) == []


def test_a_bad_file_while_a_network_trains_is_told_and_the_training_goes_on(lab_page, diffusion, settled, until):
    root = diffusion(lab_page, f"data=circles&score=learned&training_steps=300&{SMALL}")
    lab_page.locator("summary").get_by_text("Your own points").click()
    choose_trained(lab_page)
    bar(lab_page).get_by_role("progressbar").wait_for()
    send(lab_page, "points.csv", b"hello\nworld\n")
    until(lab_page, lambda: any("hello" in told for told in warnings(lab_page)), "the file is refused")
    until(lab_page, lambda: data(root, "payloads") == "2", "the network is trained all the same", seconds=60)
    settled(lab_page)
    assert "network=trained" in query(lab_page)
    assert lab_page.get_by_text("300 steps; trained here").is_visible()
    lab_page.reload()
    settled(lab_page)
    assert bar(lab_page).count() == 0  # kept: nothing is trained again
