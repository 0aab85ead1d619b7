"""Every system of every page in a browser, opened by its link, and the row of its scenes.

Plots have 45 % of a laptop's window, headline and first row are seen below them; the picture moves, and no row
differs. Of each system two scenes: the first, and the one with the most words above its picture, chosen by a click.
All scenes are opened without a browser in tests/dashboard/test_every_scene.py; a sentence has at most 140 letters.
"""

import json

import pytest

from demos.registry import families
from tests.browser.helpers import data, pause

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


@pytest.mark.parametrize(("family", "member"), MEMBERS, ids=[name for _, name in MEMBERS])
def test_scenes_are_seen_at_once_and_move(lab_page, open_demo, settled, until, family, member):
    page = lab_page
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[-1], strict=True)))
    scenes = family.members[member].scenes
    first, longest = scenes[0], max(scenes, key=words)
    root = open_demo(page, family.name, family.query(first.config))
    assert page.get_by_test_id("stButtonGroup").first.bounding_box()["height"] <= ROW
    root.get_by_role("button", name="Play").click()  # it waits to be asked, so that the page is built sooner
    frames = set()
    until(page, lambda: frames.add(data(root, "frame")) or len(frames) > 3, "the picture moves")
    pause(page, root)
    for scene in dict.fromkeys((first, longest)):
        if scene is not first:
            page.get_by_test_id("stButtonGroup").first.get_by_text(scene.short, exact=True).click()
            until(
                page,
                lambda name=scene.title: name in page.locator(".gf-scene").inner_text(),
                f"{scene.name} is chosen",
                60,
            )
            settled(page)
        for width, height in SIZES if scene is first else SIZES[-1:]:  # the smaller window is the tighter one
            page.set_viewport_size({"width": width, "height": height})
            until(page, lambda high=height: lowest(root, high) >= SHARE, f"{scene.name}: plots fill {width}×{height}")
            for what in (".gf-scene", ".gf-headline", ".gf-checks tbody tr"):
                box = page.locator(what).first.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, (scene.name, what, width)
        assert page.locator(".gf-differs").count() == 0 and page.get_by_test_id("stException").count() == 0
