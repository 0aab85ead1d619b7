"""The network: its preconditioning against the formulas, its derivatives, its classes, and what it refuses."""

import math

import numpy as np
import pytest
import torch

from demos.diffusion.learned.denoising import LearnedDenoiser
from demos.diffusion.learned.network import Network, architecture, classes_of, initial_weights, one_hot, raw
from demos.nn.fourier_mlp import Architecture, architecture_of

SMALL = architecture(width=16, layers=2, waves=8, bandwidth=2.0, classes=3)
MEAN, SPREAD, REACH = torch.tensor([0.4, -0.2]), 1.7, (-6.0, 3.0)


def network(seed: int = 0, trained: bool = True, shape: Architecture = SMALL) -> Network:
    """With `trained`, the last layer is random instead of zero."""
    random = torch.Generator().manual_seed(seed)
    tensors = initial_weights(shape, random)
    if trained:
        tensors["out"] = torch.randn(tensors["out"].shape, generator=random)
    return Network(tensors, MEAN, SPREAD, REACH, shape.conditions - 9)


def points(count: int, dtype=torch.float32) -> torch.Tensor:
    return 2 * torch.randn(count, 2, generator=torch.Generator().manual_seed(1), dtype=dtype)


def test_the_seed_decides_every_weight_and_no_global_generator_is_used():
    before = torch.get_rng_state()
    first, again, other = (initial_weights(SMALL, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["weight1"], other["weight1"])
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("sigma", [0.01, 0.5, 1.7, 40.0])
def test_untrained_it_is_the_best_linear_denoiser(sigma):
    x = points(50, torch.float64)
    keep = SPREAD**2 / (SPREAD**2 + sigma**2)
    wiener = MEAN.double() + keep * (x - MEAN.double())
    assert torch.allclose(LearnedDenoiser(network(trained=False)).denoiser(x, sigma), wiener, atol=1e-12)


@pytest.mark.parametrize("sigma", [0.01, 0.5, 1.7, 20.0])
def test_the_denoiser_is_edm_preconditioned(sigma):
    """Karras et al. 2022, table 1, written out: D − c_skip x = c_out F(c_in x, ln σ/σ_d)."""
    net, x = network(), points(50)
    centred, root = x - MEAN, math.sqrt(sigma**2 + SPREAD**2)
    level = torch.full((50, 1), math.log(sigma / SPREAD))
    f = raw(net.tensors, centred / root, None, level, torch.full((50, 1), (sigma / root) ** 2))
    expected = MEAN + (SPREAD / root) ** 2 * centred + sigma * SPREAD / root * f
    assert torch.allclose(LearnedDenoiser(net).denoiser(x, sigma), expected, atol=1e-5)


def test_a_wave_is_damped_as_noise_damps_it():
    """E sin(ω(x + sε)) = exp(−½ω²s²) sin ωx: the first layer's input, by Gauss–Hermite quadrature of the noise."""
    tensors = {"frequencies": torch.tensor([[1.3], [0.0]])}
    tensors |= {
        "conditions": torch.zeros(9, 1),
        "bias0": torch.full((1,), 40.0),
        "weight0": torch.zeros(4, 1),
        "out": torch.tensor([[1.0, 0.0]]),
        "out_bias": torch.zeros(2),
    }
    tensors["weight0"][2] = 1.0  # the sine; SiLU is the identity at 40
    x, s = torch.tensor([[0.7, 0.3]]), 0.6
    out = raw(tensors, x, None, torch.zeros(1, 1), torch.tensor(s**2))[0, 0] - 40
    nodes, weights = (torch.from_numpy(v) for v in np.polynomial.hermite_e.hermegauss(20))
    mean = (weights * torch.sin(1.3 * (0.7 + s * nodes))).sum() / weights.sum()
    assert abs(float(out) - float(mean)) < 1e-5


def test_results_keep_the_dtype_and_do_not_depend_on_the_layout():
    model, x = LearnedDenoiser(network()), points(40)
    by_component = x.T.contiguous().T
    assert torch.allclose(model.denoiser(by_component, 0.3), model.denoiser(x, 0.3), atol=1e-6)
    assert model.denoiser(x.double(), 0.3).dtype == torch.float64
    kept = x.clone()
    model.score(x, 0.3)
    assert torch.equal(x, kept)


def test_the_score_is_differentiable_and_its_derivative_is_right():
    model, x = LearnedDenoiser(network()), points(20, torch.float64)
    place = x.clone().requires_grad_()
    slope = torch.autograd.grad(model.denoiser(place, 0.8)[:, 0].sum(), place)[0][:, 0]
    step = torch.tensor([2e-3, 0.0], dtype=torch.float64)
    between = (model.denoiser(x + step, 0.8) - model.denoiser(x - step, 0.8))[:, 0] / 4e-3
    assert torch.allclose(slope, between, atol=2e-3)  # float32 inside: 1e-7/2e-3, and the third derivative


def test_outside_its_levels_it_is_asked_at_their_ends():
    """σ = 150 σ_d, where VP starts: the network was never there, the preconditioning still holds."""
    net = network()
    x = 150 * SPREAD * points(30, torch.float64)
    trained, linear = (LearnedDenoiser(each).denoiser(x, 150 * SPREAD) for each in (net, network(trained=False)))
    centred = (x - MEAN.double()) / math.hypot(150 * SPREAD, SPREAD)
    level, damping = torch.full((1, 1), REACH[1]), torch.tensor(150**2 / (150**2 + 1.0))
    at_the_end = raw(net.tensors, centred.float(), None, level, damping)
    assert torch.allclose(trained - linear, SPREAD * 150 / math.hypot(150, 1) * at_the_end.double(), atol=1e-4)


def test_each_point_has_its_own_class_and_minus_one_asks_for_none():
    model, x = LearnedDenoiser(network()), points(6)
    labels = torch.tensor([0, 1, 2, -1, 0, 2])
    mixed = model.denoiser(x, 0.5, labels)
    for i, label in enumerate(labels.tolist()):
        alone = model.denoiser(x, 0.5, None if label < 0 else torch.full((6,), label))[i]
        assert torch.allclose(mixed[i], alone, atol=1e-6)
    assert not torch.allclose(model.denoiser(x, 0.5), model.denoiser(x, 0.5, torch.zeros(6, dtype=torch.long)))


def test_a_class_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="knows 0 to 2"):
        one_hot(torch.tensor([0, 3]), 3)
    with pytest.raises(ValueError, match="without classes"):
        one_hot(torch.tensor([0]), 0)


