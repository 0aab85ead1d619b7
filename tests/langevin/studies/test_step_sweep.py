"""The bias against the step: orders, and where it is measured, the exact first order within its error bars."""

import numpy as np
import pytest

from demos.gradient_flow import METHODS
from demos.landscapes import LANDSCAPES
from demos.langevin.config import LangevinConfig
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.density_evolution import relaxation_rate
from demos.langevin.samplers import METHOD_LABELS
from demos.langevin.settling import RELAXED
from demos.langevin.studies.step_sweep import THEORY, first_order, measured_bias, step_sweep

NAMES = {label: name for name, label in METHOD_LABELS.items()}


def config_of(name: str, **values) -> LangevinConfig:
    return LangevinConfig(potential=name, start="box", **{"temperature": LANDSCAPES[name].kT, **values})


@pytest.mark.parametrize("name", ["harmonic", "double_well", "tilted_double_well", "egg_carton"])
def test_exact_sweeps_show_the_orders(name):
    found = step_sweep(config_of(name))
    assert not found.measured and set(found.fits) == set(found.frame["series"]) and (found.frame["error"] == 0).all()
    assert {"Euler–Maruyama", "Stochastic Heun"} <= set(found.fits)
    for label, (fitted, _) in found.fits.items():
        order = METHODS[NAMES[label]].order.stationary
        points = np.log(found.frame.loc[found.frame["series"] == label, ["h", "bias"]].to_numpy())
        first, second = (np.diff(points[:, 1]) / np.diff(points[:, 0]))[:2]
        # what separates a slope from the order shrinks with the step, unless it is rounding already
        assert abs(first - order) < max(0.7 * abs(second - order), 0.01), label
        assert fitted == pytest.approx(np.mean([first, second])), label


def test_without_bias_on_the_quadratic():
    found = step_sweep(config_of("harmonic"))
    assert set(found.none) == {METHOD_LABELS[name] for name in ("leimkuhler_matthews", "baoab", "aboba", "lfmiddle")}


def test_eulers_bias_is_the_closed_form():
    """Var = kT/k/(1 − hk/2) along the stiff axis."""
    found = step_sweep(config_of("harmonic"))
    euler = found.frame[found.frame["series"] == "Euler–Maruyama"]
    assert euler["bias"].to_numpy() == pytest.approx((1 / (1 - 4.5 * euler["h"]) - 1).to_numpy() / 9)


def test_first_order_of_the_quadratic_is_the_closed_form():
    """⟨U⟩ = Σ kT/2/(1 − hk/2), so its slope at h = 0 is kT Σk/4 = 2.5 kT."""
    assert first_order(LANDSCAPES["harmonic"], 1.0) == pytest.approx(2.5, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ring", "three_gaussians"])
def test_measured_bias_nears_its_exact_first_order(name):
    """Between two steps Richardson takes the second order away; what is left is the third, less than a tenth."""
    landscape = LANDSCAPES[name]
    kT, limit = landscape.kT, 2 / landscape.curvature
    settling, exact = RELAXED / relaxation_rate(landscape, kT), boltzmann(landscape, kT).mean(landscape.energy)
    (coarse, b), (fine, a) = (
        measured_bias(landscape, kT, "euler", part * limit, settling, exact) for part in (0.16, 0.08)
    )
    slope, error = (4 * fine - coarse) / (0.16 * limit), np.hypot(4 * a, b) / (0.16 * limit)
    expected = first_order(landscape, kT)
    assert abs(slope - expected) < 5 * error + 0.1 * abs(expected)
    assert abs(fine) > 5 * a  # the bias is there to be seen


@pytest.mark.slow
def test_a_measured_sweep_bounds_what_it_cannot_see():
    found = step_sweep(config_of("ring"))
    assert found.measured and found.observable == "⟨U⟩"
    assert found.fits[THEORY][0] == 1 and "Euler–Maruyama" in found.fits
    shown = found.frame[found.frame["series"] != THEORY]
    assert (shown["error"] > 0).all() and len(shown) == 9
    for label, least in found.unseen.items():
        assert label not in found.fits
        assert (shown.loc[shown["series"] == label, "error"] * 3).max() <= least + 1e-12


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"potential": "muller_brown", "temperature": 15.0}, "steps"),
        ({"potential": "funnel", "temperature": 1.0}, "narrow"),
        ({"potential": "banana", "temperature": 0.1}, "narrow"),
        ({"potential": "double_well", "temperature": 50.0}, "box"),
        ({"potential": "formula", "formula": "abs(x) + abs(y)"}, "kink"),
    ],
)
def test_without_a_reference_there_is_no_sweep(values, reason):
    with pytest.raises(ValueError, match=reason):
        step_sweep(LangevinConfig(start="box", **values))
