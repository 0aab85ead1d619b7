"""The free energy of a cloud: beside the exact one, at its floor in equilibrium, nan where bins are too wide."""

import numpy as np
import pytest

from demos.langevin.comparison import evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.reference.boltzmann import sample_boltzmann
from demos.langevin.reference.cloud_energy import cloud_energy
from demos.langevin.run import run
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

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
    setup = Setup.of(config)
    run = simulate(setup)[0]
    evolution = evolution_of(setup, (run.end,))
    found = cloud_energy(setup.landscape, run.states if states is None else states, evolution)
    return found, evolution, run.times[found.frames] if states is None else None


@pytest.mark.parametrize("config", CONFIGS, ids=["double_well", "formula"])
def test_it_falls_along_the_exact_law(config):
    """Above it by the noise's floor, below by what lies inside a bin; the noise of N particles is √(2F kT/N), and more
    where the law is far from equilibrium: its slope there is ln(ρ/π), at most ln of the barrier's height."""
    found, evolution, times = measured(config)
    valid = np.isfinite(found.values) & (times > 0.3)
    assert valid.sum() > 30
    exact = np.interp(times, evolution.times, evolution.free_energy)
    noise = 5 * config.temperature * 2 / np.sqrt(config.particles)
    assert (np.abs(found.values - found.floor - exact)[valid] < noise + 0.04 * exact[valid]).all()
    assert found.floor < 0.02 * config.temperature * 2


@pytest.mark.parametrize("config", CONFIGS, ids=["double_well", "formula"])
def test_a_cloud_in_equilibrium_shows_its_floor(config):
    """The mean over 40 clouds of 500, whose spread tells its error."""
    random = np.random.default_rng(3)
    points = sample_boltzmann(config.landscape, config.temperature, 41 * 500, random).reshape(41, 500, 2)
    found, _, _ = measured(config, points)
    error = found.values.std(ddof=1) / np.sqrt(len(found.values))
    assert abs(found.values.mean() - found.floor) < 5 * error + 0.02 * found.floor


def test_a_wrong_temperature_stays_above_the_floor():
    config = CONFIGS[0]
    points = sample_boltzmann(config.landscape, 1.25 * config.temperature, 2 * 5_000, np.random.default_rng(3))
    found, _, _ = measured(config, points.reshape(2, 5_000, 2))
    assert found.values[0] > 2 * found.floor


def test_a_cloud_narrower_than_the_bins_has_no_value():
    found, _, _ = measured(CONFIGS[0], np.full((3, 100, 2), 0.1))
    assert np.isnan(found.values).all()


def test_it_stands_in_the_table_beside_the_exact_one():
    series = run(LangevinConfig(compare=("euler",))).tables["free_energy"]["series"].unique()
    assert {"exact (Fokker–Planck)", "Leimkuhler–Matthews", "Euler–Maruyama", "sampling floor"} <= set(series)
