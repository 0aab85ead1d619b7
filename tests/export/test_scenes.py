"""Every scene as a file of its own: small enough to be sent, with its words."""

import pytest

from demos.common.typeset import typeset
from demos.contract.markup import headline
from demos.export import standalone
from tests.scenes import SCENES, scene_result

LARGEST = 3_000_000  # bytes


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_a_scene_is_a_page_of_at_most_three_megabytes(demo, scene):
    result = scene_result(demo, scene)
    html = standalone(demo, scene.config, result)
    assert len(html.encode()) <= LARGEST
    assert typeset(scene.sentence) in html and headline(result.verdict) in html
