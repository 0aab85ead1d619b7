"""Escape times of (x² - 1)²: quadrature, Kramers' formulas and the survival curve, against tabulated values."""

import numpy as np
import pytest

from demos.langevin.exact.escape import eyring_kramers, first_passage, kramers_rate, mean_first_passage


def energy(x):
    return (x**2 - 1) ** 2


# kT: (Eyring-Kramers time, mean passage -1 → 1, -1 → 0)
TIMES = {
    0.05: (538883042, 549661100, 274830550),
    0.10: (24465.252, 25527.091, 12762.676),
    0.15: (872.7733, 935.9321, 467.1754),
    0.20: (164.8456, 182.4177, 90.4759),
    0.25: (60.6433, 69.2636, 33.9457),
    0.30: (31.1353, 36.5837, 17.6460),
    0.40: (13.5314, 16.5671, 7.7053),
    0.50: (8.2072, 10.2586, 4.6065),
}


@pytest.mark.parametrize("kT, times", TIMES.items())
def test_table_of_escape_times(kT, times):
    assert eyring_kramers(8.0, -4.0, 1.0, kT) == pytest.approx(times[0], rel=1e-5)
    assert mean_first_passage(energy, -1, 1, kT) == pytest.approx(times[1], rel=1e-5)
    assert mean_first_passage(energy, -1, 0, kT) == pytest.approx(times[2], rel=1e-5)


def test_passage_is_symmetric_and_converged():
    right = mean_first_passage(energy, -1, 1, 0.25)
    assert mean_first_passage(energy, 1, -1, 0.25) == pytest.approx(right, rel=1e-12)
    assert mean_first_passage(energy, -1, 1, 0.25, panels=400) == pytest.approx(right, rel=1e-11)
    assert mean_first_passage(energy, -1, 1, 0.25, far=-4) == pytest.approx(right, rel=1e-12)
    assert mean_first_passage(energy, -1, 0, 0.25) + mean_first_passage(energy, 0, 1, 0.25) == pytest.approx(right)


def test_free_diffusion_before_a_reflecting_end():
    """U = 0 on [0, L]: (2L s - s²)/(2 kT) from s beyond the target at distance s from it."""
    assert mean_first_passage(np.zeros_like, 1.0, 3.0, 0.5, far=0.0) == pytest.approx((9 - 1) / (2 * 0.5), rel=1e-12)
    with pytest.raises(ValueError, match="confine"):
        mean_first_passage(np.zeros_like, 1.0, 3.0, 0.5)


def test_a_tilted_well_takes_longer_from_its_deep_side():
    def tilted(x):
        return energy(x) + 0.2 * x

    out, back = (mean_first_passage(tilted, a, -a, 0.1) for a in (-1.0, 1.0))
    assert out / back == pytest.approx(np.exp(0.4 / 0.1), rel=0.15)


def test_eyring_kramers_in_more_dimensions():
    one = eyring_kramers(8.0, -4.0, 1.0, 0.25)
    assert one == pytest.approx(1.1107207345 * np.exp(4), rel=1e-9)
    assert eyring_kramers(np.diag([8.0, 2.0]), np.diag([-4.0, 2.0]), 1.0, 0.25) == pytest.approx(one, rel=1e-12)
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    narrow = eyring_kramers(turn @ np.diag([8.0, 2.0]) @ turn.T, turn @ np.diag([-4.0, 8.0]) @ turn.T, 1.0, 0.25)
    assert narrow == pytest.approx(2 * one, rel=1e-12)  # a saddle twice as narrow
    with pytest.raises(ValueError, match="saddle"):
        eyring_kramers(8.0, 4.0, 1.0, 0.25)


def test_underdamped_prefactors():
    for gamma, prefactor in ((1, 0.351473), (4, 0.186462), (10, 0.086693)):
        assert kramers_rate(8, -4, 1, 0.25, gamma) * np.exp(4) == pytest.approx(prefactor, abs=5e-7)
    strong = 1e5
    assert kramers_rate(8, -4, 1, 0.25, strong) * strong * eyring_kramers(8.0, -4.0, 1.0, 0.25) == pytest.approx(1)
    assert kramers_rate(8, -4, 1, 0.25, 0) * np.exp(4) == pytest.approx(np.sqrt(8) / (2 * np.pi))


@pytest.mark.parametrize("kT", [0.1, 0.15, 0.25, 0.5])
@pytest.mark.parametrize("target", [0, 1])
def test_survival_curve(kT, target):
    law = first_passage(energy, -1, target, kT)
    assert law.mean == pytest.approx(mean_first_passage(energy, -1, target, kT), rel=3e-6)
    assert law.amplitudes.sum() == pytest.approx(1, abs=1e-12)
    times = np.linspace(0, 3 / law.tail_rate, 20_001)
    survival, density = law.survival(times), law.density(times)
    assert (np.diff(survival) <= 1e-12).all() and survival[0] == pytest.approx(1)
    assert np.trapezoid(density, times) == pytest.approx(1 - survival[-1], abs=1e-4)
    # reaching the top of the barrier ends half of the attempts, so it happens at twice the rate of crossing
    assert survival[-1] == pytest.approx(np.exp(-3), rel=0.2)


def test_first_passage_names_what_it_cannot_do():
    with pytest.raises(ValueError, match="differ"):
        first_passage(energy, 1, 1, 0.25)
    with pytest.raises(ValueError, match="above the lowest"):
        first_passage(energy, -3, 1, 0.05, far=-3.5)
    with pytest.raises(ValueError, match="behind"):
        first_passage(energy, -1, 1, 0.25, far=0.5)
