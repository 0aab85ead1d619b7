"""Cooling schedules: both ends, the closed forms in between, and refusals."""

import math
import pickle

import numpy as np
import pytest

from demos.common.schedules import KINDS, Cooling


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cold", [0.05, 3.0])
def test_a_schedule_goes_from_hot_to_cold_and_stays_there(kind, cold):
    kT = Cooling(kind, 1.0, cold, 10.0)
    values = [kT(t) for t in np.linspace(-1, 12, 66)]
    assert values[0] == kT(0.0) == pytest.approx(1.0)
    assert kT(10.0) == kT(12.0) == pytest.approx(cold)
    assert (np.diff(values) * np.sign(cold - 1.0) >= -1e-12).all()
    assert (kT.hottest, kT.coldest) == (max(1.0, cold), min(1.0, cold))


def test_closed_forms_half_way():
    assert Cooling("linear", 1.0, 0.2, 4.0)(2.0) == pytest.approx(0.6)
    assert Cooling("exponential", 1.0, 0.04, 4.0)(2.0) == pytest.approx(0.2)
    share = math.log(3.0) / math.log(5.0)
    assert 1 / Cooling("logarithmic", 1.0, 0.2, 4.0)(2.0) == pytest.approx(1 + 4 * share)


def test_schedules_are_values():
    one = Cooling("linear", 1.0, 0.2, 4.0)
    assert pickle.loads(pickle.dumps(one)) == one and len({one, Cooling("linear", 1.0, 0.2, 4.0)}) == 1


@pytest.mark.parametrize(
    "values", [("quadratic", 1, 1, 1), ("linear", 0, 1, 1), ("linear", 1, math.nan, 1), ("linear", 1, 1, 0)]
)
def test_bad_schedules_are_refused(values):
    with pytest.raises(ValueError):
        Cooling(*values)
