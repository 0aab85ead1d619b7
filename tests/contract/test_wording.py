"""Rows in words: digits that the comparison needs, and what each state says."""

import math

import pytest

from demos.contract import Check
from demos.contract.wording import difference_of, judgement, predicted_error_of, shown, truth_of


def numbers(check):
    return shown(check, check.measured), truth_of(check), difference_of(check)


def test_digits_follow_the_uncertainty():
    assert numbers(Check("U", 0.251234, 0.25, uncertainty=0.0011)) == ("0.2512", "0.2500", "0.0012 (+0.49 %)")


def test_three_digits_unless_more_are_needed():
    assert numbers(Check("U", 2.5, 2.5)) == ("2.50", "2.50", "0")
    assert shown(Check("mean", 0.0003, 0.0, uncertainty=0.012), 0.0003) == "0.000"


def test_counts_are_whole_and_what_vanishes_shows_its_size():
    assert numbers(Check("ways down", 6.0, 6.0)) == ("6", "6", "0")
    assert numbers(Check("torque", 2.5e-14, 0.0, floor=1e-12))[1] == "0"
    assert numbers(Check("balance", -0.00037, 0.0, floor=1e-3))[:2] == ("−0.00037", "0")


def test_a_small_truth_beside_a_large_measured_value_is_not_zero():
    assert truth_of(Check("loss", 3.2e6, 0.255, uncertainty=4e4)) == "0.26"


def test_a_number_far_off_has_no_more_digits_than_matter():
    assert shown(Check("⟨U⟩", 2365.0574, 3.936, uncertainty=0.04), 2365.0574) == "2,365.1"


def test_rounding_is_not_a_difference():
    assert difference_of(Check("x", 1.0 + 4e-16, 1.0)) == "0"


@pytest.mark.parametrize(("uncertainty", "text"), [(0.0, " ± 0.16"), (0.05, " ± 0.16"), (0.2, "")])
def test_the_error_of_a_prediction_is_shown_where_it_decides(uncertainty, text):
    check = Check("E − E*", 0.0835, 0.0, uncertainty=uncertainty, predicted=0.478, predicted_error=0.16)
    assert check.meets_prediction and predicted_error_of(check) == text


def test_bounds_and_missing_truths():
    assert truth_of(Check("F", 0.25, 1.0, bound="upper")).startswith("≤")
    assert truth_of(Check("F", 0.25, 0.0, bound="lower")).startswith("≥")
    assert truth_of(Check("F", 0.25, None)) == difference_of(Check("F", 0.25, None)) == "–"


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (Check("", 0.31, 0.25, uncertainty=0.05), "1.2 s.e."),
        (Check("", 0.60, 0.25, uncertainty=0.05), "7.0 standard errors"),
        (Check("", 1.1, 1.0, floor=0.01), "0.10"),
        (Check("", math.nan, 2.0, uncertainty=1.0), "not finite"),
        (Check("", 1.05, 1.0, predicted=1.05, predicted_by="this step"), "this step"),
        (Check("", 5.8, 0.0, explained="a minimum, not the lowest"), "a minimum, not the lowest"),
        (Check("", 1.0, 1.0, incomparable="not at rest"), "not at rest"),
        (Check("", 1.0, None, why="no table at this steepness"), "no table at this steepness"),
    ],
)
def test_judgement_names_what_decides(check, number):
    assert number in judgement(check)
