"""Densities in phase space: against closed forms, equilibrium, and other code."""

import numpy as np
import pytest

from demos.landscapes import LANDSCAPES
from demos.langevin.exact.phase_density import PhaseGrid, maxwell, moved_densities, start_weights
from demos.langevin.exact.quadratic import splitting_step

WORDS = ("baoab", "aboba", "obabo", "lfmiddle", "ORVRO", "VRO")
K, KT, GAMMA, MASS, H = 2.0, 0.25, 0.5, 1.3, 0.1


def grid_of(shape=(128, 64), reach=3.0):
    return PhaseGrid.of(-reach, reach, 7 * np.sqrt(MASS * KT), shape)


@pytest.mark.parametrize("word", WORDS)
def test_moments_on_a_quadratic_potential_are_those_of_the_closed_form(word):
    grid, steps = grid_of(), (3, 20, 45)
    first = np.multiply.outer(maxwell(grid.ps, KT, MASS), start_weights(grid.xs, "point", -0.7, 0.0))
    found = moved_densities(grid, first, lambda x: K * x, word, H, steps, KT, GAMMA, MASS)
    one = splitting_step(word, H, np.sqrt(K / MASS), GAMMA, KT, MASS)
    for n, density in zip(steps, found, strict=True):
        run = one.power(n)
        mean = run.matrix @ [-0.7, 0.0]
        covariance = run.matrix @ np.diag([0.0, MASS * KT]) @ run.matrix.T + run.noise
        x, p = density.sum(axis=0), density.sum(axis=1)
        joint = (grid.ps - mean[1]) @ density @ (grid.xs - mean[0])
        seen = [x @ (grid.xs - mean[0]) ** 2, joint, p @ (grid.ps - mean[1]) ** 2]
        assert density.sum() == pytest.approx(1, abs=1e-5)
        assert (x @ grid.xs, p @ grid.ps) == pytest.approx(tuple(mean), abs=1e-5)
        assert seen == pytest.approx([covariance[0, 0], covariance[0, 1], covariance[1, 1]], abs=1e-4 * KT)


def test_short_steps_leave_equilibrium_as_it_is():
    profile, grid = LANDSCAPES["double_well"].separable[0], grid_of(reach=1.9)
    x = np.exp(-profile(grid.xs) / KT)
    first = np.multiply.outer(maxwell(grid.ps, KT, MASS), x / x.sum())
    [after] = moved_densities(grid, first, profile.derivative, "baoab", 0.01, (100,), KT, GAMMA, MASS)
    assert np.abs(after - first).sum() < 1e-4


@pytest.mark.parametrize(
    ("kind", "width", "variance"), [("point", 0, 0), ("gaussian", 0.3, 0.09), ("uniform", 0.6, 0.12)]
)
def test_the_weights_of_a_start_have_its_moments(kind, width, variance):
    xs = grid_of().xs
    weights = start_weights(xs, kind, 0.11, width)
    assert weights.sum() == pytest.approx(1)
    assert weights @ xs == pytest.approx(0.11, abs=1e-7)
    assert weights @ (xs - 0.11) ** 2 == pytest.approx(variance, abs=1e-6)
