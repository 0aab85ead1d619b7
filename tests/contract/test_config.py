"""What a config makes of values that are not allowed, and of fields that make no sense."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from demos.contract import Chart, Check, Config, Control, choice, flag, number, text, whole


@dataclass(frozen=True)
class Small(Config):
    rate: float = number(1.0, "Rate", low=0.0, high=2.0)
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)
    kind: str = choice("a", "Kind", {"a": "A", "b": "B"})
    words: str = text("", "Words", 5)
    law: bool = flag(False, "Law")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"seed": 2**31}, "allowed is 0 to 2,147,483,647."),  # all digits
        ({"seed": 1.5}, "not a whole number"),
        ({"rate": True}, "rate = True is not a number"),
        ({"seed": False}, "seed = False is not a number"),
        ({"rate": float("nan")}, "out of range"),
        ({"rate": 10**400}, "not a number"),
        ({"words": 5}, "words = 5 is not a text"),
        ({"words": "longer"}, "longer than 5 characters"),
        ({"kind": 1}, "kind = 1 is not one of: a, b"),
        ({"law": 1}, "law = 1 is not true or false"),
    ],
)
def test_values_that_are_not_allowed(given, says):
    with pytest.raises(ValueError) as refused:
        Small(**given)
    assert says in str(refused.value)
    config, words = Small.read(given)
    assert config == Small() and words == (str(refused.value),)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kind": "integer"}, "kind = 'integer'"),
        ({"kind": "number", "scale": "Log"}, "scale = 'Log'"),
        ({"kind": "number", "low": 1.0, "high": 0.0}, "must rise"),
        ({"kind": "number", "low": 0.0, "high": 1.0, "scale": "log"}, "begin above 0"),
    ],
)
def test_controls_that_make_no_sense(arguments, says):
    with pytest.raises(ValueError, match=says):
        Control(label="Rate", **arguments)


def test_a_field_without_a_control_is_named():
    @dataclass(frozen=True)
    class Bare(Config):
        points: int = 200

    with pytest.raises(ValueError, match=r"Bare\.points must be made by one of: number, whole"):
        Bare()


@pytest.mark.parametrize("fields", [{"about": "Picture"}, {"bound": "above"}])
def test_a_row_that_a_verdict_would_lose_is_refused(fields):
    with pytest.raises(ValueError, match="of the row 'x' must be"):
        Check("x", 1.0, 1.0, **fields)


def test_a_chart_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="kind = 'line' of the chart 'Energy'"):
        Chart("energy", "Energy", "t", "E", "t", "E", "", kind="line")
