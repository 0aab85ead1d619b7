"""The density by the Fokker–Planck equation: grid error, annealing, product starts, and where there is none."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.landscapes import LANDSCAPES
from demos.langevin.checks_means import observables
from demos.langevin.comparison import ANNEALED_FLOOR, GRID_FLOOR, evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.potentials import STEPS
from demos.langevin.reference import density_evolution as module
from demos.langevin.reference.short_time import FITS, short_time
from demos.langevin.setup import Setup

CARRIED = ("harmonic", "double_well", "tilted_double_well", "muller_brown", "ring", "three_gaussians", "egg_carton")


def config_of(name: str, start: str) -> LangevinConfig:
    landscape = LANDSCAPES[name]
    x, y = landscape.minima[0].position
    return LangevinConfig(
        potential=name,
        temperature=landscape.kT,
        step=STEPS[name],
        steps=500,
        start=start,
        x0=round(x, 3) + 0.1,
        y0=round(y, 3),
    )


def evolution(config: LangevinConfig, *endpoints: float):
    return evolution_of(Setup.of(config), endpoints)


@pytest.mark.parametrize("start", ["point", "cloud", "box"])
@pytest.mark.parametrize("name", CARRIED)
def test_half_the_cells_change_less_than_the_floor(name, start, monkeypatch):
    config, found = config_of(name, start), []
    for cells in (80, 160):
        monkeypatch.setattr(module, "CELLS", (cells,))
        module.density_evolution.cache_clear()
        found.append(evolution(config, config.duration).distribution_at(config.duration, 0.0))
    module.density_evolution.cache_clear()
    coarse, finer = found
    for observable, function in observables(LANDSCAPES[name]).items():
        fine, spread = finer.mean_and_spread(function)
        border = coarse.border(function) if observable.startswith("fraction") else 0.0
        assert abs(coarse.mean(function) - fine) <= GRID_FLOOR * spread + border, observable


def test_densities_keep_their_mass_and_their_free_energy_falls():
    found = evolution(LangevinConfig(), 10.0)
    assert found.densities.sum(axis=(1, 2)) * found.grid.cell == pytest.approx(np.ones(len(found.times)), abs=1e-12)
    assert (found.densities >= 0).all()
    assert (np.diff(found.free_energy) <= 1e-12).all()


def test_equilibrium_stays():
    config = LangevinConfig(start="equilibrium", potential="three_gaussians", temperature=1.0)
    densities = evolution(config, 10.0).densities
    assert np.abs(densities[-1] - densities[0]).max() < 1e-9 * densities.max()


def test_annealing_follows_the_schedule():
    """A quadratic with a falling temperature: d⟨x·Hx⟩/dt has the exact solution of an Ornstein–Uhlenbeck process."""
    config = LangevinConfig(
        potential="harmonic",
        schedule="linear",
        temperature=1.0,
        cold=0.1,
        step=0.01,
        steps=300,
        start="equilibrium",
        x0=0.0,
    )
    found = evolution(config, 3.0).distribution_at(3.0, 0.0)
    # along the stiff axis, k = 9: dS/dt = −2kS + 2kT(t), S(0) = T(0)/k, T = 1 − 0.3 t
    k, rate = 9.0, -0.3
    exact = (1 + rate * 3) / k - rate / (2 * k * k) * (1 - np.exp(-2 * k * 3))
    angle = np.radians(30)
    across, spread = found.mean_and_spread(lambda x: (-np.sin(angle) * x[:, 0] + np.cos(angle) * x[:, 1]) ** 2)
    assert abs(across - exact) <= ANNEALED_FLOOR * spread


@pytest.mark.parametrize("spread", [0.001, 0.02])
def test_a_cloud_narrower_than_a_cell_is_as_narrow_as_that(spread):
    """A quadratic: the variance along y of a cloud around the origin is an Ornstein–Uhlenbeck process's."""
    t = 3e-4
    config = LangevinConfig(potential="harmonic", temperature=1.0, start="cloud", spread=spread, x0=0.0)
    setup = Setup.of(config)
    k, axes = np.linalg.eigh(setup.hessian)
    variances = axes**2 @ (spread**2 * np.exp(-2 * k * t) + (1 - np.exp(-2 * k * t)) / k)
    square, _ = evolution(config, t).distribution_at(t, 0.0).mean_and_spread(lambda x: x[:, 1] ** 2)
    assert square == pytest.approx(variances[1], rel=2 * GRID_FLOOR)


