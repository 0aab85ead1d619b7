"""Distances, likelihoods and shares against closed forms and brute force."""

import itertools
import math

import numpy as np
import pytest
import torch

from demos.diffusion.data import BUILT_IN, DataSet
from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.metrics import (
    floor,
    log_likelihood,
    misnamed,
    mmd,
    mode_shares,
    sliced_w2,
    straightness,
    support_fraction,
    w2,
)
from demos.diffusion.processes import Edm, LinearPath, VariancePreserving
from demos.diffusion.samplers import Plan, Sampled, sample
from demos.diffusion.verdict.self_tests import EDGE


def cloud(count, seed=0):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))


def test_w2_against_all_pairings():
    a, b = cloud(6), cloud(6, 1)
    best = min(float((a - b[list(order)]).square().sum(1).mean()) for order in itertools.permutations(range(6)))
    assert w2(a, b) == pytest.approx(math.sqrt(best), rel=1e-6)


def test_distances_of_a_shift():
    """W2 of a shifted cloud is the shift; sliced W2 its mean square over directions, |d|/√2."""
    a, d = cloud(500), torch.tensor([3.0, -4.0])
    assert w2(a, a + d) == pytest.approx(5, rel=1e-5)
    assert sliced_w2(a, a + d) == pytest.approx(5 / math.sqrt(2), rel=1e-5)
    assert sliced_w2(a, a[torch.randperm(500, generator=torch.Generator().manual_seed(0))]) < 1e-6


def test_sliced_w2_of_gaussians():
    """N(0, I) against N(0, 4I): 1 in every direction."""
    assert sliced_w2(cloud(200_000), 2 * cloud(200_000, 1)) == pytest.approx(1, abs=0.02)


def test_too_many_points_for_exact_w2():
    with pytest.raises(ValueError, match="too long"):
        w2(cloud(2_001), cloud(2_001))
    with pytest.raises(ValueError, match="equal n"):
        sliced_w2(cloud(3), cloud(4))


def test_mmd_is_unbiased():
    """Against the closed form for two Gaussians: E k = v²/(v² + a + b) exp(−|d|²/2(v² + a + b)) in two dimensions."""
    from demos.diffusion.metrics.distances import KERNELS

    shift = 0.5
    values = [mmd(cloud(200, 2 * i), cloud(200, 2 * i + 1) + torch.tensor([shift, 0.0]), 1.0) for i in range(60)]
    exact = 0.0
    for v in KERNELS:
        wide = v * v + 2
        exact += 2 * v * v / wide * (1 - math.exp(-(shift**2) / (2 * wide))) / len(KERNELS)
    assert abs(np.mean(values) - exact) < 5 * np.std(values) / math.sqrt(60)
    same = [mmd(cloud(200, 2 * i), cloud(200, 2 * i + 1), 1.0) for i in range(60)]
    assert abs(np.mean(same)) < 5 * np.std(same) / math.sqrt(60)


# Exact W2 between two independent samples of 1,000 points: mean and standard deviation, by the same assignment
# solver on samplers of FFJORD's own definitions.
FLOORS = {"gaussians8": (0.32, 0.07), "checkerboard": (0.39, 0.06)}


@pytest.mark.parametrize("name", FLOORS)
def test_floor_is_the_known_one(name):
    found = floor(w2, BUILT_IN[name], 1_000, pairs=4)
    mean, spread = FLOORS[name]
    assert abs(found.mean - mean) < 5 * spread / 2


@pytest.mark.parametrize("name", ["gaussians8", "moons", "tree"])
def test_ode_likelihood_is_the_closed_form(name):
    data = BUILT_IN[name]
    unit, distribution = data.sigma_data, data.distribution
    points, labels = data.sample(60, 0)
    found = log_likelihood(
        distribution, points, 10 * unit, 0.01 * unit, prior=lambda x: distribution.log_density(x, 10 * unit), rtol=1e-7
    )
    assert torch.allclose(found.log_density, distribution.log_density(points, 0.01 * unit), atol=1e-4)
    found = log_likelihood(
        distribution,
        points,
        10 * unit,
        0.01 * unit,
        labels=labels,
        rtol=1e-7,
        prior=lambda x: distribution.log_density(x, 10 * unit, labels),
    )
    assert torch.allclose(found.log_density, distribution.log_density(points, 0.01 * unit, labels), atol=1e-4)


def test_hutchinson_is_unbiased_and_worse():
    data = BUILT_IN["gaussians8"]
    unit = data.sigma_data
    points = data.sample(1, 4)[0].expand(800, 2)
    found = log_likelihood(data.distribution, points, 10 * unit, 0.1 * unit, probes=1, rtol=1e-4).log_density
    exact = log_likelihood(data.distribution, points[:1], 10 * unit, 0.1 * unit, rtol=1e-6).log_density
    # the four sign patterns of a probe come in pairs ±v of equal value, the mean of which is the exact trace
    assert abs(float(found.mean() - exact)) < 5 * float(found.std()) / 800**0.5 + 1e-3
    assert float(found.std()) > 0.05


