"""Tests of whole pages by AppTest: their frame, embedded pages, and the home page."""

import errno
import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from demos import registry
from tests.dashboard import fake_demo
from tests.dashboard.fake_demo import FAKE
from tests.dashboard.pages import players

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def fake(embedded=False, **query):
    app = AppTest.from_file(str(HERE / "fake_page.py"), default_timeout=60)
    app.context = {"is_embedded": embedded, "url": "http://here/fake"}
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def html(app):
    return "".join(block.proto.body for block in app.get("html"))


@pytest.mark.parametrize("scene", [scene.name for scene in FAKE.scenes])
def test_every_scene_draws_the_whole_page(scene):
    app = fake()
    app.button_group(key="fake-scene").set_value(scene).run()
    assert not app.exception
    wanted = next(one for one in FAKE.scenes if one.name == scene)
    assert wanted.sentence in html(app)
    assert app.title[0].value == "Decay" and "gf-checks" in html(app)
    assert len(players(app)) == 1 and len(app.get("vega_lite_chart")) == 2
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))
    assert "FakeConfig(rate=" in app.code[-1].value


@pytest.mark.parametrize(
    "problem",
    [ZeroDivisionError("a secret"), MemoryError(), OSError(errno.ENOSPC, "a secret")],
    ids=lambda one: type(one).__name__,
)
def test_a_failed_run_says_what_to_report_and_the_next_run_works(monkeypatch, problem):
    def run(config, progress=None):
        if config.rate == 1.35:
            raise problem
        return FAKE.run(config, progress)

    monkeypatch.setattr(fake_demo, "FAKE", replace(FAKE, run=run))
    app = fake(rate="1.35")
    assert len(app.error) == 1 and "secret" not in app.error[0].value and len(players(app)) == 1
    assert app.code[0].value == f"/fake?rate=1.35\n{type(problem).__name__}"
    app.slider(key="fake-rate").set_value(0.4).run()
    assert not app.error and not app.exception and len(players(app)) == 1


def test_a_run_that_fails_after_its_picture_ends_the_page_with_the_report(monkeypatch):
    def run(config, progress=None, on_picture=None):
        result = FAKE.run(config, progress)
        on_picture(result.picture)
        if config.rate == 1.45:
            raise ValueError("a check cannot be computed")
        return result

    monkeypatch.setattr(fake_demo, "FAKE", replace(FAKE, run=run))
    app = fake(rate="1.45")
    assert len(app.error) == 1 and len(players(app)) == 1 and not app.get("vega_lite_chart")
    assert app.code[0].value == "/fake?rate=1.45\nValueError"
    app.slider(key="fake-rate").set_value(0.4).run()
    assert not app.error and not app.exception and app.get("vega_lite_chart")


def test_a_value_of_the_address_that_is_no_flag_does_not_present_the_page():
    assert fake(present="1").get("bidi_component") and not fake(present="TRUE").title
    app = fake(present="yes")
    assert app.title and [warning.value.replace("\\", "") for warning in app.warning] == [
        "present = 'yes' is not true or false."
    ]


def test_a_link_of_many_unknown_parameters_leaves_room_for_the_picture():
    (warning,) = fake(**{f"unknown{i}": "1" for i in range(40)}).warning
    assert warning.value.count("is not a setting of this page") == 6 and warning.value.endswith("And 34 more.")


def test_sentences_that_quote_a_visitor_are_no_markdown():
    def tabs():
        from types import SimpleNamespace

        import streamlit as st

        from dashboard.frame.own_data import OwnData
        from dashboard.frame.studies import draw_tabs

        def refuse():
            raise ValueError("x*y*z is no formula")

        st.session_state["file-notes"] = ({}, ("The columns _x_ and *y* were taken.",))
        OwnData(SimpleNamespace(config=None), "file").upload_place("File", "A table.", ("csv",), None, 1)
        draw_tabs({"A study": refuse}, "tabs")

    app = AppTest.from_function(tabs, default_timeout=60).run()
    assert not app.exception, app.exception
    assert app.info[0].value == r"x\*y\*z is no formula"
    assert r"The columns \_x\_ and \*y\* were taken\." in [caption.value for caption in app.caption]


def test_warnings_and_notes_are_reported():
    app = fake(step="1.0", rate="77")
    messages = [warning.value.replace("\\", "") for warning in app.warning]
    assert messages == ["rate = '77' is out of range; allowed is 0 to 2.", "3 of 500 particles left the box."]
    assert "The flow ended at t = 3." in [caption.value.replace("\\", "") for caption in app.caption]


def test_an_embedded_page_has_the_picture_the_headline_and_a_button():
    app = fake(embedded=True, rate="0.5")
    assert not app.title and not app.get("vega_lite_chart") and not app.latex
    assert "How it works" not in [fold.label for fold in app.expander]
    assert 'data-state="DIFFERS"' in html(app) and 'gf-checks"' not in html(app)
    assert len(players(app)) == 1
    assert app.slider(key="fake-rate").value == 0.5  # inside the popover


def test_text_typed_by_a_visitor_is_escaped():
    app = fake(method="**bold** [x](http://evil) $x$ :red[x] <b>")
    (messages,) = [warning.value for warning in app.warning]
    assert not set(re.sub(r"\\.", "", messages)) & set("*[]$:<>`")  # no mark without its backslash
    assert "bold" in messages


LINE = 126  # letters: with 15 rounded frames around them they fill a line 1,150 px wide


@pytest.mark.parametrize("demo", registry.demos().values(), ids=lambda demo: demo.name)
def test_the_scenes_of_a_page_fit_in_one_line(demo):
    labels = [scene.short for scene in demo.scenes]
    assert len(set(labels)) == len(labels) and all(2 < len(label) <= 16 for label in labels)
    assert sum(map(len, labels)) <= LINE


def test_registry():
    for name, family in registry.families().items():
        assert family.name == name and registry.menu()[name] == registry.Entry(family.title, family.sentence)
        assert (ROOT / "dashboard" / "views" / name / "page.py").exists()
    with pytest.raises(KeyError):
        registry.demo("nothing")
