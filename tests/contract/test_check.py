"""What a row says: truth and prediction apart, and no way to agree for what is broken."""

import math

import pytest

from demos.contract.check import Check, State, worst


def row(measured, truth, **rest):
    return Check("x", measured, truth, **rest)


@pytest.mark.parametrize(
    ("check", "state"),
    [
        (row(1.0, 1.0), State.AGREES),
        (row(1.1, 1.0), State.DIFFERS),
        (row(1.1, 1.0, uncertainty=0.03), State.AGREES),
        (row(1.1, 1.0, uncertainty=0.02), State.DIFFERS),
        (row(1.1, 1.0, floor=0.2), State.AGREES),
        (row(math.nan, 1.0, floor=math.inf), State.DIFFERS),
        (row(math.inf, 1.0, uncertainty=1e9), State.DIFFERS),
        (row(math.nan, 1.0, explained="because"), State.DIFFERS),
        # the step predicts a bias: met, missed in either direction, and too small to be seen
        (row(1.05, 1.0, uncertainty=0.01, predicted=1.053), State.PREDICTED),
        (row(1.00, 1.0, uncertainty=0.01, predicted=1.053), State.DIFFERS),
        (row(1.20, 1.0, uncertainty=0.01, predicted=1.053), State.DIFFERS),
        (row(1.05, 1.0, uncertainty=0.02, predicted=1.053), State.AGREES),
        # a prediction without a truth, neither, and a reason not to compare
        (row(1.0, None, predicted=1.0), State.AGREES),
        (row(2.0, None, predicted=1.0), State.DIFFERS),
        (row(1.0, None), State.NO_TRUTH),
        (row(1.0, 1.0, incomparable="diverged"), State.NOT_COMPARABLE),
        # explained without a number
        (row(2.0, 1.0, explained="a minimum, not the lowest"), State.PREDICTED),
        # bounds
        (row(0.5, 1.0, bound="upper"), State.AGREES),
        (row(1.5, 1.0, bound="upper"), State.DIFFERS),
        (row(1.5, 1.0, bound="lower"), State.AGREES),
        (row(0.5, 1.0, bound="lower"), State.DIFFERS),
    ],
)
def test_state(check, state):
    assert check.state is state


def test_the_error_of_a_prediction_counts_only_beside_the_prediction():
    check = row(1.05, 1.0, uncertainty=0.003, predicted=1.07, predicted_error=0.02)
    assert check.meets_prediction and not check.meets_truth
    assert check.state is State.PREDICTED


def test_an_error_of_few_replicas_widens_what_the_prediction_allows_and_not_the_error():
    values = {"uncertainty": 0.1, "predicted": 0.5}
    exact, few = row(1.0, 0.0, **values), row(1.0, 0.0, **values, predicted_sigmas=6.0)
    assert (exact.state, few.state) == (State.DIFFERS, State.PREDICTED)
    assert few.z == exact.z == pytest.approx(5)
    assert not row(1.0, 0.5, uncertainty=0.1, predicted=3.0, predicted_sigmas=6.0).meets_truth


def test_worst_decides():
    assert worst((State.AGREES, State.PREDICTED)) is State.PREDICTED
    assert worst((State.AGREES, State.NOT_COMPARABLE, State.PREDICTED)) is State.NOT_COMPARABLE
    assert worst(tuple(State)) is State.DIFFERS
    assert worst(()) is State.NO_TRUTH