def test_hutchinson_is_exact_where_the_jacobian_is_diagonal():
    distribution = GaussianMixture([1.0], [[0.0, 0.0]], [2.0])
    points = cloud(20).double()
    one, both = (
        log_likelihood(distribution, points, 20.0, 0.1, probes=probes, rtol=1e-8).log_density for probes in (1, 0)
    )
    assert torch.allclose(one, both, atol=1e-6)


def test_blur_of_an_edge():
    """−∫₀^∞ log Φ(u) du, and with it the cross entropy of the checkerboard under p_σ: ln 32 + 4·EDGE·σ/2."""
    u, w = np.polynomial.legendre.leggauss(200)
    u, w = 5 * (u + 1), 5 * w
    from scipy.special import log_ndtr

    assert -float(w @ log_ndtr(u)) == pytest.approx(EDGE, abs=1e-5)
    data, sigma = BUILT_IN["checkerboard"], 0.05
    x, weight = np.polynomial.legendre.leggauss(200)
    gx, gy = np.meshgrid(x + 1, x + 1)
    places = torch.tensor(np.stack([gx.ravel(), gy.ravel()], 1)) + data.distribution.corners[0]
    share = torch.tensor(np.outer(weight, weight).ravel() / 4)
    cross = -float(share @ data.distribution.log_density(places, sigma))
    assert cross == pytest.approx(data.entropy + 4 * EDGE * sigma / 2, abs=3e-3)


def test_mode_shares_and_support():
    data = BUILT_IN["checkerboard"]
    points, _ = data.sample(4_000, 0)
    found = mode_shares(data, points)
    assert float(found.measured.sum()) == pytest.approx(1)
    z = (found.measured - found.exact) / found.errors  # eight classes of the same share, which add up to one
    assert abs(float(7 / 8 * z.square().sum()) - 7) < 5 * math.sqrt(14)
    assert support_fraction(data, points)[0] == 1.0
    assert support_fraction(data, points + torch.tensor([2.0, 0.0]))[0] < 0.01
    assert support_fraction(BUILT_IN["moons"], points) is None
    assert misnamed(data) == 0  # squares apart
    broken = points.clone()
    broken[:1_000] = math.nan
    assert float(mode_shares(data, broken).measured.sum()) == pytest.approx(0.75)


def test_two_gaussians_are_misnamed_by_their_overlap():
    """At ±1 with the spread 1: Φ(−1) = 0.1587 of the points lie on the other side."""
    distribution = GaussianMixture([1.0, 1.0], [[-1.0, 0.0], [1.0, 0.0]], [1.0, 1.0], [0, 1])
    exact = 0.5 * math.erfc(1 / math.sqrt(2))
    assert abs(misnamed(DataSet("two", "Two", distribution, "")) - exact) < 5 * math.sqrt(exact * (1 - exact) / 10_000)


def test_straightness_of_lines_and_bends():
    sigmas = np.array([3.0, 2.0, 1.0, 0.0])
    ends = cloud(10)
    line = torch.stack([ends * sigma for sigma in sigmas])
    found = straightness(Sampled("", sigmas, line, 3, 3, ""), Edm(1.0))
    assert found.length == pytest.approx(1, abs=1e-6)
    assert found.energy == pytest.approx(0, abs=1e-6)
    corner = torch.stack([torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 1.0]])])
    found = straightness(Sampled("", np.array([2.0, 1.0, 0.0]), corner, 2, 2, ""), Edm(1.0))
    assert found.length == pytest.approx(math.sqrt(2))
    assert found.energy == pytest.approx(1)


def test_a_single_gaussian_in_each_process():
    """Data N(0, S²I) and noise as wide: VP leaves every point where it is; on the linear path the way in and out is
    2(1 − 1/√2) of the start, and the chord 0."""
    distribution = GaussianMixture([1.0], [[0.0, 0.0]], [1.0])
    process = VariancePreserving(1.0)
    plan = Plan(process, 100.0, 1e-3)
    start = cloud(50).double() / process.scale(process.time(100.0))  # y = s x ~ N(0, I)
    path = sample("heun", distribution, start, plan, 399)
    y = torch.stack(
        [
            state * plan.process.scale(plan.process.time(float(sigma)) if sigma else 0.0)
            for state, sigma in zip(path.states, path.sigmas, strict=True)
        ]
    )
    assert float((y - y[0]).abs().max()) < 1e-2 * float(y[0].abs().max())
    line = LinearPath(1.0)
    y = torch.stack(
        [state * line.scale(line.time(float(sigma))) for state, sigma in zip(path.states, path.sigmas, strict=True)]
    )
    length = y.diff(dim=0).norm(dim=2).sum(0) / y[0].norm(dim=1)
    assert torch.allclose(length, torch.full((50,), 2 - math.sqrt(2), dtype=torch.float64), atol=0.02)
