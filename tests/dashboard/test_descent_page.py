"""Tests of /descent by AppTest: landscapes, methods, starts, bad addresses, every study, the other demos."""

import pytest

from demos.descent.config import DescentConfig
from demos.descent.studies import studies
from demos.descent.surfaces import SURFACES
from demos.registry import family
from tests.dashboard import pages
from tests.dashboard.pages import html, panels, sentences

QUICK = {"steps": "40", "clock": "steps", "methods": "euler,adam"}


def page(tab: str = "", **parameters: str):
    return pages.page("descent", tab=tab, **{**QUICK, **parameters})


def test_a_landscape_and_its_rates_are_one_choice_away():
    app = page()
    for surface in ("quadratic", "formula", "ackley"):
        assert surface in SURFACES
        app.selectbox(key="descent-descent-surface").set_value(surface).run()
        assert panels(app) and not app.warning
        assert 'class="gf-differs"' not in html(app)
        assert bool(app.text_input) == (surface == "formula")
    assert any("Rate of Gradient descent" in slider.label for slider in app.select_slider)


def test_methods_bring_their_rates():
    app = page(methods="heavy_ball,lion,adamw,newton")
    keys = {slider.key for slider in app.select_slider}
    assert {f"descent-descent-lr_{name}" for name in ("heavy_ball", "lion", "adamw", "newton")} <= keys
    assert "descent-descent-lr_euler" not in keys
    assert len(panels(app)) == 2


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"count": "1000000"}, "allowed is 2 to 16"),
        ({"surface": "formula", "formula": "x*"}, "At character"),
        ({"start": "places", "places": "here"}, "no pair of numbers"),
        ({"lr_euler": "1000", "surface": "himmelblau"}, "left the landscape"),
        ({"x0": "1e9"}, "out of range"),
    ],
)
def test_bad_addresses_get_a_picture_and_one_sentence(parameters, words):
    app = page(**{"methods": "euler", **parameters})
    assert panels(app)
    assert len(sentences(app)) == 1 and words in sentences(app)[0]


@pytest.mark.parametrize("study", studies(DescentConfig()))
def test_every_study_draws(study):
    app = page(tab=study.title, methods="heavy_ball")
    assert panels(app)
    charts = app.get("vega_lite_chart")
    assert len(charts) == len(study.charts) and all(chart.proto.alt for chart in charts)


@pytest.mark.parametrize("panel", ["edge", "early_stopping"])
def test_another_demo_is_one_choice_away_and_back(panel):
    app = page()
    app.selectbox(key="descent-panel-row").set_value(panel).run()
    first = family("descent").members[panel].scenes[0]
    assert panel in app.query_params["panel"] and panels(app) and not app.warning
    assert first.title in html(app) and app.get("vega_lite_chart")
    assert not any("descent-descent-" in (widget.key or "") for widget in app.select_slider)
    app.selectbox(key="descent-panel-row").set_value("descent").run()
    assert "panel" not in app.query_params and len(panels(app)) == 2
