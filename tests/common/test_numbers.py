"""Numbers for people."""

import math

import pytest

from demos.common.numbers import counted, number


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.25, None, "0.250"),
        (-1234.5678, 1, "−1,234.6"),
        (0.0, None, "0"),
        (-0.0001, 2, "0.00"),  # never −0.00
        (1.5e-7, None, "1.50 × 10⁻⁷"),
        (9.999e-7, None, "1.00 × 10⁻⁶"),
        (9.994e-7, None, "9.99 × 10⁻⁷"),
        (6.02e23, None, "6.02 × 10²³"),
        (math.nan, 2, "undefined"),
        (-math.inf, None, "−infinite"),
        (123456.0, None, "123,000"),
    ],
)
def test_numbers(value, decimals, text):
    assert number(value, decimals) == text


def test_one_of_a_thing_is_singular() -> None:
    assert [counted(count, "step") for count in (0, 1, 2, 1_200)] == ["0 steps", "1 step", "2 steps", "1,200 steps"]
