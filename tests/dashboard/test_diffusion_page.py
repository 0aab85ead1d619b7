"""/diffusion in process: every scene, bad addresses, drawing and uploading."""

import io

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts.drawing import Drawing
from dashboard.parts.player.player import Stroke
from demos.diffusion.data import decode_points
from demos.diffusion.demo import DEMO
from demos.diffusion.simulate import data_of
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
    """What Drawing uses of Controls."""

    def __init__(self):
        self.now, self.told = DEMO.config(), ""

    def tell(self, sentence):
        self.told = sentence

    def change(self, **values):
        self.now, self.told = self.now.replace(**values), ""


@pytest.fixture
def drawing(monkeypatch):
    import streamlit as st
    state: dict = {}
    monkeypatch.setattr(st, "session_state", state)
    controls = _Controls()
    return Drawing(controls, "d"), controls, state


def stroke(mode, *points, radius=0.2):
    return Stroke(0, mode, radius, tuple(points))


def shown(controls) -> np.ndarray:
    assert controls.now.data == "points"
    return decode_points(controls.now.points)


def test_a_stroke_is_shown_where_it_was_drawn(drawing):
    """Neither moved nor blown up: over the width of the brush, to a step of the text's grid."""
    it, controls, _ = drawing
    it.stroke(stroke("add", (1.0, 3.0), (3.0, 3.0)))
    points = shown(controls)
    assert np.abs(points[:, 1] - 3).max() < 0.2 + 1 / 512
    assert points[:, 0].min() == pytest.approx(1, abs=0.3) and points[:, 0].max() == pytest.approx(3, abs=0.3)
    assert data_of(controls.now).view >= 4.4  # as wide as the pictures of the built-in data


def test_drawing_goes_on_at_the_shown_end(drawing):
    it, controls, _ = drawing
    it.stroke(stroke("add", (-3.0, 0.0), (-1.0, 0.0)))
    first = shown(controls)
    it.stroke(stroke("add", (-1.0, 0.0), (3.0, 0.0), radius=0.05))
    points = shown(controls)
    assert np.array_equal(points[:len(first)], first)  # as they were, as wide as they were
    assert np.abs(points[len(first):, 1]).max() < 0.05 + 1 / 512
    assert np.diff(np.sort(points[:, 0])).max() < 0.2  # no gap


def test_a_dot_is_told_and_changes_nothing(drawing):
    it, controls, _ = drawing
    it.stroke(stroke("add", (0.5, 0.5)))
    assert controls.now == DEMO.config()
    assert "single point" in controls.told
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    it.stroke(stroke("add", (3.0, 3.0)))  # the dot of an i
    assert np.sum(shown(controls)[:, 1] > 2) >= 12


def test_erasing_where_it_is_shown_cuts(drawing):
    """Nothing is left under the eraser, and beside it everything as it was: the radius is the eraser's."""
    it, controls, _ = drawing
    it.stroke(stroke("add", (2.0, 3.0), (4.0, 3.0)))
    before = shown(controls)
    it.stroke(stroke("erase", (3.0, 2.0), (3.0, 4.0), radius=0.3))
    after = shown(controls)
    assert np.abs(after[:, 0] - 3).min() > 0.3
    assert np.array_equal(after, before[np.abs(before[:, 0] - 3) > 0.3])
    assert 10 < len(after) < len(before) - 10


@pytest.mark.parametrize("way", ["clear", "erase"])
def test_where_nothing_is_left_the_earlier_data_return(drawing, way):
    it, controls, _ = drawing
    it.stroke(stroke("erase", (0.0, 0.0)))
    assert "nothing drawn" in controls.told
    controls.change(data="moons")
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    it.stroke(stroke(way, *(() if way == "clear" else ((-1.0, 0.0), (1.0, 0.0))), radius=0.5))
    assert controls.now.data == "moons" and controls.now.points == "" and controls.told == ""


def test_one_can_draw_over_a_text_that_is_no_points(drawing):
    it, controls, _ = drawing
    controls.change(data="points", points="not points!")
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    assert len(shown(controls)) == 100


