"""Mean-field predictions beside closed forms, and beside random networks."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import nn

from demos.networks import predict, predict_model
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.measure import measure
from demos.networks.theory import ACTIVATIONS

WIDTH, DEPTH = 128, 20


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("q", [0.01, 1.0, 9.0])
def test_moments_are_gaussian_integrals(name, q):
    phi = ACTIVATIONS[name]
    density = lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    # split at the kink; both rules have errors far below 1e-9
    expect = lambda f: sum(
        quad(lambda z: float(f(np.array(math.sqrt(q) * z))) * density(z), *ends, epsabs=1e-12)[0]
        for ends in ((-12, 0), (0, 12))
    )
    moments = phi.moments(q)
    for field, function in (
        ("mean", phi.value),
        ("square", lambda z: phi.value(z) ** 2),
        ("slope", phi.slope),
        ("slope_square", lambda z: phi.slope(z) ** 2),
        ("fourth", lambda z: phi.value(z) ** 4),
        ("slope_fourth", lambda z: phi.slope(z) ** 4),
    ):
        assert getattr(moments, field) == pytest.approx(expect(function), rel=1e-8, abs=1e-10), field


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes_are_those_of_torch(name):
    modules = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "gelu": nn.GELU}
    module = (modules | {"silu": nn.SiLU, "linear": nn.Identity})[name]()
    z = torch.linspace(-4, 4, 82, dtype=torch.float64, requires_grad=True)  # without 0, where ReLU has no slope
    out = module(z)
    out.sum().backward()
    phi = ACTIVATIONS[name]
    assert phi.value(z.detach().numpy()) == pytest.approx(out.detach().numpy(), abs=1e-14)
    assert phi.slope(z.detach().numpy()) == pytest.approx(z.grad.numpy(), abs=1e-14)
    assert np.abs(phi.slope(np.linspace(-9, 9, 99_999))).max() <= phi.greatest + 1e-9


@pytest.mark.parametrize(
    ("prediction", "decay"),
    [
        (lambda: predict(20, 64, "relu", "default"), 19 / 2 * math.log10(1 / 6)),
        (lambda: predict(20, 64, "relu", "xavier"), 19 / 2 * math.log10(1 / 2)),
        (lambda: predict(20, 64, "relu", "he"), 0.0),
        (lambda: predict(20, 64, "relu", "gain", gain=5 / 3), 19 / 2 * math.log10(25 / 18)),
        (lambda: predict(20, 64, "linear", "orthogonal"), 0.0),
        (lambda: predict(9, 64, "relu", "he", skip="one"), 4 * math.log10(2)),
        (lambda: predict(9, 64, "relu", "he", skip="root"), 4 * math.log10(1 + 1 / 9)),
    ],
)
def test_closed_forms(prediction, decay):
    assert prediction().decay == pytest.approx(decay, abs=1e-12)


def test_batch_norm_explodes_by_pi_over_pi_minus_one():
    """Yang et al. 2019; the first layer sees the input, not a rectified layer."""
    assert predict(5, 64, "relu", "he", "batch").multiplier[1:] == pytest.approx(math.pi / (math.pi - 1), rel=1e-12)
    assert predict(5, 64, "relu", "he", "layer").multiplier[1:] == pytest.approx(1.0, rel=1e-12)
    assert predict(5, 64, "relu", "default", "rms").multiplier[1:] == pytest.approx(1.0, rel=0.04)  # biases: 1/n


def _yang(batch):
    """Yang et al. 2019 for ReLU, with arc-cosine kernels J₁ of two samples, whose correlation is −1/(B − 1)."""
    c = -1 / (batch - 1)
    slope = (math.pi - math.acos(c)) / math.pi
    kernel = (math.sqrt(1 - c * c) + (math.pi - math.acos(c)) * c) / math.pi
    return ((batch - 1 + slope) / (1 - kernel) - 1) / (batch - 3)


@pytest.mark.parametrize("batch", [8, 64, 512])
def test_batch_norm_over_few_samples(batch):
    found = predict(5, 64, "relu", "he", "batch", batch=batch).multiplier[1:]
    assert found == pytest.approx(_yang(batch), rel=1e-4)  # of 4,096 angles, between which a kink lies


@pytest.mark.parametrize("activation", ["tanh", "gelu", "sigmoid"])
def test_batch_norm_over_ever_more_samples(activation):
    few, many = (predict(5, 64, activation, "he", "batch", batch=batch).multiplier for batch in (10**6, None))
    assert few == pytest.approx(many, rel=1e-4)


def test_networks_with_batch_norm_over_few_samples():
    """They are twice as near to this theory as to that of a large batch."""
    config = DepthConfig(init="he", normalization="batch", depth=8, width=256, batch=16, networks=3)
    gradient = measure(config).gradient
    measured = (gradient[:, 1] - gradient[:, -1]).mean()
    of_few, of_many = (predict(8, 256, "relu", "he", "batch", batch=batch).gradient[1] for batch in (16, None))
    assert 2 * abs(measured - of_few) < abs(measured - of_many)


def test_a_model_of_too_many_layers_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="at most 1,000 layers"):
        predict_model(nn.Sequential(*[nn.Linear(1, 1) for _ in range(1_001)]))


def test_critical_lines_of_tanh():
    """χ = 1 at the fixed point of q for σ_b = 0.3, σ_w = 1.3956 (Poole et al. 2016, by quadrature)."""
    from demos.networks.theory.mean_field import Layer, propagate

    layers = [Layer(64, 64, 1.3956**2, 0.09)] * 300
    found = propagate(layers, [ACTIVATIONS["tanh"]] * 300, ["none"] * 300, 0.0, 1.0, ("",) * 300)
    assert found.multiplier[-1] == pytest.approx(1.0, abs=1e-4)  # four digits were given


def network(phi, init, seed):
    """20 hidden layers and a readout of one number."""
    torch.manual_seed(seed)
    linears = [nn.Linear(WIDTH, WIDTH) for _ in range(DEPTH)]
    for linear in linears:
        if init != "default":
            match init:
                case "xavier":
                    nn.init.xavier_normal_(linear.weight)
                case "he":
                    nn.init.normal_(linear.weight, std=math.sqrt(2 / WIDTH))
                case "gain":
                    nn.init.xavier_normal_(linear.weight, gain=5 / 3)
            nn.init.zeros_(linear.bias)
    module = {
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky_relu": nn.LeakyReLU,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
    }[phi]
    parts = [part for linear in linears for part in (linear, module())]
    return nn.Sequential(*parts, nn.Linear(WIDTH, 1)).double()


def measured_decay(model):
    """From gradients by z_1 and z_20, for 32 Gaussian inputs."""
    z, kept = torch.randn(32, WIDTH, dtype=torch.float64), []
    for module in model:
        z = module(z)
        if isinstance(module, nn.Linear):
            kept.append(z)
    first, last = torch.autograd.grad(z.sum(), (kept[0], kept[DEPTH - 1]))
    return math.log10(first.norm() / last.norm())


@pytest.mark.parametrize("phi", ["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu"])
def test_depth_decay_of_random_networks(phi):
    """Four inits, the median of five networks: within 0.15 + 3 standard deviations wherever theory claims to hold."""
    claims = 0
    with torch.random.fork_rng():
        for init in ("default", "xavier", "he", "gain"):
            found = [measured_decay(network(phi, init, seed)) for seed in range(5)]
            prediction = predict(DEPTH, WIDTH, phi, init, gain=5 / 3 if init == "gain" else 1.0)
            if prediction.valid:
                claims += 1
                assert abs(np.median(found) - prediction.decay) < 0.15 + 3 * np.std(found, ddof=1), (phi, init)
                # its own spread is that of these networks: of five, chi-squared gives a factor below 2.4 in 6 sigma
                assert np.std(found, ddof=1) < 2.4 * prediction.spread[0], (phi, init)
            elif phi == "gelu":
                assert init == "he" and "unstable" in prediction.caveat
    assert claims >= 3


def test_a_model_is_recognized_and_predicted_like_its_description():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = network("tanh", "default", 0)
    described, found = predict(DEPTH, WIDTH, "tanh", "default"), predict_model(model)
    assert found.names[:3] == ("0", "2", "4") and len(found.names) == DEPTH + 1
    relative = found.gradient[:DEPTH] - found.gradient[DEPTH - 1]
    # σ_w² is measured from 128² uniform weights: its relative error is √(4/5)/128 = 0.7 % a layer, times √19/2/ln 10
    assert (
        np.abs(relative - described.gradient).max()
        < 5 * math.sqrt(0.8) / WIDTH * math.sqrt(19) / 2 / math.log(10) + 0.01
    )


@pytest.mark.parametrize(
    "model",
    [
        nn.Linear(2, 2),
        nn.Sequential(),
        nn.Sequential(nn.ReLU(), nn.Linear(2, 2)),
        nn.Sequential(nn.Linear(2, 2), nn.Softmax(dim=1)),
        nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.BatchNorm1d(2)),
        nn.Sequential(nn.Conv2d(1, 1, 1)),
    ],
)
def test_models_that_theory_does_not_know_are_refused_in_a_sentence(model):
    with pytest.raises(ValueError) as caught:
        predict_model(model)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"depth": 10_000},
        {"depth": 0},
        {"depth": 2.5},
        {"width": -1},
        {"activation": "softmax"},
        {"init": "zeros"},
        {"normalization": "group"},
        {"skip": "dense"},
        {"gain": math.nan},
        {"second_moment": 0.0},
    ],
    ids=str,
)
def test_what_cannot_be_predicted_is_refused_in_a_sentence(arguments):
    with pytest.raises(ValueError) as caught:
        predict(**({"depth": 3, "width": 8} | arguments))
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
