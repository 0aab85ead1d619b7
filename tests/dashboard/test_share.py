"""Tests of sharing: links with tracking parameters, settings as JSON, playback settings in an address."""

import json

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dashboard.frame import playing, presenting, settings_file, share_panel
from dashboard.frame.address import foreign
from demos.contract import Family
from demos.picture.payload import header
from demos.registry import families
from tests.dashboard.fake_demo import FAKE, ODD, FakeConfig
from tests.dashboard.test_pages import fake

FAMILY = Family.of(FAKE)


def test_parameters_of_the_page_are_neither_settings_nor_tracking():
    names = {
        name for family in families().values() for demo in family.members.values() for name in demo.config.controls()
    }
    names |= {family.parameter for family in families().values()}
    ours = {presenting.PARAMETER, *playing.PARAMETERS}
    assert not names & ours and not any(foreign(name) for name in names | ours)


def test_tracking_parameters_are_ignored_without_a_message():
    app = fake(rate="0.5", utm_source="mail", fbclid="x" * 50, gclid="1", unknown="1")
    (sentence,) = [warning.value.replace("\\", "") for warning in app.warning]
    assert sentence == "'unknown' is not a setting of this page."
    assert app.slider(key="fake-rate").value == 0.5
    app.slider(key="fake-rate").set_value(0.7).run()
    assert not app.warning and app.query_params["rate"] == "0.7"


def extra(**query):
    app = fake(embedded=True, **query)
    sentences = [warning.value.replace("\\", "") for warning in app.warning]
    return header(app.get("bidi_component")[0].proto.bytes)["extra"], sentences


def test_playback_settings_are_read_from_the_address():
    plain, _ = extra()
    found, sentences = extra(autoplay="false", loop="0", frame="50%", speed="0.5", controls="false")
    assert not sentences
    assert {name: found[name] for name in found if name not in plain} == {
        "autoplay": False, "loop": False, "share": 0.5, "speed": 0.5,
    }  # fmt: skip
    assert extra(frame="7", autoplay="true")[0] == {**plain, "frame": 7}


@pytest.mark.parametrize(
    ("name", "value"),
    [("autoplay", "yes"), ("loop", ""), ("speed", "9"), ("speed", "nan"), ("frame", "-1"), ("frame", "200%"),
     ("frame", "nan"), ("frame", "1e9"), ("frame", "%"), ("controls", "maybe")],
)  # fmt: skip
def test_bad_playback_settings_are_refused_in_a_sentence(name, value):
    found, (sentence,) = extra(**{name: value})
    assert sentence.startswith(f"{name} = ") and found == extra()[0]


@given(
    some.builds(
        FakeConfig,
        step=some.floats(0.001, 1.0),
        compare=some.permutations(["mala", "hmc"]).map(tuple),
        title=some.text(max_size=20),
        noise=some.booleans(),
    )
)
def test_settings_are_restored_from_their_json(config):
    assert settings_file.read(FAMILY, settings_file.write(FAMILY, config)) == config


def test_settings_of_a_member_and_settings_alone():
    energy = families()["energy"]
    film = energy.members["film"].config()
    assert settings_file.read(energy, settings_file.write(energy, film)) == film
    assert settings_file.read(FAMILY, '{"rate": 0.5}') == FakeConfig(rate=0.5)
    assert settings_file.read(FAMILY, '{"demo": "fake", "config": {"rate": 0.5}, "headline": "x"}').rate == 0.5


BAD = [None, 3, "", "[1]", "{", "[" * 5_000, '{"rate": 77}', '{"color": 1}', '{"config": 3}', '{"demo": "langevin"}']
BAD += ['{"demo": [1]}', '{"rate": "' + "9" * 5_000 + '"}', " " * (settings_file.MOST + 1), '{"rate": null}']


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_bad_settings_get_one_sentence(text):
    with pytest.raises(ValueError) as problem:
        settings_file.read(FAMILY, text)
    sentence = str(problem.value)
    assert 10 < len(sentence) < 200 and "\n" not in sentence


def test_the_qr_code_holds_the_link_unless_it_is_too_long():
    link = share_panel.link(FAMILY, ODD, "http://here/fake")
    assert share_panel.qr_code(link).startswith("data:image/svg+xml")
    assert segno.make(link, error="l", micro=False).designator
    assert share_panel.qr_code("x" * 4_000) == ""


def open_panel():
    app = AppTest.from_function(_page, default_timeout=60)
    app.context = {"is_embedded": False, "url": "http://here/fake?old=1"}
    return app.run()


def _page():
    from dashboard.frame.controls import Controls
    from dashboard.frame.share_panel import _draw
    from demos.contract import Family
    from tests.dashboard.fake_demo import FAKE

    controls = Controls(Family.of(FAKE))
    _draw(controls)
    controls.finish()


def test_the_panel_has_link_qr_code_and_settings():
    data = json.loads(open_panel().get("bidi_component")[0].proto.json)
    assert data["link"] == "http://here/fake" and data["embedded"] == "http://here/fake?embed=true"
    assert settings_file.read(FAMILY, data["settings"]) == FakeConfig() and data["qr"]
