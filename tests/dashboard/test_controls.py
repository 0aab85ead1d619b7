"""Tests of `Controls`: address and widgets stay equal, whichever is changed; refusals are reported in a sentence."""

from pathlib import Path
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dashboard.frame import share_panel
from demos.contract import Family
from tests.dashboard.fake_demo import FAKE, METHODS, FakeConfig

FAMILY = Family.of(FAKE)


def page(script=None, **query):
    app = AppTest.from_function(script or whole, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def whole():
    import streamlit as st

    from dashboard.frame.controls import Controls
    from demos.contract import Family
    from tests.dashboard.fake_demo import FAKE

    controls = Controls(Family.of(FAKE))
    st.session_state["config"] = controls.config
    for sentence in controls.refused:
        st.warning(sentence)
    controls.scene_row()
    controls.draw_group("main")
    controls.draw_rest()
    st.button("Reset", on_click=controls.reset)
    st.button("Click", on_click=lambda: controls.change(rate=0.35, seed=7))
    st.button("Wrong", on_click=lambda: controls.change(rate=99.0))
    controls.finish()


def few():
    import streamlit as st

    from dashboard.frame.controls import Controls
    from demos.contract import Family
    from tests.dashboard.fake_demo import FAKE

    controls = Controls(Family.of(FAKE))
    st.session_state["config"] = controls.config
    controls.draw("rate")
    if controls.config.rate > 1:
        controls.draw("frames")
    controls.finish()


def config(app):
    assert not app.exception, app.exception
    return app.session_state["config"]


def address(app):
    return {name: values if isinstance(values, str) else values[-1] for name, values in app.query_params.items()}


def warnings(app):
    return [warning.value for warning in app.warning]


def test_defaults_leave_the_address_empty():
    app = page()
    assert config(app) == FakeConfig() and address(app) == {}


def test_every_kind_of_value_comes_from_the_address_and_stays_there():
    wanted = FakeConfig(
        step=0.0123, rate=0.33, particles=700, method="mala", start="point", compare=("hmc", "mala"), seed=12345,
        frames=17, title="a & b", noise=False, slow=0.1,
    )  # fmt: skip
    link = share_panel.link(FAMILY, wanted, "http://here/fake?old=1")
    query = dict(part.split("=", 1) for part in link.split("?")[1].split("&"))
    query = {name: unquote_plus(value) for name, value in query.items()}
    app = page(**query)
    assert config(app) == wanted and not warnings(app)
    assert address(app) == query
    assert config(app.run()) == wanted
    assert app.slider(key="fake-rate").value == 0.33 and app.select_slider(key="fake-step").value == 0.0123
    assert app.selectbox(key="fake-method").value == "mala" and app.toggle(key="fake-noise").value is False


def test_tracking_parameters_are_ignored_without_a_message():
    app = page(rate="0.5", utm_source="mail", fbclid="x" * 50, gclid="1")
    assert config(app) == FakeConfig(rate=0.5) and not warnings(app)


def test_a_repeated_parameter_is_a_list_for_a_field_of_several_values():
    app = page(compare=["hmc", "mala"], rate=["0.1", "0.2"])
    assert config(app).compare == ("hmc", "mala") and config(app).rate == 0.2


def test_a_widget_changes_the_address():
    app = page()
    app.slider(key="fake-rate").set_value(0.5)
    app.select_slider(key="fake-step").set_value(0.2)
    app.run()
    assert config(app) == FakeConfig(rate=0.5, step=0.2) and address(app) == {"rate": "0.5", "step": "0.2"}
    app.slider(key="fake-rate").set_value(1.0).run()
    assert address(app) == {"step": "0.2"}


def test_refusals_are_reported_once_and_other_values_are_applied():
    app = page(rate="9", method="rk9", particles="ten", extra="1", step="0.2")
    assert config(app) == FakeConfig(step=0.2) and address(app) == {"step": "0.2"}
    messages = " ".join(warnings(app))
    assert "rate = '9' is out of range; allowed is 0 to 2" in messages
    assert "method = 'rk9' is not one of" in messages and "'ten' is not a number" in messages
    assert "'extra' is not a setting of this page." in messages and len(warnings(app)) == 4
    app.slider(key="fake-rate").set_value(0.5).run()
    assert not warnings(app)


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "-1", "", "1" * 5000, "<script>alert(1)</script>", "0x10"])
def test_bad_numbers_are_refused(value):
    app = page(rate=value)
    assert config(app) == FakeConfig() and len(warnings(app)) == 1 and len(warnings(app)[0]) < 200


def test_a_change_from_outside_wins_over_the_widgets():
    app = page(rate="0.5")
    app.slider(key="fake-rate").set_value(0.75).run()
    assert address(app) == {"rate": "0.75"}
    app.run()  # the browser answers with our address
    app.query_params["rate"] = "0.25"
    app.query_params["method"] = "hmc"
    app.run()
    assert config(app) == FakeConfig(rate=0.25, method="hmc") and app.slider(key="fake-rate").value == 0.25


