"""/diffusion in process: every scene, bad addresses, drawing and uploading."""

import io

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts.drawing import Drawing, _without
from dashboard.parts.player.player import Stroke
from demos.diffusion.demo import DEMO
from demos.payload import decode

APP = "../../dashboard/app.py"


def page(**parameters: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    app.run()
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.switch_page("views/diffusion.py").run()


@pytest.mark.parametrize("scene", DEMO.scenes, ids=lambda scene: scene.name)
def test_scene_renders(scene):
    from urllib.parse import parse_qsl
    app = page(**dict(parse_qsl(scene.config.query())))
    assert not app.exception
    assert not app.warning
    assert decode(app.get("bidi_component")[0].proto.bytes)["panels"]


@pytest.mark.parametrize(("name", "value"), [
    ("guidance", "1000000"), ("sampler", "magic"), ("particles", "1000000"), 
    ("sigma_max", "-1"), ("colour", "blue")])
def test_bad_address_is_told_in_a_sentence(name, value):
    app = page(**{name: value})
    assert not app.exception
    assert len(app.warning) == 1
    assert name in app.warning[0].value.replace("\\", "")


@pytest.mark.parametrize("word", ["   ", "x" * 500])
def test_word_of_nothing_or_too_much_is_told(word):
    app = page(data="word", word=word)
    assert not app.exception
    assert len(app.warning) == 1


def test_points_that_are_none_are_told():
    app = page(data="points", points="not points!")
    assert not app.exception
    assert len(app.warning) == 1


class _Controls:
    def __init__(self):
        self.changes, self.told = [], ""

    def tell(self, sentence):
        self.told = sentence

    def change(self, **values):
        self.changes.append(values)


@pytest.fixture
def drawing(monkeypatch):
    import streamlit as st
    state: dict = {}
    monkeypatch.setattr(st, "session_state", state)
    controls = _Controls()
    return Drawing(controls, "d"), controls, state


def stroke(mode, *points, radius=0.2):
    return Stroke(0, mode, radius, tuple(points))


def test_a_stroke_becomes_points(drawing):
    it, controls, _ = drawing
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    assert controls.changes[-1]["data"] == "points"
    config = DEMO.config(**controls.changes[-1])
    assert config.points


def test_a_dot_is_told_and_changes_nothing(drawing):
    it, controls, _ = drawing
    it.stroke(stroke("add", (0.5, 0.5)))
    assert controls.changes == []
    assert "single point" in controls.told


def test_erasing_cuts_a_stroke_in_two(drawing):
    it, controls, state = drawing
    it.stroke(stroke("add", *[(x, 0.0) for x in np.linspace(-1, 1, 41)]))
    it.stroke(stroke("erase", (0.0, 0.0), radius=0.3))
    assert len(state["d-strokes"]) == 2
    assert min(abs(piece[:, 0]).min() for piece in state["d-strokes"]) > 0.3
    it.stroke(stroke("clear"))
    assert state["d-strokes"] == []


def test_pieces_of_an_erased_stroke():
    line = np.stack([np.arange(5.0), np.zeros(5)], axis=1)
    assert [len(piece) for piece in _without(line, np.array([[2.0, 0.0]]), 0.5)] == [2, 2]
    assert _without(line, np.array([[2.0, 0.0]]), 10.0) == []


@pytest.mark.parametrize(("name", "content", "words"), [
    ("a.csv", b"hello\nworld\n", "not a number"), ("a.csv", b"1,nan\n2,3\n", "1 of 2 points are not finite"),
    ("a.png", b"nothing", "cannot|can be read"),
    ("a.npy", b"\x80\x04\x95", "npy"), ("a.txt", b"1,2", ".csv"), ("a.csv", b"", "empty")])
def test_bad_upload_is_told(drawing, name, content, words):
    import re
    it, controls, state = drawing

    class File(io.BytesIO):
        pass

    file = File(content)
    file.name = name
    state["d"] = file
    it._uploaded()
    assert controls.changes == []
    assert re.search(words, controls.told)


def test_good_upload_becomes_points(drawing):
    it, controls, state = drawing
    file = io.BytesIO(b"x,y\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(20)))
    file.name = "points.csv"
    state["d"] = file
    it._uploaded()
    assert controls.changes[-1]["data"] == "points"


def test_a_network_is_trained_once_and_its_learning_is_shown(monkeypatch):
    from demos.diffusion.learned import provide
    monkeypatch.setattr(provide, "_memory", type(provide._memory)())
    app = page(data="moons", score="learned", network="trained", training_steps="60")
    assert not app.exception and not app.warning
    assert len(provide._memory) == 1
    assert "in 60 steps; trained here" in " ".join(caption.value.replace("\\", "") for caption in app.caption)
    (first,) = provide._memory.values()
    app.run()
    assert not app.exception
    assert list(provide._memory.values()) == [first]


@pytest.mark.parametrize("score", ["learned", "flow"])
def test_shipped_weights_need_no_training(monkeypatch, score):
    from demos.diffusion.learned import provide
    monkeypatch.setattr(provide, "Trainer", lambda *_, **__: pytest.fail("it trains"))
    app = page(data="checkerboard", score=score)
    assert not app.exception and not app.warning
    assert "ship with the project" in " ".join(caption.value for caption in app.caption)


def test_what_cannot_be_trained_is_told():
    app = page(data="points", points="AAAA", score="learned")
    assert not app.exception
    assert len(app.warning) == 1
    assert len(app.get("bidi_component")) == 1


TABS = ("Cost", "The bridge", "Distances", "Modes", "Likelihood", "Training", "Score error", "Paths", "Guidance")


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("address", [{"data": "tree"}, {"data": "scurve", "score": "flow_ot"}], ids=lambda a: a["data"])
def test_every_tab_is_drawn(tab, address):
    from dashboard.parts.diffusion_charts import TABS as SHOWN
    assert SHOWN == TABS
    app = AppTest.from_file(APP, default_timeout=120)
    app.session_state["diffusion-charts"] = tab
    app.run()
    for name, value in {**address, "particles": "200", "evaluations": "9"}.items():
        app.query_params[name] = value
    app.switch_page("views/diffusion.py").run()
    assert not app.exception
    (open_,) = [one for one in app.tabs if len(one.children)]
    assert open_.label == tab
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))
