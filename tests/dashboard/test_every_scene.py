"""Tests that the page of every scene, opened by its link, has picture, sentence, checks, warnings, charts and code."""

from urllib.parse import parse_qsl

import pytest

from dashboard.frame.glossary import explained
from dashboard.frame.studies import has_rows
from demos.contract import Demo
from demos.registry import demo, families
from tests.dashboard.pages import html, page, panels, sentences, words
from tests.scenes import scene_parameters, scene_result

PAGES = {member: name for name, family in families().items() for member in family.members}
QUICK = {"diffusion": "Paths"}  # the tab to open: one that computes no study, because other tests cover the studies


@pytest.fixture
def known(monkeypatch):
    """Makes the page use the results of `scene_result`, which the other tests share, instead of a run of its own."""
    start = Demo.start

    def given(self, config, progress, on_picture):
        for scene in self.scenes:
            if scene.config == config:
                result = scene_result(self, scene)
                on_picture(result.picture)
                return result
        return start(self, config, progress, on_picture)

    monkeypatch.setattr(Demo, "start", given)


@pytest.mark.parametrize(("one", "scene"), scene_parameters())
def test_scene_is_shown_from_its_link(one, scene, known):
    name = PAGES[one.name]
    app = page(
        name, tab=QUICK.get(name, ""), **dict(parse_qsl(families()[name].query(scene.config), keep_blank_values=True))
    )
    result = scene_result(demo(one.name), scene)
    assert len(panels(app)) == len(result.picture.panels)
    assert words(html(app)).count(words(explained(scene.sentence))) == 1
    assert sentences(app) == list(result.warnings)
    assert f'data-state="{result.verdict.state.name}"' in html(app)
    assert html(app).count("<tr data-state=") == len(result.checks)
    charts = app.get("vega_lite_chart")
    drawn = [chart for chart in one.charts(scene.config) if has_rows(chart, result.tables)]
    first = name == "diffusion" or "findings" in result.tables  # another tab is open
    assert (charts or first or not drawn) and all(chart.proto.alt for chart in charts)
    assert app.code[-1].value.strip() == one.code(scene.config).strip()
