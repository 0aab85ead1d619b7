"""The Fokker–Planck law of a config: grid error, annealing, and what it is told when it cannot be had."""

from dataclasses import replace

import numpy as np
import pytest

from demos.landscapes import LANDSCAPES
from demos.langevin import motion as module
from demos.langevin.checks import observables
from demos.langevin.config import STEPS, LangevinConfig
from demos.langevin.motion import motion
from demos.langevin.truth import ANNEALED_FLOOR, GRID_FLOOR

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


@pytest.mark.parametrize("start", ["point", "cloud", "box"])
@pytest.mark.parametrize("name", CARRIED)
def test_half_the_cells_change_less_than_the_floor(name, start, monkeypatch):
    config, laws = config_of(name, start), []
    for cells in (80, 160):
        monkeypatch.setattr(module, "CELLS", (cells,))
        module._motion.cache_clear()
        laws.append(motion(config, (config.duration,)).law(config.duration, 0.0))
    module._motion.cache_clear()
    for observable, function in observables(LANDSCAPES[name]).items():
        fine, spread = laws[1].mean_and_spread(function)
        border = laws[0].border(function) if observable.startswith("share") else 0.0
        assert abs(laws[0].mean(function) - fine) <= GRID_FLOOR * spread + border, observable


def test_laws_keep_their_mass_and_their_free_energy_falls():
    config = LangevinConfig()
    law = motion(config, (10.0,))
    assert law.laws.sum(axis=(1, 2)) * law.grid.cell == pytest.approx(np.ones(len(law.times)), abs=1e-12)
    assert (law.laws >= 0).all()
    assert (np.diff(law.free_energy) <= 1e-12).all()


def test_equilibrium_stays():
    config = LangevinConfig(start="equilibrium", potential="three_gaussians", temperature=1.0)
    law = motion(config, (10.0,))
    assert np.abs(law.laws[-1] - law.laws[0]).max() < 1e-9 * law.laws.max()


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
    law = motion(config, (3.0,)).law(3.0, 0.0)
    # along the stiff axis, k = 9: dS/dt = −2kS + 2kT(t), S(0) = T(0)/k, T = 1 − 0.3 t
    k, slope = 9.0, -0.3
    exact = (1 + slope * 3) / k - slope / (2 * k * k) * (1 - np.exp(-2 * k * 3))
    angle = np.radians(30)
    across, spread = law.mean_and_spread(lambda x: (-np.sin(angle) * x[:, 0] + np.cos(angle) * x[:, 1]) ** 2)
    assert abs(across - exact) <= ANNEALED_FLOOR * spread


def test_too_narrow_for_a_grid_is_none():
    assert motion(LangevinConfig(potential="funnel", temperature=1.0, x0=0.0), (1.0,)) is None


@pytest.mark.parametrize("schedule", ["constant", "linear"])
@pytest.mark.parametrize("start", ["point", "cloud", "box", "equilibrium"])
@pytest.mark.parametrize("name", ["double_well", "tilted_double_well", "egg_carton"])
def test_an_axis_at_a_time_is_the_law_in_the_plane(name, start, schedule, monkeypatch):
    """U = f(x) + g(y): the product of two laws on lines, against the equation on the whole grid."""
    config, kT = config_of(name, start).replace(schedule=schedule, steps=200), LANDSCAPES[name].kT
    product, rate = motion(config, (config.duration,)), module.relaxation_rate(LANDSCAPES[name], kT)
    whole = replace(LANDSCAPES[name], separable=None)
    monkeypatch.setattr(module, "landscape_of", lambda config: whole)
    plane = motion(config, (config.duration,))
    assert (np.abs(product.laws - plane.laws).sum(axis=(1, 2)) * plane.grid.cell).max() < 1e-8
    assert rate == pytest.approx(module.relaxation_rate(whole, kT), rel=1e-9)


def test_a_law_between_two_kept_times_is_in_between():
    law = motion(LangevinConfig(), (10.0,))
    t = 0.5 * (law.times[3] + law.times[4])
    assert law.at(t) == pytest.approx(0.5 * (law.laws[3] + law.laws[4]))
    assert law.marginal_x_at(law.times[7]) == pytest.approx(law.marginal_x[7])
