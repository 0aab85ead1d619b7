"""The panel of random networks: its phase map, its weights, and the network beside."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.interpolate import RegularGridInterpolator

from demos.contract import State
from demos.networks.depth import phase_map
from demos.networks.depth.checks import checks_of, finite_of
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.measure import measure, weights
from demos.networks.depth.run import run
from demos.networks.theory import predict


@pytest.mark.parametrize(("bias", "weight"), [(0.05, 1.1225), (0.1, 1.1934), (0.3, 1.3956), (0.5, 1.5497)])
def test_critical_line_of_tanh(bias, weight):
    """By quadrature, to four digits; log10 χ rises with about 1/2 per unit of σ_w, the map is linear between nodes."""
    axes = [np.linspace(*limits, phase_map.SIZE) for limits in (phase_map.SIGMA_B, phase_map.SIGMA_W)]
    at = RegularGridInterpolator(axes, phase_map.phase_map("tanh"))
    spacing = axes[1][1] - axes[1][0]
    assert abs(float(at((bias, weight))[()])) < 0.5 * spacing / 2


def test_phase_map_of_relu_does_not_know_the_biases():
    values = phase_map.phase_map("relu")
    assert np.ptp(values, axis=0).max() == 0
    w = np.linspace(*phase_map.SIGMA_W, phase_map.SIZE)
    assert values[0] == pytest.approx(np.log10(w**2 / 2))


@pytest.mark.parametrize("init", ["default", "xavier", "he", "orthogonal"])
def test_weights_have_the_variance_that_theory_is_told(init):
    from demos.networks.theory.mean_field import initial_variances

    matrix, bias = weights(init, 128, 128, 1.5, torch.Generator().manual_seed(0))
    wanted, of_bias = initial_variances(init, 128, 128, 1.5)
    # 16,384 numbers: the relative error of a mean square is at most √(2/16,384) = 1.1 %; of 128 biases √(0.8/128) = 8 %
    assert 128 * float(matrix.square().mean()) == pytest.approx(wanted, rel=0.066)
    assert float(bias.square().mean()) == pytest.approx(of_bias, rel=0.48)
    if init == "orthogonal":
        assert torch.allclose(matrix.T @ matrix, 2.25 * torch.eye(128, dtype=torch.float64), atol=1e-12)


def test_orthogonal_linear_networks_keep_every_gradient():
    measured = measure(DepthConfig(activation="linear", init="orthogonal", depth=60, width=32, networks=3))
    assert np.abs(measured.gradient - measured.gradient[:, -1:]).max() < 1e-12
    assert np.ptp(measured.forward, axis=1).max() < 1e-12


def test_the_network_beside_sees_the_same_inputs_and_differs_in_one_thing():
    config = DepthConfig(beside="rms", depth=5)
    one, other = measure(config.replace(beside="none")), measure(config.other())
    assert np.array_equal(one.forward[:, 0], other.forward[:, 0])  # the first layer is before all norms
    assert not np.allclose(one.forward[:, -1], other.forward[:, -1])
    assert DepthConfig(beside="relu").other() is None
    result = run(DepthConfig(beside="relu", depth=3))
    assert len(result.checks) == 5


def test_gradients_far_below_float32_are_measured():
    config = DepthConfig(activation="sigmoid", init="xavier", gain=0.1, depth=100, width=32, networks=3)
    result = run(config)
    assert result.checks[0].measured < -150 and result.checks[0].agrees


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="fewer networks"):
        DepthConfig(depth=100, width=256, networks=12, batch=256)


def test_one_network_that_strays_at_one_layer_is_noticed():
    config = DepthConfig(activation="tanh", init="xavier", networks=3, batch=16)
    measured, finite = measure(config), finite_of(config)
    prediction = predict(20, 128, "tanh", "xavier", "none", "none")
    assert {row.state for row in checks_of(config, measured, prediction, finite)} == {State.AGREES}
    for part in ("gradient", "forward"):
        values = getattr(measured, part).copy()
        values[1, 6] += 1
        rows = checks_of(config, replace(measured, **{part: values}), prediction, finite)
        assert [row.state for row in rows].count(State.DIFFERS) == 1


def test_batch_norm_beside_a_plain_network_keeps_all_rows_of_both():
    small = {"depth": 4, "width": 32, "networks": 3, "batch": 16}
    alone = [len(run(DepthConfig(normalization=kind, **small)).checks) for kind in ("none", "batch")]
    for kind, beside in (("none", "batch"), ("batch", "relu")):
        both = run(DepthConfig(normalization=kind, beside=beside, activation="tanh", **small)).checks
        assert len(both) == (sum(alone) if kind == "none" else 2 * alone[1])


def test_a_hundred_layers_are_allowed_at_the_defaults():
    config, refused = DepthConfig.read({"depth": 100})
    assert config.depth == 100 and not refused
