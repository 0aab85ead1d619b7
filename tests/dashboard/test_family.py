"""Tests of a page with several demos: which one is shown, its controls, its scenes, its address, its picture."""

from streamlit.testing.v1 import AppTest

from demos.picture.payload import decode
from tests.dashboard.fake_demo import FakeConfig
from tests.dashboard.fake_family import BOWL, FAMILY, BowlConfig


def script():
    import streamlit as st

    from dashboard.frame.controls import Controls
    from dashboard.frame.page import Frame
    from dashboard.player.player import player
    from tests.dashboard.fake_family import FAMILY

    controls = Controls(FAMILY)
    st.session_state["config"] = controls.config
    frame = Frame(controls, controls.draw_all)
    with frame.picture:
        result = frame.run(lambda payload: player(payload, key="player"))
    frame.report(result)
    frame.close()


def page(embedded=False, **query):
    app = AppTest.from_function(script, default_timeout=30)
    app.context = {"is_embedded": embedded, "url": "http://here/both?x=1"}
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def config(app):
    assert not app.exception, app.exception
    return app.session_state["config"]


def address(app):
    return {name: values if isinstance(values, str) else values[-1] for name, values in app.query_params.items()}


def member(app, name):
    return app.selectbox(key="both-system-row").set_value(name).run()


def test_the_address_chooses_the_member_and_its_settings():
    app = page(system="bowl", rate="4.5", method="dopri5")
    assert config(app) == BowlConfig(rate=4.5, method="dopri5") and not app.warning
    assert address(app) == {"system": "bowl", "rate": "4.5", "method": "dopri5"}
    assert app.title[0].value == FAMILY.title and "4.5" in app.latex[0].value
    assert app.session_state["both-system-row"] == "bowl"
    assert app.code[-1].value == "BowlConfig(rate=4.5)"


def test_the_first_member_needs_no_name_in_the_address():
    app = page(rate="0.5")
    assert config(app) == FakeConfig(rate=0.5) and address(app) == {"rate": "0.5"}


def test_parameters_of_no_member_are_refused():
    app = page(system="moon", rate="0.5", colour="blue")
    assert config(app) == FakeConfig(rate=0.5) and address(app) == {"rate": "0.5"}
    assert len(app.warning) == 1 and "moon" in app.warning[0].value and "colour" in app.warning[0].value


def test_another_member_begins_with_its_first_scene():
    app = member(page(rate="0.5"), "bowl")
    assert config(app) == BOWL.scenes[0].config
    assert address(app) == {"system": "bowl", "rate": "4.0"}
    assert app.session_state["both-bowl-scene"] == "steep"
    app.button_group(key="both-bowl-scene").set_value("flat").run()
    assert config(app) == BowlConfig(rate=0.0)
    assert config(member(app, "fake")) == FakeConfig()


def test_fields_of_the_same_name_have_widgets_of_their_own():
    app = member(page(), "bowl")
    assert app.slider(key="both-bowl-rate").max == 9
    app.slider(key="both-bowl-rate").set_value(7.0).run()
    app.button_group(key="both-bowl-method").set_value("dopri5").run()
    assert config(app) == BowlConfig(rate=7.0, method="dopri5")
    member(app, "fake")
    app.slider(key="both-fake-rate").set_value(0.5).run()
    assert config(app) == FakeConfig(rate=0.5) and app.slider(key="both-fake-rate").max == 2
    assert config(member(app, "bowl")) == BOWL.scenes[0].config  # not the earlier values of its widgets
    assert app.slider(key="both-bowl-rate").value == 4.0


def test_a_link_to_another_member_wins_over_the_widgets():
    app = page(rate="0.5")
    app.query_params.clear()
    app.query_params["system"] = "bowl"
    app.run()
    assert config(app) == BowlConfig()
    app.run()
    assert config(app) == BowlConfig() and app.slider(key="both-bowl-rate").value == 0.5


def test_unused_fields_are_not_drawn_and_keep_their_values():
    app = page(system="bowl", seed="7")
    keys = [widget.key for widget in app.number_input] + [widget.key for widget in app.slider]
    assert "both-bowl-seed" not in keys and config(app).seed == 7
    app.toggle(key="both-bowl-noise").set_value(True).run()
    assert app.slider(key="both-bowl-seed").value == 7


def test_reset_leads_to_the_first_settings_of_the_page():
    app = page(system="bowl", rate="4.5")
    next(button for button in app.button if button.label == "Reset").click().run()
    assert config(app) == FakeConfig() and address(app) == {}


def test_where_a_member_refuses_the_last_good_picture_stays_also_of_another_member():
    app = page(rate="0.5")
    before = app.get("bidi_component")[0].proto.bytes
    app.query_params.clear()
    app.query_params.update({"system": "bowl", "rate": "8.5"})
    app.run()
    assert len(app.warning) == 1 and app.get("bidi_component")[0].proto.bytes == before
    app.slider(key="both-bowl-rate").set_value(2.0).run()
    assert not app.warning and app.get("bidi_component")[0].proto.bytes != before


def test_embedded_has_both_rows_among_the_controls():
    app = page(embedded=True, system="bowl")
    assert not app.title and decode(app.get("bidi_component")[0].proto.bytes)["panels"]
    assert config(member(app, "fake")) == FakeConfig()
    assert app.session_state["both-fake-scene"] == "calm"
