"""The free energy of a cloud: beside the exact law's, at its floor in equilibrium, untold where bins are too wide."""

import numpy as np
import pytest

from demos.langevin.cloud_energy import cloud_energy
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.motion import motion
from demos.langevin.run import run
from demos.langevin.simulate import equilibrium_points, simulate

CONFIGS = [
    LangevinConfig(particles=10_000),
    LangevinConfig(
        potential="formula",
        formula="(x**2 + y**2 - 2)**2/2 + x*y/2",
        temperature=0.2,
        step=0.01,
        steps=400,
        x0=1.0,
        y0=0.5,
        particles=10_000,
    ),
]


def measured(config, states=None):
    path = simulate(config)[0].path
    law = motion(config, (float(path.times[-1]),))
    found = cloud_energy(landscape_of(config), path.states.numpy() if states is None else states, law)
    times = path.times.numpy()[found.frames] if states is None else None
    return found, law, times


@pytest.mark.parametrize("config", CONFIGS, ids=["double_well", "formula"])
def test_it_falls_along_the_exact_law(config):
    """Above it by the noise's floor, below by what lies inside a bin; the noise of N particles is √(2F kT/N), and more
    where the law is far from equilibrium: its slope there is ln(ρ/π), at most ln of the barrier's height."""
    found, law, times = measured(config)
    told = np.isfinite(found.values) & (times > 0.3)
    assert told.sum() > 30
    exact = np.interp(times, law.times, law.free_energy)
    noise = 5 * config.temperature * 2 / np.sqrt(config.particles)
    assert (np.abs(found.values - found.floor - exact)[told] < noise + 0.04 * exact[told]).all()
    assert found.floor < 0.02 * config.temperature * 2


@pytest.mark.parametrize("config", CONFIGS, ids=["double_well", "formula"])
def test_a_cloud_in_equilibrium_shows_its_floor(config):
    """The mean over 40 clouds of 500, whose spread tells its error."""
    random = np.random.default_rng(3)
    points = equilibrium_points(landscape_of(config), config.temperature, 41 * 500, random).reshape(41, 500, 2)
    found, _, _ = measured(config, points)
    error = found.values.std(ddof=1) / np.sqrt(len(found.values))
    assert abs(found.values.mean() - found.floor) < 5 * error + 0.02 * found.floor


def test_a_wrong_temperature_stays_above_the_floor():
    config = CONFIGS[0]
    points = equilibrium_points(landscape_of(config), 1.25 * config.temperature, 2 * 5_000, np.random.default_rng(3))
    found, _, _ = measured(config, points.reshape(2, 5_000, 2))
    assert found.values[0] > 2 * found.floor


def test_a_cloud_narrower_than_the_bins_tells_nothing():
    found, _, _ = measured(CONFIGS[0], np.full((3, 100, 2), 0.1))
    assert np.isnan(found.values).all()


def test_it_stands_in_the_table_beside_the_exact_one():
    series = run(LangevinConfig(compare=("euler",))).tables["free_energy"]["series"].unique()
    assert {"exact (Fokker–Planck)", "Leimkuhler–Matthews", "Euler–Maruyama", "sampling floor"} <= set(series)
