"""Every scene of every page: plots have 45 % of a laptop's window, and headline and first row are seen below them."""

import json

import pytest

from demos.registry import families
from tests.browser.helpers import data

pytestmark = pytest.mark.browser

SIZES = ((1280, 720), (1440, 900))
SHARE = 0.45
MEMBERS = [(family, name) for family in families().values() for name in family.members]


def lowest(root, height: int) -> float:
    return min(plot[3] for plot in json.loads(data(root, "plots"))) / height


@pytest.mark.parametrize(("family", "member"), MEMBERS, ids=[name for _, name in MEMBERS])
def test_plots_fill_the_window_with_headline_and_first_row_below(open_page, open_demo, settled, until, family, member):
    page = open_page(viewport=dict(zip(("width", "height"), SIZES[0], strict=True)))
    for scene in family.members[member].scenes:
        root = open_demo(page, family.name, family.query(scene.config))
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            settled(page)
            until(
                page,
                lambda one=root, high=height: lowest(one, high) >= SHARE,
                f"{scene.name}: plots fill {width}×{height}",
            )
            for what in (".gf-scene", ".gf-headline", ".gf-checks tbody tr"):
                box = page.locator(what).first.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, (scene.name, what, width)
        page.set_viewport_size(dict(zip(("width", "height"), SIZES[0], strict=True)))