def test_old_strokes_do_not_come_back(drawing):
    """After a scene, and over an upload: what is added to is what is shown."""
    it, controls, state = drawing
    it.stroke(stroke("add", (-3.0, -3.0), (-2.0, -3.0)))
    controls.now = DEMO.scenes[0].config
    it.stroke(stroke("add", (2.0, 3.0), (3.0, 3.0)))
    assert shown(controls)[:, 1].min() > 2.5
    state["d"] = named("points.csv", b"0,0\n1,1\n2,4\n")
    it._uploaded()
    uploaded = shown(controls)
    it.stroke(stroke("add", (2.0, 3.0), (3.0, 3.0)))
    assert np.array_equal(shown(controls)[:3], uploaded) and len(shown(controls)) > 3


def test_a_drawing_has_room_for_any_number_of_strokes(drawing):
    it, controls, _ = drawing
    for i in range(600):
        it.stroke(stroke("add", (-4.4, i / 100 - 3), (4.4, i / 100 - 3)))
    assert controls.told == "" and len(shown(controls)) == 2_000
    assert np.abs(shown(controls)).max() == 4  # what goes beyond the box is cut to it


def named(name, content):
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.mark.parametrize(("name", "content", "words"), [
    ("a.csv", b"hello\nworld\n", "not a number"), ("a.csv", b"1,nan\n2,3\n", "1 of 2 points are not finite"),
    ("a.png", b"nothing", "cannot|can be read"),
    ("a.npy", b"\x80\x04\x95", "npy"), ("a.txt", b"1,2", ".csv"), ("a.csv", b"", "empty")])
def test_bad_upload_is_told(drawing, name, content, words):
    import re
    it, controls, state = drawing

    state["d"] = named(name, content)
    it._uploaded()
    assert controls.now == DEMO.config()
    assert re.search(words, controls.told)


def test_good_upload_becomes_points(drawing):
    it, controls, state = drawing
    state["d"] = named("points.csv", b"x,y\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(20)))
    it._uploaded()
    assert len(shown(controls)) == 20


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


def tab_of(tab, **address):
    app = AppTest.from_file(APP, default_timeout=120)
    app.session_state["diffusion-charts"] = tab
    app.run()
    for name, value in {**address, "particles": "200", "evaluations": "9"}.items():
        app.query_params[name] = value
    app.switch_page("views/diffusion.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("address", [{"data": "tree"}, {"data": "scurve", "score": "flow_ot"}], ids=lambda a: a["data"])
def test_every_tab_is_drawn(tab, address):
    from dashboard.parts.diffusion_charts import TABS as SHOWN
    assert SHOWN == TABS
    app = tab_of(tab, **address)
    (open_,) = [one for one in app.tabs if len(one.children)]
    assert open_.label == tab
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))


@pytest.mark.parametrize(("address", "words"), [
    ({"data": "tree"}, "two multinomial standard errors"), ({"data": "tree", "target": "1"}, "asked for"),
    ({"data": "tree", "target": "each"}, "asked for"),
    ({"data": "tree", "target": "1", "guidance": "3"}, "w = 3, no true")])
def test_modes_stand_beside_what_was_asked_for(address, words):
    app = tab_of("Modes", **address)
    assert words in " ".join(caption.value for caption in app.caption)
    (chart,) = app.get("vega_lite_chart")
    assert ("true share" in chart.proto.alt) == ("guidance" not in address)


@pytest.mark.parametrize(("tab", "address", "words"), [
    ("The bridge", {"data": "tree", "target": "1", "guidance": "3"}, "choose w = 1"),
    ("Modes", {"data": "scurve"}, "one class"), ("Guidance", {"data": "scurve"}, "one class")])
def test_what_a_tab_cannot_show_is_told(tab, address, words):
    app = tab_of(tab, **address)
    assert words in " ".join(info.value for info in app.info)
    assert not app.get("vega_lite_chart")
