"""Tests of /energy by AppTest: every system, bad addresses, atoms from a file, a painted field."""

from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.player.player import Stroke
from dashboard.views.energy.own_data import SystemData
from demos.physics.phase_field.drawing import SIDE, read_drawing
from demos.picture.payload import decode
from demos.registry import family
from tests.dashboard import pages
from tests.dashboard.pages import players, sentences

ENERGY = family("energy")


def page(embedded: bool = False, **parameters: str) -> AppTest:
    return pages.page("energy", embedded=embedded, **parameters)


@pytest.mark.parametrize("system", list(ENERGY.members))
def test_every_system_is_one_choice_away(system):
    app = page()
    app.selectbox(key="energy-system-row").set_value(system).run()
    assert not app.exception
    assert not app.warning
    assert decode(app.get("bidi_component")[0].proto.bytes)["panels"]
    demo = ENERGY.members[system]
    assert app.session_state[f"energy-{system}-scene"] == demo.scenes[0].name
    charts = app.get("vega_lite_chart")
    assert charts and all(chart.proto.alt for chart in charts)
    assert app.query_params.get("system", "cluster") == system
    assert any(text.value.strip("$\n ") == "E = " + demo.formula for text in app.latex)


@pytest.mark.parametrize(
    ("scene", "words", "noise"),
    [("annihilation", "T = 0", False), ("bound_pairs", "T = kT = ", True), ("freezing", r"kT:\ 0.35 \to 0.02", True)],
)
def test_the_equation_shows_the_temperature(scene, words, noise):
    """The equation has a noise term, except at zero temperature."""
    config = next(each.config for each in ENERGY.scenes if each.name == scene)
    app = page(**dict(parse_qsl(ENERGY.query(config))))
    shown = app.latex[0].value
    assert words in shown and (r"\;dW" in shown) == noise
    assert shown.strip("$\n ").endswith("T = 0") != noise


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"count": "1"}, "count = '1' is out of range"),
        ({"count": "100000"}, "out of range"),
        ({"count": "90"}, "90"),
        ({"system": "film", "method": "fire"}, "not one of"),
        ({"start": "icosahedron", "count": "20"}, "13 atoms"),
        ({"system": "condensate", "rotation": "1.1", "method": "normalized", "start": "turbulent"}, "1.1"),
        ({"start": "given", "atoms": "nothing of ours"}, "atoms"),
        ({"system": "phase", "method": "etdrk2_adaptive", "start": "drawn", "drawing": "nothing of ours"}, "drawing"),
        (
            {"system": "phase", "method": "etdrk2_adaptive", "start": "spinodal", "drawing": "nothing of ours"},
            "drawing",
        ),
        ({"atoms": "nothing of ours"}, "atoms"),
        ({"potential": "power_law", "repulsion": "6", "attraction": "8"}, "n = 6"),
        ({"colour": "blue"}, "not a setting"),
    ],
)
def test_bad_address_is_refused_in_a_sentence(parameters, words):
    app = page(**parameters)
    assert not app.exception
    assert len(sentences(app)) == 1 and words in sentences(app)[0]
    assert decode(app.get("bidi_component")[0].proto.bytes)["panels"]


def test_an_embedded_page_has_one_picture_and_no_charts():
    app = page(embedded=True)
    assert not app.exception
    assert not app.title and not app.get("vega_lite_chart")
    assert len(players(app)) == 1


class _Controls:
    def __init__(self, config):
        self.config, self.changes, self.told = config, [], []

    def refuse(self, sentence):
        self.told.append(sentence)

    def change(self, **values):
        self.changes.append(values)
        self.config = self.config.replace(**values)


def test_a_stroke_paints_the_start():
    controls = _Controls(ENERGY.members["phase"].config())
    SystemData(controls).stroke(Stroke(0, "add", 20.0, ((64.0, 64.0), (90.0, 64.0))))
    assert controls.changes[-1]["start"] == "drawn"
    painted = read_drawing(controls.config.drawing)
    assert painted[SIDE // 2, SIDE // 2] == 1 and painted[0, 0] == -1
    SystemData(controls).stroke(Stroke(0, "erase", 30.0, ((64.0, 64.0),)))
    assert read_drawing(controls.config.drawing)[SIDE // 2, SIDE // 2] == -1
    other = _Controls(ENERGY.members["thomson"].config())
    SystemData(other).stroke(Stroke(0, "add", 20.0, ((64.0, 64.0),)))
    assert other.changes == []


def test_an_invalid_stroke_is_reported():
    controls = _Controls(ENERGY.members["phase"].config())
    SystemData(controls).stroke(Stroke(0, "add", 20.0, ((float("nan"), 64.0),)))
    assert controls.changes == [] and "finite numbers" in controls.told[0]