@pytest.mark.parametrize("sizes", [(16, 2, 8, 2.0, 3), (8, 1, 0, 0.0, 0), (8, 4, 3, 1.0, 2)])
def test_an_architecture_is_read_off_its_weights(sizes):
    width, layers, waves, _, classes = sizes
    tensors = initial_weights(architecture(*sizes), torch.Generator().manual_seed(0))
    found = architecture_of(tensors)
    assert (found.width, found.layers, found.waves, classes_of(tensors)) == (width, layers, waves, classes)


def test_weights_that_do_not_fit_together_are_refused():
    tensors = initial_weights(SMALL, torch.Generator())
    with pytest.raises(ValueError, match="do not fit together"):
        architecture_of(tensors | {"out": torch.zeros(5, 2)})
    with pytest.raises(ValueError, match="not the weights"):
        architecture_of({"something": torch.zeros(1)})


def test_many_points_are_taken_in_blocks():
    model, x = LearnedDenoiser(network()), points(1_203)
    labels = torch.arange(1_203) % 3
    together = model.denoiser(x, 0.4, labels)
    apart = torch.cat([model.denoiser(x[i : i + 401], 0.4, labels[i : i + 401]) for i in (0, 401, 802)])
    assert torch.allclose(together, apart, atol=1e-6)
    assert model.denoiser(x[:0], 0.4).shape == (0, 2)
