"""Every system of every page in a browser, opened by its link, and the row of its scenes.

Plots have 45 % of a laptop's window, headline and first row are seen below them; the picture changes from frame to
frame, and no row differs. Of each system two scenes: the first, and the one with the most words above its picture,
chosen by a click. All scenes are opened without a browser in tests/dashboard/test_every_scene.py; a sentence has at
most 140 letters. What plays is in test_player*.py and in the files of the pages.
"""

import json

import pytest

from demos.registry import families
from tests.browser.conftest import GO
from tests.browser.helpers import data, picture, seek

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (1280, 720))
SHARE = 0.45
ROW = 40  # px: the scenes stand in one line
MEMBERS = [(family, name) for family in families().values() for name in family.members]


def words(scene) -> int:
    """Letters of the line above the picture."""
    return len(scene.title + scene.sentence + (scene.tries.instruction if scene.tries else ""))


def lowest(root, height: int) -> float:
    return min(plot[3] for plot in json.loads(data(root, "plots"))) / height


@pytest.fixture
def scene_page(open_demo, serve, settled, until):
    """scene_page(page, family, scene) -> the player's root. From a page of the same family it goes there directly."""

    def open_(page, family, scene):
        here, link = f"{serve('dashboard/app.py')}/{family.name}?", family.query(scene.config)
        if not (page.url.startswith(here) and page.get_by_test_id("stTopNavLink").first.is_visible()):
            return open_demo(page, family.name, link)
        page.evaluate(GO, here + link)
        chosen(page, scene, until)
        settled(page)
        return page.locator(".player").first

    return open_


def chosen(page, scene, until) -> None:
    """Wait until the page shows the words of the scene."""
    until(page, lambda: scene.title in page.locator(".gf-scene").inner_text(), f"{scene.name} is chosen", 60)


@pytest.mark.parametrize(("family", "member"), MEMBERS, ids=[name for _, name in MEMBERS])
def test_scenes_are_seen_at_once_and_move(lab_page, scene_page, settled, until, family, member):
    page = lab_page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[0], strict=True)))
    scenes = family.members[member].scenes
    first, longest = scenes[0], max(scenes, key=words)
    root = scene_page(page, family, first)
    assert page.get_by_test_id("stButtonGroup").first.bounding_box()["height"] <= ROW
    seek(root, 0)
    start = picture(root)
    seek(root, float(root.get_by_role("slider", name="Time").get_attribute("max")))
    until(page, lambda: picture(root) != start, "the last frame differs from the first")
    for scene in dict.fromkeys((first, longest)):
        if scene is not first:
            page.get_by_test_id("stButtonGroup").first.get_by_text(scene.short, exact=True).click()
            chosen(page, scene, until)
            settled(page)
        for width, height in SIZES if scene is first else SIZES[-1:]:  # the smaller window is the tighter one
            page.set_viewport_size({"width": width, "height": height})
            until(page, lambda high=height: lowest(root, high) >= SHARE, f"{scene.name}: plots fill {width}×{height}")
            for what in (".gf-scene", ".gf-headline", ".gf-checks tbody tr"):
                box = page.locator(what).first.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, (scene.name, what, width)
        assert page.locator(".gf-differs").count() == 0 and page.get_by_test_id("stException").count() == 0
