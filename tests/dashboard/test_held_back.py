"""Tests of what is held back of a run of a page: it is sent in its order, or dropped where the visitor has left."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import StopException

from dashboard.runtime import held_back
from dashboard.runtime.held_back import HeldBack, nothing_stays_back


@pytest.fixture
def context(monkeypatch):
    """A run whose messages are the list `sent`."""
    sent = []
    context = SimpleNamespace(sent=sent, _enqueue=sent.append)
    monkeypatch.setattr(held_back, "get_script_run_ctx", lambda **_: context)
    return context


def test_what_passes_is_sent_first_and_the_rest_in_its_order(context):
    held = HeldBack()
    for message in ("head", "controls"):
        context._enqueue(message)
    with held.passing():
        context._enqueue("picture")
    context._enqueue("below")
    assert context.sent == ["picture"]
    held.release()
    with held.passing():
        context._enqueue("another picture")
    context._enqueue("charts")
    assert context.sent == ["picture", "head", "controls", "below", "another picture", "charts"]


@pytest.mark.parametrize(("problem", "sent"), [(KeyError, ["head"]), (StopException, []), (None, [])])
def test_after_a_run_nothing_is_held_back_whatever_ended_it(context, problem, sent):
    """What a visitor has left, by one of Streamlit's control exceptions, is dropped: the next run draws it anew."""
    try:
        with nothing_stays_back():
            HeldBack()
            context._enqueue("head")
            if problem is not None:
                raise problem
    except (KeyError, StopException) as raised:
        assert isinstance(raised, problem)
    assert context.sent == sent
    context._enqueue("the next run")
    assert context.sent[-1] == "the next run"
