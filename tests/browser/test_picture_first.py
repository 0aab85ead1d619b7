"""Every scene of every page in a browser, system by system: opened by its link and then by the row of scenes.

Plots have 45 % of a laptop's window, headline and first row are seen below them; the picture moves, and no row
differs. One page for each system: a scene is one click, no new load.
"""

import json

import pytest

from demos.registry import families
from tests.browser.helpers import data

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (1280, 720))
SHARE = 0.45
ROW = 40  # px: the scenes stand in one line
MEMBERS = [(family, name) for family in families().values() for name in family.members]


def lowest(root, height: int) -> float:
    return min(plot[3] for plot in json.loads(data(root, "plots"))) / height


@pytest.mark.parametrize(("family", "member"), MEMBERS, ids=[name for _, name in MEMBERS])
def test_every_scene_is_seen_at_once_and_moves(open_page, open_demo, settled, until, family, member):
    page = open_page(viewport=dict(zip(("width", "height"), SIZES[-1], strict=True)))
    first, *others = family.members[member].scenes
    root = open_demo(page, family.name, family.query(first.config))
    assert page.get_by_test_id("stButtonGroup").first.bounding_box()["height"] <= ROW
    for scene in (first, *others):
        if scene is not first:
            page.get_by_test_id("stButtonGroup").first.get_by_text(scene.short, exact=True).click()
            until(
                page,
                lambda name=scene.title: name in page.locator(".gf-scene").inner_text(),
                f"{scene.name} is chosen",
                60,
            )
            settled(page)
        frames = set()
        until(page, lambda seen=frames: seen.add(data(root, "frame")) or len(seen) > 3, f"{scene.name} moves")
        for width, height in SIZES if scene is first else SIZES[-1:]:  # the smaller window is the tighter one
            page.set_viewport_size({"width": width, "height": height})
            until(page, lambda high=height: lowest(root, high) >= SHARE, f"{scene.name}: plots fill {width}×{height}")
            for what in (".gf-scene", ".gf-headline", ".gf-checks tbody tr"):
                box = page.locator(what).first.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, (scene.name, what, width)
        assert page.locator(".gf-differs").count() == 0 and page.get_by_test_id("stException").count() == 0
