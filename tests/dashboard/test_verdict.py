"""Tests of the verdict's HTML: states as CSS classes, only the columns that are needed, texts of rows escaped."""

import pytest

from demos.contract import Check, State, Verdict
from demos.contract.markup import headline, self_tests, table

EVIL = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("check", "state"),
    [
        (Check("x", 1.0, 1.0), State.AGREES),
        (Check("x", 2.0, 1.0), State.DIFFERS),
        (Check("x", 1.05, 1.0, predicted=1.05), State.PREDICTED),
        (Check("x", 1.0, 1.0, incomparable="diverged"), State.NOT_COMPARABLE),
        (Check("x", 1.0, None), State.NO_TRUTH),
    ],
)
def test_the_headline_shows_the_state(check, state):
    assert f'data-state="{state.name}"' in headline(Verdict.of("A sentence.", [check]))
    assert f'data-state="{state.name}"' in table([check])


def test_a_failing_self_test_is_seen_in_the_headline():
    checks = [Check("x", 1.0, 1.0), Check("test", 2.0, 1.0, about="code")]
    assert 'data-state="DIFFERS"' in headline(Verdict.of("Fine.", checks))


def test_predictions_have_a_column_where_there_are_any():
    assert "predicted" not in table([Check("x", 1.0, 1.0)])
    assert "predicted" in table([Check("x", 1.0, 1.0), Check("y", 1.05, 1.0, predicted=1.05)])


def test_self_tests_are_one_line():
    test = Check("test", 1.0, 1.0, about="code")
    assert self_tests(Verdict.of("", [])) == ""
    assert self_tests(Verdict.of("", [test] * 7)).startswith("7 ")
    assert self_tests(Verdict.of("", [test, Check("t", 2.0, 1.0, about="code")])).startswith("1 of 2 ")


def test_texts_of_a_verdict_are_escaped():
    check = Check(EVIL, 1.0, 1.0, unit=EVIL, source=EVIL, note='"' + EVIL)
    assert "<img" not in table([check]) + headline(Verdict.of(EVIL, [check]))
    assert 'title="&quot;' in table([check])
