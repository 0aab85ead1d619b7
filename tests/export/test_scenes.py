"""Every scene as a file of its own: small enough to be sent, with its words."""

import pytest

from demos.common.typeset import typeset
from demos.contract.markup import headline
from demos.export import standalone
from tests.scenes import SCENES, scene_result

AT_DEFAULTS = 3_000_000  # bytes
LARGEST = 6_000_000  # of scenes that draw several samplers or 20,000 particles side by side


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_a_scene_is_a_page_that_can_be_sent(demo, scene):
    result = scene_result(demo, scene)
    html = standalone(demo, scene.config, result)
    assert len(html.encode()) <= (AT_DEFAULTS if scene is demo.scenes[0] else LARGEST)
    assert typeset(scene.sentence) in html and headline(result.verdict) in html
