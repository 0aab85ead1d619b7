"""Tests of the widgets' scales: options, steps, decimals and marks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.frame.numbers import log_ticks, power_of_ten
from dashboard.frame.widgets import along, digits, linear_step, log_options, marks_html, short_number

positive = some.floats(1e-9, 1e9)


@given(positive, positive, some.floats(0, 1), some.booleans())
def test_log_options_hold_both_ends_and_the_present_value(one, other, where, whole):
    low, high = sorted((one, other))
    if whole:
        low, high = math.ceil(low), math.ceil(high) + 1
    if high <= low * 1.001:
        return
    value = min(high, max(low, low * (high / low) ** where))
    value = int(value) if whole else value
    options = log_options(low, high, value, whole)
    assert options[0] == low and options[-1] == high and value in options
    assert options == sorted(set(options)) and len(options) < 80
    assert len({short_number(option) for option in options}) == len(options)
    assert all(type(option) is (int if whole else float) for option in options)


def test_log_options_are_the_numbers_that_a_person_types():
    assert log_options(0.001, 1.0, 0.1) == [0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.007, 0.01, 0.015, 0.02] + [
        0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0,
    ]  # fmt: skip
    assert log_options(10, 20_000, 500, whole=True)[:5] == [10, 20, 50, 100, 200]
    assert 0.0123 in log_options(0.001, 1.0, 0.0123)


@pytest.mark.parametrize(
    ("low", "high", "step"), [(0, 1, 0.01), (0, 2, 0.02), (-3, 3, 0.05), (0, 360, 2.0), (0, 7e-4, 5e-6)]
)
def test_linear_steps_are_round(low, high, step):
    assert linear_step(low, high) == step


@pytest.mark.parametrize(("step", "count"), [(1.0, 0), (0.5, 1), (0.05, 2), (0.0001, 4), (0.25, 2)])
def test_digits(step, count):
    assert digits(step) == count


def test_short_numbers():
    values = (0.1, 20000, 1e-5, 0.100000000001)
    assert [short_number(value) for value in values] == ["0.1", "20,000", "1e-05", "0.100000000001"]


def test_log_ticks_are_few_and_round():
    assert log_ticks(0.009, 0.25) == [0.01, 0.02, 0.05, 0.1, 0.2]
    assert log_ticks(2e-5, 0.1) == [1e-4, 1e-3, 1e-2, 0.1]
    assert len(log_ticks(1e-12, 1.0)) <= 7
    for low, high in ((0.08, 0.19), (0.3, 0.9), (0.02, 0.11), (1.0, 9.0)):  # ranges within a decade
        assert 3 <= len(log_ticks(low, high)) <= 7
    assert [power_of_ten(value) for value in (0.01, 2e-5, 1e-3, 1e4, 50.0)] == ["0.01", "2 × 10⁻⁵", "10⁻³", "10⁴", "50"]


def test_marks_stand_where_their_values_are():
    options = log_options(0.01, 1.0, 0.1)
    for i, option in enumerate(options):
        assert along(option, options) == pytest.approx(i / (len(options) - 1))
    low, high = along(0.1, options), along(options[options.index(0.1) + 1], options)
    assert low < along(0.1 * 1.1, options) < high
    html = marks_html([(0.25, "2/L"), (1.0, "<b>σ_0</b>")])
    assert "--at: 0.2500" in html and "&lt;b&gt;" in html and "2/L" in html


def test_names_of_marks_that_would_overlap_stand_on_two_lines():
    assert marks_html([(0.0, "ODE"), (0.1, "reverse SDE")]).count("gf-low") == 1
    assert "gf-low" not in marks_html([(0.0, "ODE"), (1.0, "reverse SDE")])