@pytest.mark.parametrize("spread", [0.0, 0.02])
def test_before_the_grid_resolves_it_the_density_is_that_of_many_particles(spread):
    """From a place between two wells, where a Gaussian holds for a fraction of the time that the grid would need."""
    landscape, place, kT = LANDSCAPES["three_gaussians"], (0.3, 0.4), 1.0
    cell = 0.05
    found = short_time(landscape, place, lambda t: kT, (cell, cell), spread)
    assert found is not None
    random, steps = np.random.default_rng(0), 20
    x = np.array(place) + spread * random.standard_normal((40_000, 2))
    h = found.until / steps
    for _ in range(steps):
        kick = np.sqrt(2 * kT * h) * random.standard_normal(x.shape)
        force = -landscape.gradient(torch.from_numpy(x)).numpy()
        x = x + h / 2 * (force - landscape.gradient(torch.from_numpy(x + h * force + kick)).numpy()) + kick
    mean, covariance = found.moments(found.until)
    widths = np.sqrt(np.diag(covariance))
    assert (np.abs(x.mean(0) - mean) < (FITS + 5 / np.sqrt(len(x))) * widths).all()
    error = 2 * FITS + 5 * np.sqrt(2 / len(x))
    assert (np.abs(np.cov(x.T) - covariance) < error * np.outer(widths, widths)).all()
    assert short_time(landscape, place, lambda t: kT, (0.2, 0.2), spread) is None  # longer it does not hold


def test_at_a_kink_there_is_none_before_the_grid_resolves_it():
    config = LangevinConfig(potential="formula", formula="abs(x) + y**2", start="cloud", spread=0.003, x0=0.0)
    assert evolution(config, 0.0025) is None and evolution(config, 1.0) is not None


def test_too_narrow_for_a_grid_is_none():
    assert evolution(LangevinConfig(potential="funnel", temperature=1.0, x0=0.0), 1.0) is None


@pytest.mark.parametrize(
    ("name", "start", "schedule"),
    [
        ("double_well", "point", "constant"),
        ("double_well", "box", "linear"),
        ("tilted_double_well", "cloud", "constant"),
        ("tilted_double_well", "equilibrium", "linear"),
        ("egg_carton", "point", "linear"),
        ("egg_carton", "cloud", "linear"),
        ("egg_carton", "box", "constant"),
    ],
)
def test_an_axis_at_a_time_is_the_density_in_the_plane(name, start, schedule):
    """U = f(x) + g(y): the product of two densities on lines, against the equation on the whole grid."""
    config, kT = config_of(name, start).replace(schedule=schedule, steps=200), LANDSCAPES[name].kT
    setup, whole = Setup.of(config), replace(LANDSCAPES[name], separable=None)
    product, rate = evolution_of(setup, (config.duration,)), module.relaxation_rate(LANDSCAPES[name], kT)
    plane = evolution_of(replace(setup, landscape=whole), (config.duration,))
    assert (np.abs(product.densities - plane.densities).sum(axis=(1, 2)) * plane.grid.cell).max() < 1e-8
    assert rate == pytest.approx(module.relaxation_rate(whole, kT), rel=1e-9)


def test_between_two_times_densities_are_linear():
    found = evolution(LangevinConfig(), 10.0)
    t = 0.5 * (found.times[3] + found.times[4])
    assert found.density_at(t) == pytest.approx(0.5 * (found.densities[3] + found.densities[4]))
    assert found.marginals_x_at(found.times[[7, 0, 9]]) == pytest.approx(found.marginals_x[[7, 0, 9]])
    assert found.marginals_x_at(np.array([t]))[0] == pytest.approx(0.5 * (found.marginals_x[3] + found.marginals_x[4]))
