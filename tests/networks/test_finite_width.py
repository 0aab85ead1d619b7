"""What a finite width adds to mean-field theory: closed forms, averages of pairs by sampling, and random networks."""

import math

import numpy as np
import pytest

from demos.contract import State
from demos.networks.depth.checks import LOOSE, checks_of, finite_of
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.measure import measure, network
from demos.networks.theory import ACTIVATIONS, finite_width, predict
from demos.networks.theory.mean_field import Layer
from demos.networks.theory.pairs import pair_moments

DECADES = 2 * math.log(10)  # log |·|² -> log10 |·|


@pytest.mark.parametrize(("name", "weight", "each"), [("relu", 2.0, 5.0), ("linear", 1.0, 2.0)])
def test_one_input_has_the_log_normal_variance(name, weight, each):
    """5/n a layer for ReLU, 2/n for a product of normal matrices (Hanin & Nica 2020); the mean is half of it below."""
    layers, n = [Layer(64, 64, weight, 0.0)] * 11, 64
    found = finite_width(layers, ACTIVATIONS[name], "none", 0.0, False, 1)
    assert found.gradient_spread[0] ** 2 == pytest.approx(10 * each / n / DECADES**2, rel=1e-9)
    assert found.gradient_shift[0] == pytest.approx(-10 * each / n / 2 / DECADES, rel=1e-9)


def test_orthogonal_linear_networks_do_not_scatter():
    found = finite_width([Layer(32, 32, 1.0, 0.0)] * 20, ACTIVATIONS["linear"], "none", 0.0, True, 8)
    assert np.abs(found.gradient_spread).max() == np.abs(found.gradient_shift).max() == 0


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "gelu"])
def test_averages_of_pairs_are_those_of_samples(name):
    random, c, q = np.random.default_rng(0), 0.6, 1.7
    u = random.standard_normal(400_000)
    v = c * u + math.sqrt(1 - c * c) * random.standard_normal(len(u))
    phi, found = ACTIVATIONS[name], pair_moments(ACTIVATIONS[name], q, c)
    one, other = (phi.value(math.sqrt(q) * each) for each in (u, v))
    slope, another = (phi.slope(math.sqrt(q) * each) for each in (u, v))
    square, steep = (one**2).mean(), (slope**2).mean()
    for value, wanted in (
        (found.product, one * other),
        (found.alike, slope * another / steep),
        (found.values, (one * other) ** 2 / square**2 - 1),
        (found.slopes, (slope * another) ** 2 / steep**2 - 1),
        (found.mixed, (one * another) ** 2 / (square * steep) - 1),
    ):
        assert value == pytest.approx(wanted.mean(), abs=6 * wanted.std() / math.sqrt(len(u)) + 2e-3)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"activation": "tanh", "init": "xavier"},
        {"init": "he", "skip": "root"},
        {"init": "he", "normalization": "rms"},
    ],
    ids=str,
)
def test_random_networks_scatter_as_much(changes):
    """12 networks of 10 layers of 64: their mean to 5 standard errors, their spread to 5 of its own."""
    config = DepthConfig(width=64, depth=10, networks=12, batch=16, **changes)
    measured, finite = measure(config), finite_of(config)
    prediction = predict(10, 64, config.activation, config.init, config.normalization, config.skip)
    decays = measured.gradient[:, 0] - measured.gradient[:, -1]
    spread = finite.gradient_spread[0]
    assert decays.mean() == pytest.approx(
        prediction.gradient[0] + finite.gradient_shift[0], abs=5 * spread / math.sqrt(12) + finite.second
    )
    assert math.log(decays.std(ddof=1) / spread) == pytest.approx(0, abs=5 / math.sqrt(2 * 11))


def test_batch_norm_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="batch norm"):
        finite_width([Layer(8, 8, 2.0, 0.0)] * 3, ACTIVATIONS["relu"], "batch", 0.0, False, 8)


def test_weights_lead_what_they_met_back_to_the_layers_before():
    """Orthogonal tanh, whose networks scatter little: 100 of them, 20 layers of 64, to 4 standard errors at layer 4.
    The cosine of one layer alone would be 6 off."""
    config = DepthConfig(activation="tanh", init="orthogonal", width=64, batch=16)
    gradients = np.array([network(config, index)[0] for index in range(100)])
    prediction, finite = predict(20, 64, "tanh", "orthogonal", "none", "none"), finite_of(config)
    off = gradients[:, 3] - gradients[:, -1] - prediction.gradient[3] - finite.gradient_shift[3]
    assert abs(off.mean()) < 4 * finite.gradient_spread[3] / math.sqrt(100) + finite.second


def test_a_width_too_small_for_the_depth_is_not_compared():
    """He's ReLU, 32 wide and 100 deep: what is left out is decades, with which any number would agree."""
    config = DepthConfig(init="he", width=32, depth=100, networks=3, batch=16)
    finite = finite_of(config)
    assert finite.second > LOOSE
    prediction = predict(100, 32, "relu", "he", "none", "none")
    rows = checks_of(config, measure(config), prediction, finite)
    assert {row.state for row in rows} == {State.NOT_COMPARABLE}


def test_behind_rms_norm_the_gradient_has_lost_what_a_norm_takes():
    """W orthogonal and φ(z) = z: ∂L/∂z is across z, W keeps it so, and no norm takes anything of it."""
    found = finite_width([Layer(64, 64, 1.0, 0.0)] * 20, ACTIVATIONS["linear"], "rms", 0.0, True, 1)
    assert np.abs(found.gradient_shift[1:]).max() < 1e-12
    config = DepthConfig(activation="tanh", init="orthogonal", normalization="rms", width=64, batch=16)
    gradients = np.array([network(config, index)[0] for index in range(40)])
    prediction, finite = predict(20, 64, "tanh", "orthogonal", "rms", "none"), finite_of(config)
    off = gradients[:, 0] - gradients[:, -1] - prediction.gradient[0] - finite.gradient_shift[0]
    assert abs(off.mean()) < 4 * finite.gradient_spread[0] / math.sqrt(40) + finite.second