def test_an_address_that_is_late_does_not_undo_the_widgets():
    app = page()
    app.slider(key="fake-rate").set_value(0.5).run()
    app.query_params.clear()  # the slider moves again before the browser has received rate=0.5
    app.slider(key="fake-rate").set_value(0.6).run()
    assert config(app).rate == 0.6 and address(app) == {"rate": "0.6"}


def test_a_scene_sets_everything_and_is_marked_while_it_holds():
    app = page(rate="0.5", seed="3")
    app.button_group(key="fake-scene").set_value("odd").run()
    odd = next(scene for scene in FAKE.scenes if scene.name == "odd").config
    assert config(app) == odd and app.session_state["fake-scene"] == "odd"
    assert address(app) == {"step": "0.0123", "method": "mala", "compare": "mala,hmc"}
    app.slider(key="fake-rate").set_value(0.5).run()
    assert app.session_state["fake-scene"] is None and config(app) == odd.replace(rate=0.5)


def test_reset_and_changes_from_a_callback():
    app = page(rate="0.5")
    app.button[1].click().run()
    assert config(app) == FakeConfig(rate=0.35, seed=7) and app.slider(key="fake-rate").value == 0.35
    app.button[2].click().run()
    assert config(app) == FakeConfig(rate=0.35, seed=7)
    assert warnings(app) == ["rate = 99.0 is out of range; allowed is 0 to 2."]
    app.button[0].click().run()
    assert config(app) == FakeConfig() and address(app) == {} and not warnings(app)


def test_fields_that_do_not_go_together_keep_the_last_good_config():
    app = page()
    app.select_slider(key="fake-particles").set_value(20_000).run()
    app.slider(key="fake-frames").set_value(150).run()
    assert config(app) == FakeConfig(particles=20_000)
    assert warnings(app) == ["20000 particles × 150 frames are more than 2,000,000 positions."]
    app.slider(key="fake-frames").set_value(50).run()
    assert config(app) == FakeConfig(particles=20_000, frames=50) and not warnings(app)


def test_forged_widget_values_are_refused():
    app = page()
    app.slider(key="fake-rate").set_value(1e9).run()
    assert 0 <= config(app).rate <= 2
    app.multiselect(key="fake-compare").set_value(sorted(METHODS)).run()
    assert config(app).compare == ("euler",) and warnings(app) == ["compare takes at most 2 different choices."]
    app.text_input(key="fake-title").set_value("x" * 10_000).run()
    assert len(config(app).title) <= 20


def test_fields_that_are_not_drawn_keep_their_value():
    app = page(few, seed="5", frames="9", rate="0.5")
    assert config(app) == FakeConfig(seed=5, frames=9, rate=0.5)
    app.slider(key="fake-rate").set_value(1.5).run()  # now the control of `frames` is drawn
    assert app.slider(key="fake-frames").value == 9
    app.slider(key="fake-frames").set_value(11).run()
    app.slider(key="fake-rate").set_value(0.5).run()  # and now they are not
    app.run()
    assert config(app) == FakeConfig(seed=5, frames=11, rate=0.5)
    assert address(app) == {"seed": "5", "frames": "11", "rate": "0.5"}


def test_pages_keep_their_fields_apart_and_come_back_as_they_were():
    app = AppTest.from_file(str(Path(__file__).with_name("fake_app.py")), default_timeout=60).run()
    app.switch_page("fake_page.py").run()
    app.slider(key="fake-rate").set_value(0.5).run()
    assert not app.exception and address(app) == {"rate": "0.5"}


@given(
    some.builds(
        FakeConfig,
        step=some.floats(0.001, 1.0),
        rate=some.floats(0.0, 2.0),
        particles=some.integers(10, 20_000),
        method=some.sampled_from(sorted(METHODS)),
        compare=some.lists(some.sampled_from(sorted(METHODS)), unique=True, max_size=2).map(tuple),
        title=some.text(max_size=20),
        noise=some.booleans(),
        frames=some.integers(2, 100),
    )
)
def test_any_link_gives_its_config_back(wanted):
    query = parse_qs(
        urlsplit(share_panel.link(FAMILY, wanted, "http://here/fake", embed=True)).query, keep_blank_values=True
    )
    assert query.pop("embed") == ["true"]
    assert FakeConfig.read({name: values[-1] for name, values in query.items()}) == (wanted, ())


def test_adapted_fields_need_not_be_in_the_address():
    """A link with a potential alone adapts temperature, step and start to it; settings in the link are kept."""
    from demos.langevin.config import LangevinConfig

    config, refused = LangevinConfig.read({"potential": "muller_brown"})
    assert refused == () and config.step < 4.9e-4 and config.x0 == pytest.approx(-0.558)
    assert config.query() == "potential=muller_brown"
    own, _ = LangevinConfig.read({"potential": "muller_brown", "step": "0.01"})
    assert own.step == 0.01 and own.temperature == config.temperature
    assert LangevinConfig.read(own.address())[0] == own
    kept, _ = LangevinConfig.read({"step": "0.005"}, base=config)
    assert kept == config.replace(step=0.005)
