"""Tests of /diffusion by AppTest: bad addresses, training, the tabs."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from demos.common.bounded_cache import BoundedCache
from tests.dashboard import pages
from tests.dashboard.pages import players

SMALL = {"particles": "200", "evaluations": "9"}


def page(**parameters: str) -> AppTest:
    """The page at settings that compute little, with an open tab that computes nothing."""
    return pages.page("diffusion", tab="Distances", **{**SMALL, **parameters})


@pytest.mark.parametrize(
    ("name", "value"),
    [("guidance", "1000000"), ("sampler", "magic"), ("particles", "1000000"), ("sigma_max", "-1"), ("colour", "blue")],
)
def test_bad_address_is_refused_in_a_sentence(name, value):
    app = page(**{name: value})
    assert not app.exception
    assert len(app.warning) == 1
    assert name in app.warning[0].value.replace("\\", "")


@pytest.mark.parametrize("word", ["   ", "x" * 500])
def test_an_empty_or_too_long_word_is_reported(word):
    app = page(data="word", word=word)
    assert not app.exception
    assert len(app.warning) == 1


def test_points_that_cannot_be_decoded_are_reported():
    app = page(data="points", points="not points!")
    assert not app.exception
    assert len(app.warning) == 1


def test_a_network_is_trained_once_and_its_learning_is_shown(monkeypatch):
    from demos.diffusion.data import BUILT_IN
    from demos.diffusion.learned import default_config, provide

    monkeypatch.setattr(provide, "_trained", BoundedCache())
    app = page(data="moons", score="learned", network="trained", training_steps="60")
    assert not app.exception
    assert all("outside the picture" in warning.value for warning in app.warning)  # some points are, after 60 steps
    assert len(provide._trained) == 1
    assert "in 60 steps; trained here" in " ".join(caption.value.replace("\\", "") for caption in app.caption)
    wanted = default_config("learned", steps=60)
    first = provide.remembered(BUILT_IN["moons"], wanted)
    app.run()
    assert not app.exception
    assert first is not None and provide.remembered(BUILT_IN["moons"], wanted) is first


def test_an_evicted_network_is_trained_again_in_its_tab(monkeypatch):
    """If a network was evicted from the cache, the Training tab trains it again and shows the loss."""
    from dashboard.views.diffusion import training
    from demos.diffusion.learned import provide

    monkeypatch.setattr(provide, "_trained", BoundedCache())
    app = page(data="moons", score="learned", network="trained", training_steps="61")
    watched = []
    monkeypatch.setattr(training, "_draw_loss", lambda losses, *_: watched.append(len(losses)))
    for _ in range(2):
        provide._trained.clear()
        watched.clear()
        app.run()
        assert not app.exception
        assert watched and len(provide._trained) == 1


def test_an_open_training_tab_trains_in_a_place_for_heavy_work(monkeypatch):
    from dashboard.runtime import run as compute
    from dashboard.views.diffusion import training
    from demos.diffusion.learned import provide

    monkeypatch.setattr(provide, "_trained", BoundedCache())
    monkeypatch.setattr(training, "remembered", lambda *_: True)  # as if it were evicted after this check
    places, train_on = [], training.train_on
    monkeypatch.setattr(
        training,
        "train_on",
        lambda data, wanted, progress, look=None: (
            places.append(compute._PLACES.free),
            train_on(data, wanted, progress, look),
        )[1],
    )
    tab_of("Training", data="moons", score="learned", network="trained", training_steps="62")
    assert places == [1]  # the training holds one of the two places


@pytest.mark.parametrize("score", ["learned", "flow"])
def test_shipped_weights_need_no_training(monkeypatch, score):
    from demos.diffusion.learned import provide

    monkeypatch.setattr(provide, "Trainer", lambda *_, **__: pytest.fail("it trains"))
    app = page(data="checkerboard", score=score)
    assert not app.exception and not app.warning
    assert "ship with the project" in " ".join(caption.value for caption in app.caption)


def test_training_on_bad_points_is_refused_in_a_sentence():
    app = page(data="points", points="AAAA", score="learned")
    assert not app.exception
    assert len(app.warning) == 1
    assert len(players(app)) == 1


TABS = (
    "Distances",
    "Exact distances",
    "Cost",
    "The bridge",
    "Modes",
    "Likelihood",
    "Training",
    "Score error",
    "Paths",
    "Guidance",
)


def tab_of(tab, **address):
    app = pages.page("diffusion", tab=tab, **{**address, **SMALL})
    assert not app.exception
    return app


CLASSES, CURVE = {"data": "tree"}, {"data": "scurve", "score": "flow_ot"}
OWN = ("The bridge", "Likelihood", "Training", "Score error")  # tabs that differ for a learned flow


@pytest.mark.parametrize(("tabs", "address"), [(TABS, CLASSES), (OWN, CURVE)], ids=["classes", "learned flow"])
def test_every_tab_is_drawn(tabs, address, monkeypatch):
    from dashboard.views.diffusion.charts import TABS as SHOWN
    from demos.diffusion import studies

    two = partial(studies.guidance_study, weights=(0.0, 1.0))  # two of its five: each costs as much as a picture
    monkeypatch.setattr(studies, "guidance_study", two)
    assert tuple(SHOWN) == TABS
    app = tab_of(tabs[0], **address)
    for tab in tabs:
        pages.open_tab(app, "diffusion", tab)
        assert not app.exception, tab
        assert [one.label for one in app.tabs if len(one.children)] == [tab]
        assert all(chart.proto.alt for chart in app.get("vega_lite_chart")), tab


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"data": "tree"}, "two multinomial standard errors"),
        ({"data": "tree", "target": "1"}, "asked for"),
        ({"data": "tree", "target": "each"}, "asked for"),
        ({"data": "tree", "target": "1", "guidance": "3"}, "w = 3, no true"),
    ],
)
def test_modes_are_compared_with_the_shares_asked_for(address, words):
    app = tab_of("Modes", **address)
    assert words in " ".join(caption.value for caption in app.caption)
    (chart,) = app.get("vega_lite_chart")
    assert ("true share" in chart.proto.alt) == ("guidance" not in address)


@pytest.mark.parametrize(
    ("tab", "address", "words"),
    [
        ("The bridge", {"data": "tree", "target": "1", "guidance": "3"}, "choose w = 1"),
        ("Modes", {"data": "scurve"}, "one class"),
        ("Guidance", {"data": "scurve"}, "one class"),
    ],
)
def test_a_tab_reports_why_it_has_no_chart(tab, address, words):
    app = tab_of(tab, **address)
    assert words in " ".join(info.value for info in app.info)
    assert not app.get("vega_lite_chart")
