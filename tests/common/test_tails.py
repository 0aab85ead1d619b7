"""Tail probabilities against SciPy's own, which computes them in another way."""

import pytest
from scipy.stats import chi2, kstwo

from demos.common.tails import (
    chi_squared_cdf,
    chi_squared_exceeded_with,
    kolmogorov_chance,
    kolmogorov_exceeded_with,
    student_exceeded_with,
)


@pytest.mark.parametrize("freedom", [1, 7, 400])
def test_chi_squared_is_scipys(freedom):
    assert chi_squared_cdf(1.1 * freedom, freedom) == pytest.approx(chi2.cdf(1.1 * freedom, freedom), rel=1e-9)
    assert chi_squared_exceeded_with(1e-4, freedom) == pytest.approx(chi2.isf(1e-4, freedom), rel=1e-9)


@pytest.mark.parametrize("count", [20, 64, 2_000])
@pytest.mark.parametrize("chance", [0.5, 0.05, 1e-3, 6.3e-5, 1e-6])
def test_the_kolmogorov_distribution_is_right_to_three_per_cent(count, chance):
    gap = float(kstwo.isf(chance, count))
    assert kolmogorov_chance(gap, count) == pytest.approx(chance, rel=0.03)
    assert kolmogorov_exceeded_with(chance, count) == pytest.approx(gap, rel=0.012)


def test_students_quantile():
    assert student_exceeded_with(0.025, 4.0) == pytest.approx(2.776445, rel=1e-6)  # any table
    assert student_exceeded_with(3.17e-5, 1e7) == pytest.approx(4.0, abs=2e-3)
