"""How a check reads: digits that the comparison needs, a verdict in words, nothing of a check taken as HTML."""

import math

import pytest

from dashboard.frame.checks_table import line, table, verdict
from dashboard.frame.numbers import number
from demos.contract import Check


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


def cells(check):
    row = table([check]).split("<tbody>")[1]
    return [cell.split("</t")[0].split(">", 1)[1] for cell in row.split("<t")[2:]]


def test_digits_follow_the_uncertainty():
    assert cells(Check("U", 0.251234, 0.25, uncertainty=0.0011))[1:4] == [
        '0.2512 <span class="gf-soft">± 0.0011</span>',
        "0.2500",
        "0.0012",
    ]


def test_three_digits_unless_more_are_needed():
    assert cells(Check("U", 2.5, 2.5))[1:4] == ["2.50", "2.50", "0"]
    exact = cells(Check("U", 1.23456789012, 1.23456789, floor=1e-9))
    assert exact[1:3] == ["1.2345678901", "1.2345678900"]
    assert cells(Check("mean", 0.0003, 0.0, uncertainty=0.012))[1].startswith("0.000 ")


def test_counts_are_whole_and_what_vanishes_shows_its_size():
    assert cells(Check("ways down", 6.0, 6.0))[1:4] == ["6", "6", "0"]
    assert cells(Check("torque", 2.5e-14, 0.0, floor=1e-12))[1:3] == ["2.5 × 10⁻¹⁴", "0"]
    assert cells(Check("identity", -0.00037, 0.0, floor=1e-3))[1:3] == ["−0.00037", "0"]
    assert cells(Check("order", 2.0, 2.0, floor=0.1))[1] != "2"


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Check("", 0.31, 0.25, uncertainty=0.05), "agrees within 1.2 σ"),
        (Check("", 0.60, 0.25, uncertainty=0.05), "off by 7.0 σ"),
        (Check("", 1e6, 0.0, uncertainty=1e-3), "off by 1.00 × 10⁹ σ"),
        (Check("", 1.0 + 3e-11, 1.0, floor=1e-10), "agrees, 1.0 × 10⁻¹⁰ allowed"),
        (Check("", 1.1, 1.0, floor=0.01), "off by 0.10, allowed 0.010"),
        (Check("", 2.0, 2.0), "equal"),
        (Check("", math.nan, 2.0, uncertainty=1.0), "not finite"),
        (Check("", 1.05, 1.0, uncertainty=0.01, floor=0.05), "agrees, 0.090 allowed"),
        (Check("", 0.0049, 0.0, floor=1.0), "agrees, 1.0 allowed"),
        (Check("", 0.2, 1.0, uncertainty=0.01, bound=True), "stays below"),
        (Check("", 1.02, 1.0, uncertainty=0.01, bound=True), "agrees within 2.0 σ"),
        (Check("", 1.2, 1.0, uncertainty=0.01, bound=True), "off by 20.0 σ"),
    ],
)
def test_verdicts(check, words):
    assert verdict(check) == words


def test_nothing_is_html():
    evil = "<img src=x onerror=alert(1)>"
    check = Check(evil, 1.0, 1.0, unit=evil, source=evil, note='"' + evil)
    for text in (table([check]), line([check])):
        assert "<img" not in text
    assert 'title="&quot;' in table([check])


def test_the_line_tells_the_failures_first():
    checks = [Check("fine", 1.0, 1.0), Check("wrong", 2.0, 1.0, uncertainty=0.1)]
    text = line(checks)
    assert "1 of 2 agree" in text and text.index("wrong") < text.index("fine")
    assert "gf-differs" in text
    assert "2 of 2 agree" in line([checks[0]] * 2) and "gf-differs" not in line([checks[0]] * 2)


def test_a_bound_is_shown_as_one():
    assert cells(Check("F", 0.25, 1.0, uncertainty=0.01, bound=True))[2] == "≤ 1.000"


def test_the_line_tells_what_broke():
    text = line([Check("fine", 1.0, 1.0)], broken=("Diverged at <step> 5.",))
    assert text.index("1 of 1 agree") < text.index("Diverged at &lt;step&gt; 5.") < text.index("fine")
    assert "Diverged" in line([], broken=("Diverged.",)) and "agree" not in line([])
