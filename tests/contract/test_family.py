"""Family: the demos of one page, chosen and set by an address; and every link to a scene that was ever published."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from demos.contract import Family
from demos.registry import families, family

LINKS = json.loads((Path(__file__).parent / "scene_links.json").read_text(encoding="utf-8"))
"""page, scene and query of scenes as they were published; a page with families kept those from before"""


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link['page']}-{link['scene']}")
def test_a_published_link_still_opens_its_scene(link):
    page = family(link["page"])
    demo, config, refused = page.read(dict(parse_qsl(link["query"], keep_blank_values=True)))
    (scene,) = (scene for scene in page.scenes if scene.name == link["scene"])
    assert refused == () and config == scene.config
    assert demo is page.member_of(scene.config)


@pytest.mark.parametrize("page", families().values(), ids=lambda page: page.name)
def test_the_address_of_a_scene_reads_back(page):
    for scene in page.scenes:
        demo, config, refused = page.read(dict(parse_qsl(page.query(scene.config), keep_blank_values=True)))
        assert (config, refused) == (scene.config, ()) and type(config) is demo.config


def test_the_systems_in_their_order():
    names = ["cluster", "thomson", "film", "phase", "condensate", "chain", "column", "spins", "ritz"]
    energy = family("energy")
    assert list(energy.members) == names and energy.default.name == "cluster"
    assert energy.address(energy.default.config()) == {}
    assert energy.address(energy.members["film"].config()) == {"system": "film"}


def test_another_system_begins_with_its_own_defaults():
    energy = family("energy")
    base = energy.members["thomson"].config(count=12, seed=3)
    assert energy.read({"seed": 4}, base)[1] == base.replace(seed=4)
    assert energy.read({"system": "chain"}, base)[1] == energy.members["chain"].config()


def test_what_is_wrong_is_told_and_the_rest_taken():
    energy = family("energy")
    demo, config, refused = energy.read({"system": "glass", "seed": "7"})
    assert demo is energy.default and config.seed == 7
    assert len(refused) == 1 and "glass" in refused[0] and "film" in refused[0]
    _, _, refused = energy.read({"system": "thomson", "colour_of_the_sky": "blue"})
    assert len(refused) == 1 and "colour_of_the_sky" in refused[0]


def test_a_setting_of_another_system_is_left_aside():
    """Links of a page that was changed from one system to another carried the settings of both."""
    energy = family("energy")
    demo, config, refused = energy.read({"system": "thomson", "count": "12", "separation": "1.2"})
    assert demo.name == "thomson" and config.count == 12 and refused == ()


def test_a_page_of_one_demo_has_no_choice():
    only = Family.of(family("langevin").default)
    assert only.parameter == "" and only.address(only.default.config()) == {}
    _, _, refused = only.read({"system": "film"})
    assert len(refused) == 1
