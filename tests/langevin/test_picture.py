"""What the picture says of the lesson: shares tied to the clock, the line of 95 %, the panel beside the cloud."""

import numpy as np
import pytest

from demos.langevin.config import LangevinConfig
from demos.langevin.demo import DEMO
from demos.langevin.features import belonging, captions, well_changes
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate
from demos.picture import Curve, Lines

SMALL = {"particles": 400, "steps": 60}


def runs_of(**values):
    setup = Setup.of(LangevinConfig(**SMALL, **values))
    return setup, simulate(setup)


def test_a_caption_counts_the_well_in_which_none_started():
    setup, (run,) = runs_of(temperature=0.6)
    texts = captions(setup, run, len(run.times) + 2)
    assert len(texts) == len(run.times) + 2 and texts[0] == "0 % right" and texts[-1] == texts[-3]
    share = (run.states[-1, :, 0] > 0).mean()
    assert share > 0 and float(texts[-1].split()[0]) == pytest.approx(100 * share, abs=0.5)
    setup, (run,) = runs_of(x0=1.0)
    assert captions(setup, run, len(run.times))[0] == "0 % left"


def test_the_line_of_95_percent_holds_them():
    """Inside of it lies 1 − exp(−U/kT) of a Gaussian: its level is −log(0.05) kT; of 400 × 30 independent frames' worth
    of an unbiased method at most 6 standard errors of 400 fewer or more."""
    setup, runs = runs_of(potential="harmonic", start="equilibrium", method="hmc", compare=("euler",), temperature=1.0)
    (line,), (words,) = belonging(setup, runs[0])
    level = np.einsum("ni,ij,nj->n", line.positions, setup.hessian, line.positions) / 2
    assert level == pytest.approx(-np.log(0.05) * setup.kT)
    inside = float(words.text.split()[-2])
    assert abs(inside - 95) < 600 * np.sqrt(0.95 * 0.05 / 400)


def test_changes_of_wells_are_those_of_the_labels():
    setup, (run,) = runs_of(temperature=1.0, start="equilibrium")
    side = run.states[:, :, 0] > 0
    expected = 100 * (side[1:] != side[:-1]).mean(1).sum() / run.path.evaluations
    assert expected > 0 and well_changes(setup, run) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({}, "Distribution of x"),
        ({"potential": "harmonic", "temperature": 1.0, "x0": 3.0, "y0": 1.7, "step": 0.02}, "Free energy F"),
        ({"potential": "harmonic", "method": "baoab", "x0": -3.0, "friction": 0.2}, "Mean along the valley"),
        ({"potential": "harmonic", "method": "hmc", "x0": -3.0}, "Distribution of x"),
        ({"potential": "harmonic", "start": "equilibrium"}, "Distribution of x"),
    ],
)
def test_the_panel_beside_the_cloud_is_the_one_that_tells(values, title):
    panel = DEMO.run(LangevinConfig(**SMALL, **values)).picture.panels[1]
    assert panel.title.startswith(title)


def test_the_swing_and_the_free_energy_follow_their_exact_curves():
    """The cloud's mean is the exact one within 6 standard errors; F's exact curve never exceeds the bound."""
    config = LangevinConfig(potential="harmonic", method="baoab", x0=-3.0, y0=1.2, friction=0.2, step=0.05, **SMALL)
    result = DEMO.run(config)
    curves = {layer.name: layer for layer in result.picture.panels[1].layers if isinstance(layer, Curve)}
    exact = np.interp(curves["Particles"].x, curves["Exact"].x, curves["Exact"].y)
    spread = np.sqrt(config.temperature / np.linalg.eigvalsh(Setup.of(config).hessian)[0])
    # between two points of the fine curve it bends by less than h²/8 times its largest acceleration, and the step by h²
    assert np.abs(curves["Particles"].y - exact).max() < 6 * spread / np.sqrt(config.particles) + 0.02
    assert any(isinstance(layer, Lines) for layer in result.picture.panels[1].layers)
    falling = next(scene.config for scene in DEMO.scenes if scene.name == "falling").replace(particles=400, steps=100)
    panel = DEMO.run(falling).picture.panels[1]
    curves = {layer.name: layer.y for layer in panel.layers if isinstance(layer, Curve)}
    assert (curves["Exact"] <= curves["Bound e^{−2kt}"] + 1e-9).all()
