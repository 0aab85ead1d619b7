"""Tests of /networks by AppTest: its demos by their links, the doctor's tab, and a visitor's own run.json."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from demos.networks import GradientFlowMonitor, diagnose, parse_run
from demos.networks.monitor.run_file import dump_run
from tests.dashboard.pages import html, page, panels, sentences

SMALL = {"panel": "training", "depth": "4", "width": "8", "steps": "20"}


@pytest.fixture(scope="module")
def saved() -> bytes:
    """The bytes of a run.json with five steps."""
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with GradientFlowMonitor(model, torch.optim.SGD(model.parameters(), lr=0.1), every=2) as monitor:
        for _ in range(5):
            loss = model(torch.ones(3, 2)).square().mean()
            loss.backward()
            monitor._optimizers[0].step()
            monitor.log(loss)
    return dump_run(monitor.run).encode()


def own_run() -> None:
    from dashboard.views.networks.doctor import draw_own_run

    draw_own_run("file")


def uploaded(content: bytes) -> AppTest:
    app = AppTest.from_function(own_run).run()
    app.file_uploader[0].set_value(("run.json", content, "application/json")).run()
    assert not app.exception, app.exception
    return app


def test_a_training_shows_its_findings():
    app = page("networks", tab="", **SMALL)
    assert len(panels(app)) == 4 and 'data-state="' in html(app) and not sentences(app)
    assert app.selectbox(key="networks-panel-row").value == "training"
    assert any("doctor" in text.value or "alarm" in text.value for text in app.markdown)


def test_settings_that_take_too_long_are_refused_in_a_sentence():
    (sentence,) = sentences(page("networks", panel="training", steps="3000", depth="60"))
    assert "fewer steps" in sentence


def test_an_own_run_is_diagnosed(saved):
    app = uploaded(saved)
    assert not app.warning and any("Sequential" in text.value for text in app.markdown)
    assert len(app.get("vega_lite_chart")) == 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda text: "a poem", "not JSON"),
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: text.replace('"version":1', '"version":9'), "version"),
        (lambda text: text.replace('"every":2', '"every":NaN'), "NaN"),
        (lambda text: json.dumps({"format": "other"}), "not a run"),
    ],
)
def test_a_file_that_is_no_run_is_refused_in_a_sentence(saved, change, word):
    (sentence,) = sentences(uploaded(change(saved.decode()).encode()))
    assert word in sentence and sentence.endswith(".")


def test_no_numbers_in_a_file_break_the_doctor(saved):
    """A file of the right format is diagnosed, whatever its numbers are."""
    from dashboard.views.networks.doctor import step_map

    rng = np.random.default_rng(0)
    for _ in range(40):
        document = json.loads(saved)
        for rows in document["series"].values():
            for row in rows:
                for i in range(len(row)):
                    if rng.random() < 0.3:
                        row[i] = ["nan", "inf", "-inf", 0, -1.0, 1e300][rng.integers(6)]
        run = parse_run(json.dumps(document).encode())
        with np.errstate(all="ignore"):
            assert str(diagnose(run)) and step_map(run) is not None
