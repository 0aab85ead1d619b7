"""Tests with a real server and WebSocket clients: visitors who leave, reconnect, and wait for one another; and of the
settings that a server starts with."""

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.dashboard.client import elements, server, visitor


@pytest.fixture(scope="module")
def fake():
    with server("tests/dashboard/fake_app.py") as port:
        yield port


def test_the_dashboard_starts_from_the_root_with_its_home_and_a_page_says_what_it_waits_for():
    with server("dashboard/app.py") as port, visitor(port) as anna:
        anna.ask()
        messages = anna.read("script_finished")
        assert not elements(messages, "exception")
        assert any("Gradient Flow Lab" in heading.body for heading in elements(messages, "heading"))
        anna.ask("networks")  # while the libraries are being imported in the background
        assert "has just started" in elements(anna.read("alert"), "alert")[-1].body


def slider_at(messages: list, label: str, value: float) -> WidgetState:
    """The state that a browser sends for the slider of this label in a page's messages, moved to `value`."""
    (slider,) = [slider for slider in elements(messages, "slider") if slider.label == label]
    state = WidgetState(id=slider.id)
    state.double_array_value.data.append(value)
    return state


def scene_chosen(messages: list, name: str) -> WidgetState:
    """The state that a browser sends for the row of scenes in a page's messages, where `name` is chosen."""
    (scenes,) = [group for group in elements(messages, "button_group") if group.id.endswith("fake-scene")]
    state = WidgetState(id=scenes.id)
    state.string_array_value.data.append(name)
    return state


def test_the_first_change_in_a_new_session_counts(fake):
    """After a lost session, or a restart of the server, the browser sends the states of all controls with the visitor's
    first change. The change counts, and the page without it is never sent to the browser."""
    with visitor(fake) as anna:
        anna.ask("fake", "rate=0.5")
        before = anna.read("script_finished")
    moved, chosen = slider_at(before, "Rate", 1.5), scene_chosen(before, "Odd values")
    for state, address in ((moved, "rate=1.5"), (chosen, "step=0.0123&method=mala&compare=mala%2Chmc")):
        with visitor(fake) as anna:
            anna.ask("fake", "rate=0.5", state)
            messages = anna.read("page_info_changed")
            assert messages[-1].page_info_changed.query_string == address
            assert not elements(messages, "slider") and not elements(messages, "exception")
            assert not elements(anna.read("script_finished"), "exception")


def test_a_run_ends_when_its_visitor_leaves(fake):
    with visitor(fake) as anna:
        anna.ask("fake", "slow=600")
        anna.read("progress")
        anna.ask("fake", "slow=0")
        anna.read("bidi_component")  # waits a minute at most: not the ten of the first run


def test_three_quick_changes_leave_only_the_last_run_at_work(fake):
    """If the runs that the visitor has left went on, they would hold both places."""
    with visitor(fake) as anna, visitor(fake) as bert:
        for seed in (1, 2, 3):
            anna.ask("fake", f"slow=600&seed={seed}")
            anna.read("progress")
        bert.ask("fake", "slow=600&seed=4")
        assert elements(bert.read("progress"), "progress")[-1].text.startswith("Computing")


def test_of_three_heavy_runs_one_waits_and_none_starves(fake):
    """The heavy runs give way in turn; the short work of a fourth visitor does not wait ten minutes for them."""
    with visitor(fake) as anna, visitor(fake) as bert, visitor(fake) as cora, visitor(fake) as dora:
        for seed, one in enumerate((anna, bert, cora)):
            one.ask("fake", f"slow=600&seed={10 + seed}")
        for one in (anna, bert, cora):
            said = set()
            while said != {"Waiting", "Computing"}:
                said |= {bar.text.split()[0].rstrip(":") for bar in elements(one.read("progress"), "progress")}
        dora.ask("fake", "slow=0&seed=20")
        dora.read("bidi_component")


def test_the_theme_does_not_depend_on_the_working_directory(tmp_path):
    """Streamlit also reads settings from the script's folder, so the same file is there."""
    script = Path(__file__).parents[2] / "dashboard" / "app.py"
    code = f"""
from streamlit import config
config._main_script_path = {str(script)!r}
config.get_config_options(force_reparse=True)
print(config.get_option("theme.light.backgroundColor"), config.get_option("server.disconnectedSessionTTL"))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["#fbf9f4", "60"]


def order(messages: list) -> list[str]:
    """The kinds of the elements that these messages draw, in the order in which they were sent."""
    drawn = [message.delta.new_element for message in messages if message.WhichOneof("type") == "delta"]
    return [element.WhichOneof("type") for element in drawn]


def places(messages: list) -> set[tuple[int, ...]]:
    """Where on the page these messages draw."""
    return {tuple(message.metadata.delta_path) for message in messages if message.WhichOneof("type") == "delta"}


def test_the_picture_is_sent_first_where_only_it_has_to_change(fake):
    """A turned control changes the picture of a page that the browser shows; a scene sets controls, which the browser
    must learn before its visitor turns one of them."""
    with visitor(fake) as anna:
        anna.ask("fake", "rate=0.5")
        before = anna.read("script_finished")
        moved, chosen = slider_at(before, "Rate", 1.5), scene_chosen(before, "Odd values")
        anna.ask("fake", "rate=0.5", moved)
        turned = anna.read("script_finished")
        anna.ask("fake", "rate=1.5", moved, chosen)
        odd = anna.read("script_finished")
    assert "bidi_component" in order(before) and places(before) == places(turned) == places(odd)
    first = [
        messages.index("bidi_component") < messages.index("slider") for messages in map(order, (before, turned, odd))
    ]
    assert first == [False, True, False]
    assert not any(elements(messages, "exception") for messages in (before, turned, odd))


def test_the_controls_do_not_wait_for_a_picture_that_takes_long(fake):
    with visitor(fake) as anna:
        anna.ask("fake", "rate=0.5")
        before = anna.read("script_finished")
        anna.ask("fake", "rate=0.5", slider_at(before, "Seconds of work", 600.0))
        assert "bidi_component" not in order(anna.read("slider"))


def test_a_layout_that_no_run_has_drawn_to_its_end_is_drawn_before_its_picture(fake):
    """The browser may still show the other layout, in which the picture's place is something else's."""
    with visitor(fake) as anna:
        anna.ask("fake", "rate=0.5")
        before = anna.read("script_finished")
        (present,) = [button for button in elements(before, "button") if button.label == "Present"]
        pressed = WidgetState(id=present.id, trigger_value=True)
        long, short = (slider_at(before, "Seconds of work", seconds) for seconds in (600.0, 0.0))
        anna.ask("fake", "rate=0.5", pressed, long)
        begun = anna.read("progress")
        (*_, address) = [one for one in begun if one.WhichOneof("type") == "page_info_changed"]
        anna.ask("fake", address.page_info_changed.query_string, short)
        drawn = [message.delta.new_element for message in anna.read("script_finished")]
    slider = next(i for i, element in enumerate(drawn) if element.WhichOneof("type") == "slider")
    player = next(i for i, element in enumerate(drawn) if element.bidi_component.component_name.endswith("player"))
    assert slider < player
