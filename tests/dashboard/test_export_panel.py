"""Tests of the Export panel: a file is made only on request, and from the config of the picture on the page."""

import io
import json
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.frame import export_panel
from dashboard.frame.export_panel import KINDS, MOST_STATES, configs_of, proposals, turnable
from tests.dashboard.fake_demo import FakeConfig
from tests.dashboard.pages import APP

FAKE_APP = APP.parents[1] / "tests" / "dashboard" / "fake_app.py"


@pytest.fixture
def opened(monkeypatch):
    """opened(kind) -> (the page of `fake_demo` with the panel open, a list of the files made so far)."""
    made = []
    make = export_panel._make
    monkeypatch.setattr(export_panel, "_make", lambda *asked: made.append(make(*asked)) or made[-1])

    def open_(kind: str = "", panel: bool = True) -> tuple[AppTest, list]:
        app = AppTest.from_file(str(FAKE_APP), default_timeout=60)
        app.context = {"url": "http://here/fake"}
        app.session_state["export"] = panel
        if kind:
            app.session_state["export-kind"] = kind
        app.run()
        app.query_params["rate"] = "1.5"
        app.switch_page("fake_page.py").run()
        assert not app.exception, app.exception
        return app, made

    return open_


def test_nothing_is_made_before_it_is_asked_for(opened):
    app, made = opened(panel=False)
    assert not app.get("download_button") and "export-make" not in [button.key for button in app.button]
    app, made = opened()
    assert "export-make" in [button.key for button in app.button]
    assert made == [] and not app.get("download_button")


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_is_made_of_this_page(opened, kind):
    app, made = opened(kind)
    app.button(key="export-make").click().run()
    assert not app.exception, app.exception
    ((name, content),) = made
    assert name.startswith("fake") and name.endswith(KINDS[kind].suffix) and len(content) > 50
    assert app.get("download_button")
    if kind == "json":
        assert json.loads(content)["config"]["rate"] == 1.5
    if kind == "csv":
        assert "decay.csv" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    if kind == "html":
        assert b"rate=1.5" in content  # in the link to the page
    app.run()
    assert len(made) == 1  # a rerun makes no file


def test_values_for_a_slider_lie_within_the_control():
    controls = FakeConfig.controls()
    for name, value in (("step", 0.1), ("rate", 0.0), ("particles", 20_000), ("seed", 0)):
        proposed = proposals(controls[name], value)
        assert value in proposed and proposed == sorted(proposed) and 4 <= len(proposed) <= 8, name
        assert all(controls[name].low <= one <= controls[name].high for one in proposed), name
        assert configs_of(FakeConfig(**{name: value}), name, proposed)[1] == ()
    assert proposals(controls["method"], "mala") == list(controls["method"].options)
    chosen = {name for name, control in controls.items() if turnable(name, control, FakeConfig())}
    assert chosen == {"step", "rate", "particles", "method", "seed"}


def test_a_value_that_is_not_allowed_is_refused_in_a_sentence():
    configs, refused = configs_of(FakeConfig(), "rate", ["0.5", "9", "0.25"])
    assert [config.rate for config in configs] == [0.25, 0.5]
    assert len(refused) == 1 and "rate" in refused[0]


def test_more_values_than_a_browser_may_send_are_dropped(opened):
    app, _ = opened("states")
    values = app.multiselect(key="export-values-step")
    values.set_value([str(0.01 * i) for i in range(1, MOST_STATES + 5)]).run()
    assert not app.exception, app.exception
    assert len(app.session_state["export-values-step"]) == MOST_STATES
