"""Tests of /langevin by AppTest: every choice, every control at both ends, charts, bad addresses, formulas."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views.langevin.charts import TABS
from demos.langevin.config import LangevinConfig
from demos.langevin.potentials import FORMULA, POTENTIALS
from demos.langevin.samplers import SAMPLERS
from tests.dashboard import pages
from tests.dashboard.pages import html, panels, sentences

NUMBERS = [name for name, control in LangevinConfig.controls().items() if control.kind in ("number", "whole")]


def page(embedded: bool = False, tab: str = TABS[0], **parameters: str) -> AppTest:
    return pages.page("langevin", embedded=embedded, tab=tab, **parameters)


@pytest.mark.parametrize("potential", list(POTENTIALS))
def test_every_potential_is_one_choice_away(potential):
    other = "harmonic" if potential == "double_well" else "double_well"
    app = page(potential=other, particles="200", steps="150")
    app.selectbox(key="langevin-potential").set_value(potential).run()
    assert panels(app) and not app.warning
    assert 'class="gf-differs"' not in html(app)
    assert (potential == FORMULA) == bool(app.text_input)
    assert len(app.latex) == (2 if potential == FORMULA else 1)


@pytest.mark.parametrize("method", list(SAMPLERS))
def test_every_method_is_one_choice_away(method):
    app = page(potential="harmonic", particles="200", steps="150", temperature="1.0")
    app.selectbox(key="langevin-method").set_value(method).run()
    assert panels(app) and not app.warning
    assert 'class="gf-differs"' not in html(app)
    keys = [slider.key for slider in app.select_slider]  # in the order of the page: those in expanders last
    beside = keys[keys.index("langevin-temperature") + 1] == "langevin-friction"
    assert "langevin-friction" in keys and beside == (SAMPLERS[method].momentum is not None)
    label = app.select_slider(key="langevin-step").label
    assert ("% of the limit 2/" in label) != (label == "Step size h: no stability limit")


@pytest.mark.parametrize("method", ["euler", "mala", "baoab", "lfmiddle"])
def test_the_equation_is_that_of_the_method(method):
    """For methods with momenta the page shows the equations of dq and dp, with friction and mass."""
    shown = page(method=method, particles="200").latex[0].value
    assert (r"\gamma p" in shown and "dq" in shown) == (SAMPLERS[method].momentum is not None)
    assert ("dx" in shown) == (SAMPLERS[method].momentum is None)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", NUMBERS)
def test_every_control_stands_both_its_ends(name, end):
    """The page shows a picture; each refusal or failure is reported in one sentence."""
    needed = {"spread": {"start": "cloud"}, "cold": {"schedule": "linear"}, "leapfrog_steps": {"method": "hmc"},
              "friction": {"method": "baoab"}, "mass": {"method": "baoab"},
              "steps": {"particles": "20"}}.get(name, {})  # fmt: skip
    value = getattr(LangevinConfig.controls()[name], end)
    app = page(**{"particles": "300", "steps": "150", **needed, name: str(value)})
    assert panels(app)
    messages = sentences(app)
    assert len(messages) <= 1
    for sentence in messages:
        assert sentence.endswith(".") and len(sentence) < 400 and "\n" not in sentence


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"step": "1e9"}, "step = '1e9' is out of range; allowed is 1e-06 to 10."),
        ({"particles": "1000000000"}, "allowed is 1 to 20,000."),
        ({"method": "magic"}, "method = 'magic' is not one of"),
        ({"x0": "50"}, "outside the box of Double well"),
        ({"temperature": "nan"}, "temperature = 'nan' is out of range"),
        ({"particles": "20000", "steps": "100000"}, "take fewer particles or steps"),
        ({"start": "equilibrium", "temperature": "100"}, "too hot for the box"),
        ({"compare": "euler,heun,mala"}, "at most 2"),
        ({"potential": "formula", "formula": "exp(exp(exp(x**2+y**2)))"}, "overflows at"),
        ({"potential": "formula", "formula": "x + y"}, "no clear minimum"),
        ({"potential": "formula", "formula": "__import__('os')"}, "At character 1"),
        ({"colour": "blue"}, "'colour' is not a setting of this page."),
    ],
)
def test_bad_address_is_refused_in_a_sentence_and_the_page_stands(parameters, words):
    app = page(**parameters)
    assert panels(app)
    (messages,) = sentences(app)
    assert words in messages


def test_a_refused_formula_points_at_its_character_and_the_last_picture_stays():
    app = page(potential="formula", particles="200")
    before = app.get("bidi_component")[0].proto.bytes
    app.text_input(key="langevin-formula").set_value("x**2 + y**2 + q").run()
    (messages,) = sentences(app)
    assert "At character 15" in messages and "'q' is not known" in messages
    assert panels(app) and app.get("bidi_component")[0].proto.bytes == before
    assert app.text_input(key="langevin-formula").value == "x**2 + y**2 + q"  # the visitor can correct it
    app.text_input(key="langevin-formula").set_value("x**2 + 2*y**2").run()
    assert not app.warning and app.get("bidi_component")[0].proto.bytes != before
    assert "x**2 + 2*y**2" in app.query_params["formula"]


def test_too_large_a_step_is_reported_with_its_ratio_and_shown():
    app = page(potential="harmonic", method="euler", step="0.3", steps="40", particles="500")
    (messages,) = sentences(app)
    assert all(number in messages for number in ("0.3", "1.4", "0.222"))
    assert "135% of the limit 2/L = 0.222" in app.select_slider(key="langevin-step").label
    app = page(potential="harmonic", method="euler", step="0.3", steps="300", particles="500")
    (messages,) = sentences(app)
    assert all(number in messages for number in ("500 of 500", "1.4", "0.222"))
    assert "each step multiplies by 1.7" in html(app) and 'class="gf-differs"' not in html(app)
    assert panels(app)[0]["subtitle"] == "500 of 500 lost"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"method": "baoab"},
        {"potential": "harmonic", "method": "hmc", "compare": "euler"},
        {"potential": "ring"},
        {"potential": "funnel"},
        {"steps": "5"},
        {"method": "euler", "step": "0.2"},
        {"schedule": "linear"},
    ],
    ids=lambda parameters: "-".join(parameters.values()) or "default",
)
def test_every_chart_is_drawn_or_says_why_not(parameters):
    app = page(**{"particles": "400", "steps": "150", **parameters})
    for tab in TABS:
        pages.open_tab(app, "langevin", tab)
        assert panels(app), tab
        assert [one.label for one in app.tabs if len(one.children)] == [tab]
        charts = app.get("vega_lite_chart")
        assert bool(charts) != bool(app.info), tab
        assert all(chart.proto.alt for chart in charts) and all(info.value.endswith(".") for info in app.info), tab


def test_embedded_is_the_picture_a_line_and_the_controls():
    app = page(embedded=True, method="mala")
    assert panels(app)
    assert not app.title and not app.get("vega_lite_chart") and not app.tabs
    assert "data-state=" in html(app)
    assert app.selectbox(key="langevin-method").value == "mala"  # in the popover


def test_embedded_too_tells_that_the_step_is_too_large():
    app = page(embedded=True, method="euler", step="0.2", particles="4000", steps="200")
    assert "data-state=" in html(app) and 'data-state="AGREES"' not in html(app)


def test_the_code_on_the_page_is_that_of_the_picture():
    app = page(potential="ring", step="0.03")
    assert "LangevinConfig(potential='ring', step=0.03" in app.code[-1].value
