"""Every kind of layer, in a real browser: that it is drawn, moves, and keeps the screen's pace."""

import pytest

from tests.browser.helpers import at, data, milliseconds_a_frame, pause, picture, pixel, seek

pytestmark = pytest.mark.browser
SPATIAL = ("cluster", "thomson", "film")
FLAT = ("phases", "spins", "chain", "diffusion")


@pytest.mark.parametrize(
    "case",
    [
        "many",  # 20,000 points × 200 frames
        "cluster300",  # 300 spheres, 700 to 1,700 bonds, turning
        "phases",  # a field of 256 × 256, 120 frames
    ],
)
def test_sixty_frames_a_second_are_within_reach(lab_page, show, case):
    root = show(lab_page, case)
    spent = [milliseconds_a_frame(lab_page, root) for _ in range(3)]
    assert min(spent) < 14, spent


@pytest.mark.parametrize("case", ["compare", "kinds", "still", *SPATIAL, *FLAT])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_layer_is_drawn(open_page, show, until, case, scheme):
    page = open_page(color_scheme=scheme)
    root = show(page, case)
    until(page, lambda: int(data(root, "painted") or 0) >= 1, "it is painted")
    assert data(root, "playing") == ("false" if case == "still" else "true")
    script = """e => new Set(new Uint32Array(
        e.querySelector('canvas').getContext('2d').getImageData(0, 40, 1100, 400).data.buffer)).size"""
    assert root.evaluate(script) > 60  # many shades: something was painted


@pytest.mark.parametrize("case", [*SPATIAL, *FLAT])
def test_it_moves_and_comes_back_to_the_same(lab_page, show, case):
    """Two frames differ, between them is another, and the same frame is the same picture again."""
    root = show(lab_page, case)
    pause(lab_page, root)
    seek(root, 20)
    first = picture(root)
    seek(root, 20.5)
    between = picture(root)
    seek(root, 21)
    second = picture(root)
    seek(root, 20)
    assert picture(root) == first and len({first, between, second}) == 3


@pytest.mark.parametrize("case", [*SPATIAL, *FLAT])
def test_each_layer_can_be_hidden(lab_page, show, case):
    root = show(lab_page, case)
    pause(lab_page, root)
    seek(root, 15)
    before = picture(root)
    root.get_by_role("button", name="Layers").click()
    boxes = root.locator(".sheet input[data-layer]")
    assert boxes.count() >= 1
    for k in range(boxes.count()):
        boxes.nth(k).click()
        assert picture(root) != before, boxes.nth(k).get_attribute("data-layer")
        boxes.nth(k).click()
        assert picture(root) == before


def test_captions_follow_the_frames(lab_page, show):
    """The vortices of `spins` are gone in the last frames, and the words in the corner say so."""
    root = show(lab_page, "spins")
    pause(lab_page, root)
    script = """(e, clip) => e.querySelector('canvas').getContext('2d').getImageData(...clip).data.join()"""
    left, top = (int(v) for v in at(root, 0, 0, 1))
    frame = root.locator("canvas").bounding_box()
    corner = [left - int(frame["x"]) + 8, top - int(frame["y"]) + 6, 90, 20]
    seen = []
    for frame_ in (50, 50, 99):
        seek(root, frame_)
        picture(root)
        seen.append(root.evaluate(script, corner))
    assert seen[0] == seen[1] != seen[2]


def test_cyclic_colours_close(lab_page, show):
    """Angles just above 0 and just below 2π have almost the same colour; opposite ones have not."""
    root = show(lab_page, "spins")
    pause(lab_page, root)
    seek(root, 0)
    picture(root)
    frame = root.locator("canvas").bounding_box()

    def colour(across, up):
        x, y = at(root, 2, across, up)
        return pixel(root, round(x - frame["x"]), round(y - frame["y"]))[:3]

    # Right of both vortices the angle is 0 above the axis and 2π below it; between them it is π.
    above, below, between = colour(0.97, 0.52), colour(0.97, 0.48), colour(0.5, 0.52)
    assert max(abs(a - b) for a, b in zip(above, below, strict=True)) < 25
    assert max(abs(a - b) for a, b in zip(above, between, strict=True)) > 60
