"""Tests of /stochastic by AppTest: every demo by its link, and bad addresses."""

from __future__ import annotations

import pytest

from demos.registry import family
from tests.dashboard.pages import html, page, panels, sentences

STOCHASTIC = family("stochastic")


@pytest.mark.parametrize("panel", list(STOCHASTIC.members))
def test_a_panel_opens_with_its_defaults_and_has_a_picture_and_a_chart(panel):
    app = page("stochastic", panel=panel)
    assert panels(app) and app.get("vega_lite_chart") and 'data-state="' in html(app)
    assert app.selectbox(key="stochastic-panel-row").value == panel
    assert not sentences(app)


def test_settings_that_do_not_go_together_are_refused_in_a_sentence():
    (sentence,) = sentences(page("stochastic", panel="cloud", batch="300", examples="100"))
    assert sentence == "A batch of 300 needs as many examples, and there are 100."
