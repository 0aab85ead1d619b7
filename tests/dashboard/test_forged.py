"""Tests that forged states of controls are dropped and the page still runs."""

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState, WStates

from dashboard.runtime import forged


@pytest.fixture
def states(monkeypatch):
    """states(sent, reader) -> the widget states of a session that has drawn one slider and received `sent`."""
    monkeypatch.setattr(WStates, "__getitem__", forged._read)
    forged.drop_forged()

    def of(sent: WidgetState, reader=lambda value: value, kind: str = "double_array_value") -> WStates:
        found = WStates()
        found.set_widget_from_proto(sent)
        known = WidgetMetadata(id=sent.id, deserializer=reader, serializer=str, value_type=kind)
        found.set_widget_metadata(known)
        return found

    return of


def test_what_a_browser_sends_is_read(states):
    sent = WidgetState(id="slider")
    sent.double_array_value.data.append(0.5)
    assert states(sent)["slider"] == [0.5]


def test_an_integer_is_read_for_a_float_and_the_reverse(states):
    """The browser may send an integer for a number input that is declared as float, and the reverse."""
    assert states(WidgetState(id="number", int_value=3), kind="double_value")["number"] == 3


def test_a_state_of_the_wrong_type_counts_as_not_sent(states):
    assert states(WidgetState(id="slider", string_value="0.5")).get("slider", "none") == "none"


def test_a_state_that_cannot_be_read_counts_as_not_sent(states):
    sent = WidgetState(id="slider")
    sent.double_array_value.data.append(0.5)

    def broken(value):
        raise RuntimeError("no such file")

    assert states(sent, broken).get("slider", "none") == "none"


def test_a_control_whose_state_is_forged_has_its_default(states):
    """By the way that a page takes, so that it fails where another Streamlit reads the states by another method."""
    session = SessionState()
    session.set_widgets_from_proto(WidgetStates(widgets=[WidgetState(id="slider", string_value="0.5")]))
    known = WidgetMetadata("slider", lambda sent: 0.25 if sent is None else sent[0], str, "double_array_value")
    assert session.register_widget(known, None).value == 0.25
