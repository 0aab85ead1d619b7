"""Exact distributions: densities, scores and denoisers against autograd, quadrature and each other."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from demos.common.bounded_cache import BoundedCache
from demos.diffusion.data import BUILT_IN
from demos.diffusion.distributions import Boxes, GaussianMixture, mixture, points_distribution
from demos.diffusion.distributions.mixture import COEFFICIENTS

NAMES = list(BUILT_IN)
# Entropies of FFJORD's toy data in nats, by Monte Carlo and arc quadrature (their scales), of the same data.
ENTROPIES = {
    "gaussians8": (2.835, 0.002),
    "moons": (2.398, 0.005),
    "circles": (3.270, 0.005),
    "swissroll": (2.667, 0.005),
}


def noisy(distribution, sigma, count=200, seed=0):
    generator = torch.Generator().manual_seed(seed)
    points, labels = distribution.sample(count, generator)
    return points + sigma * torch.randn(count, 2, generator=generator, dtype=torch.float64), labels


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sigma", [0.01, 0.5, 20.0])
@pytest.mark.parametrize("conditional", [False, True])
def test_score_is_the_gradient_of_the_log_density(name, sigma, conditional):
    distribution = BUILT_IN[name].distribution
    x, labels = noisy(distribution, sigma)
    labels = labels if conditional else None
    place = x.clone().requires_grad_()
    slope = torch.autograd.grad(distribution.log_density(place, sigma, labels).sum(), place)[0]
    assert torch.allclose(distribution.score(x, sigma, labels), slope, rtol=1e-8, atol=1e-9 * float(slope.abs().max()))


@pytest.mark.parametrize("name", NAMES)
def test_tweedie(name):
    distribution = BUILT_IN[name].distribution
    x, labels = noisy(distribution, 0.3)
    for asked in (None, labels, torch.zeros(len(x), dtype=torch.int64)):
        tweedie = x + 0.3**2 * distribution.score(x, 0.3, asked)
        assert torch.allclose(distribution.denoiser(x, 0.3, asked), tweedie, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_density_integrates_to_one_and_has_the_moments(name):
    distribution, sigma = BUILT_IN[name].distribution, 0.2
    axis = torch.linspace(-9, 9, 301, dtype=torch.float64)
    density = distribution.log_grid(axis, axis, sigma).exp() * float(axis[1] - axis[0]) ** 2
    assert float(density.sum()) == pytest.approx(1, abs=1e-6)
    gx, gy = torch.meshgrid(axis, axis, indexing="xy")
    mean = torch.stack([(density * gx).sum(), (density * gy).sum()])
    assert torch.allclose(mean, distribution.mean, atol=1e-6)
    variance = float((density * (gx**2 + gy**2)).sum() - mean.square().sum()) / 2
    assert variance == pytest.approx(distribution.sigma_data**2 + sigma**2, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_grid_is_the_density(name):
    distribution, axis = BUILT_IN[name].distribution, torch.linspace(-4, 4, 9, dtype=torch.float64)
    gx, gy = torch.meshgrid(axis, axis, indexing="xy")
    places = torch.stack([gx.flatten(), gy.flatten()], 1)
    assert torch.allclose(
        distribution.log_grid(axis, axis, 0.5).flatten(), distribution.log_density(places, 0.5), atol=1e-9
    )


def test_noise_adds_to_the_covariance():
    """p_σ of a mixture is p₀ of the mixture with Σ + σ²I, for round and for general components."""
    random = np.random.default_rng(0)
    root = random.standard_normal((5, 2, 2))
    covariances = root @ root.transpose(0, 2, 1)
    weights, means = random.random(5), random.standard_normal((5, 2))
    x = torch.randn(50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    diffused = GaussianMixture(weights, means, covariances)
    widened = GaussianMixture(weights, means, covariances + 0.49 * np.eye(2))
    assert torch.allclose(diffused.log_density(x, 0.7), widened.log_density(x), atol=1e-12)
    assert torch.allclose(diffused.score(x, 0.7), widened.score(x, 0.0), atol=1e-12)
    normal = torch.distributions.MultivariateNormal(torch.tensor(means), torch.tensor(covariances + 0.49 * np.eye(2)))
    mixture = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(torch.tensor(weights)), normal)
    assert torch.allclose(widened.log_density(x), mixture.log_prob(x), atol=1e-12)


def test_round_and_general_components_agree():
    random = np.random.default_rng(1)
    weights, means, variances = random.random(7), random.standard_normal((7, 2)), random.random(7)
    one = GaussianMixture(weights, means, variances)
    other = GaussianMixture(weights, means, variances[:, None, None] * np.eye(2))
    x = torch.randn(50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for what in ("denoiser", "score", "log_density"):
        assert torch.allclose(getattr(one, what)(x, 0.3), getattr(other, what)(x, 0.3), atol=1e-12)


@pytest.mark.parametrize("sigma", [1e-3, 0.1, 1.0, 300.0])
def test_boxes_against_quadrature(sigma):
    """The denoiser of squares is the mean of N(x, σ²) over them: far outside and at any noise."""
    distribution = Boxes([(0.0, 0.0), (2.0, -2.0)], 2.0)
    x = torch.tensor([[0.3, 1.1], [5.0, -4.0], [-30.0, 8.0], [1.99, 0.001]], dtype=torch.float64)
    u, w = np.polynomial.legendre.leggauss(40)
    for place, found, density in zip(
        x.numpy(), distribution.denoiser(x, sigma).numpy(), distribution.log_density(x, sigma), strict=True
    ):
        logs, means = [], []
        for corner in distribution.corners.numpy():
            parts = []
            for i in range(2):  # on the part of the side that is within 40 decay lengths of its point nearest to x
                nearest = min(max(place[i], corner[i]), corner[i] + 2)
                decay = min(sigma, sigma**2 / max(abs(place[i] - nearest), 1e-300))
                low, high = max(corner[i], nearest - 40 * decay), min(corner[i] + 2, nearest + 40 * decay)
                # composite rule: 40 nodes on each of 20 pieces
                edges = np.linspace(low, high, 21)
                half = (edges[1:] - edges[:-1]) / 2
                s = ((edges[1:] + edges[:-1]) / 2)[:, None] + half[:, None] * u
                weight = half[:, None] * w
                exponent = -((s - place[i]) ** 2) / (2 * sigma**2)
                top = exponent.max()
                mass = (weight * np.exp(exponent - top)).sum()
                parts.append(
                    (
                        top + math.log(mass) - math.log(sigma * math.sqrt(2 * math.pi)),
                        (weight * np.exp(exponent - top) * s).sum() / mass,
                    )
                )
            logs.append(parts[0][0] + parts[1][0] - math.log(8))
            means.append([parts[0][1], parts[1][1]])
        top = max(logs)
        shares = np.exp(np.array(logs) - top)
        assert float(density) == pytest.approx(top + math.log(shares.sum()), rel=1e-9, abs=1e-7)
        rounding = 1e-6 * max(1.0, sigma, np.abs(place).max())
        assert np.allclose(found, shares @ np.array(means) / shares.sum(), atol=rounding)


def test_denoiser_of_points_memorizes():
    points = np.random.default_rng(0).uniform(-4, 4, (50, 2))
    distribution = points_distribution(points)
    x = torch.tensor(points) + 1e-3
    assert torch.allclose(distribution.denoiser(x, 1e-3), torch.tensor(points), atol=1e-9)
    assert torch.allclose(distribution.denoiser(x, 1e6), torch.tensor(points).mean(0).expand(50, 2), atol=1e-4)
    with pytest.raises(ValueError, match="no density"):
        distribution.log_density(x, 0.0)


@pytest.mark.parametrize("name", sorted(ENTROPIES))
def test_entropy_of_published_toys(name):
    distribution = BUILT_IN[name].distribution
    points, _ = distribution.sample(100_000, torch.Generator().manual_seed(1))
    surprise = -distribution.log_density(points)
    value, error = ENTROPIES[name]
    assert abs(float(surprise.mean()) - value) < 5 * math.hypot(error, float(surprise.std()) / 100_000**0.5)


def test_entropy_of_the_checkerboard_is_exact():
    data = BUILT_IN["checkerboard"]
    points, labels = data.sample(1_000, 0)
    assert data.entropy == math.log(32)
    assert torch.allclose(
        data.distribution.log_density(points), torch.full((1_000,), -math.log(32), dtype=torch.float64)
    )
    assert bool(data.distribution.inside(points).all())
    assert torch.equal(data.distribution.classify(points), labels)


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_good_enough_for_sampling(name):
    distribution = BUILT_IN[name].distribution
    for sigma in (0.005, 0.1, 2.0, 40.0):
        x, _ = noisy(distribution, sigma)
        exact, single = distribution.denoiser(x, sigma), distribution.denoiser(x.float(), sigma)
        assert single.dtype == torch.float32
        # compare with what rounding x alone does
        rounded = distribution.denoiser(x.float().double(), sigma)
        assert float((single - rounded).abs().max()) < 1e-4 * max(1.0, sigma)
        assert float((exact - rounded).abs().max()) < 1.0


@pytest.mark.parametrize("name", ["gaussians8", "tree", "checkerboard", "pinwheel"])
def test_labels_select_the_class(name):
    distribution = BUILT_IN[name].distribution
    x, _ = noisy(distribution, 0.4)
    labels = torch.arange(len(x)) % len(distribution.shares)
    mixed = distribution.denoiser(x, 0.4, labels)
    for label in range(len(distribution.shares)):
        here = labels == label
        assert torch.allclose(mixed[here], distribution.conditional(label).denoiser(x[here], 0.4), atol=1e-10)
    # Σ_c p(c) p(x|c) = p(x)
    parts = torch.stack(
        [
            distribution.log_density(x, 0.4, torch.full((len(x),), c)) + distribution.shares[c].log()
            for c in range(len(distribution.shares))
        ]
    )
    assert torch.allclose(parts.logsumexp(0), distribution.log_density(x, 0.4), atol=1e-9)
    with pytest.raises(ValueError, match="is not one of"):
        distribution.conditional(99)


@pytest.mark.parametrize("name", NAMES)
def test_samples_have_the_moments(name):
    distribution, count = BUILT_IN[name].distribution, 50_000
    points, labels = distribution.sample(count, torch.Generator().manual_seed(3))
    error = points.std(0) / count**0.5
    assert bool(((points.mean(0) - distribution.mean).abs() < 5 * error).all())
    squares = (points - distribution.mean).square().sum(1) / 2
    assert abs(float(squares.mean()) - distribution.sigma_data**2) < 5 * float(squares.std()) / count**0.5
    shares = torch.bincount(labels, minlength=len(distribution.shares)) / count
    assert bool(
        (
            (shares - distribution.shares).abs()
            < 5 * (distribution.shares * (1 - distribution.shares) / count).sqrt() + 1e-12
        ).all()
    )


def test_sampling_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    BUILT_IN["tree"].sample(10, 0)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(BUILT_IN["moons"].sample(10, 5)[0], BUILT_IN["moons"].sample(10, 5)[0])


@pytest.mark.parametrize("count", [2_000, 400])
def test_coefficients_are_bounded_in_bytes(count):
    """Thirty visitors' own points at 40 noise levels each: what the distributions hold, and the cache of all."""
    random, x = np.random.default_rng(0), torch.zeros(1, 2)
    distributions = [points_distribution(random.uniform(-4, 4, (count, 2))) for _ in range(30)]
    own = sum(map(reachable, distributions))
    for distribution in distributions:
        for sigma in np.geomspace(0.01, 10, 40).tolist():
            distribution.denoiser(x, sigma)
    assert sum(map(reachable, distributions)) == own
    assert reachable(COEFFICIENTS) <= COEFFICIENTS.used <= COEFFICIENTS.size


def reachable(thing) -> int:
    """Bytes of all tensors in an object's attributes, and in the containers and objects in these."""
    match thing:
        case torch.Tensor():
            return thing.nbytes
        case dict():
            return sum(map(reachable, thing.values()))
        case list() | tuple():
            return sum(map(reachable, thing))
    return sum(map(reachable, vars(thing).values())) if hasattr(thing, "__dict__") else 0


def test_a_distribution_is_shared_by_threads(monkeypatch):
    """Many levels and classes from four threads at once, in a cache that is always full."""
    monkeypatch.setattr(mixture, "COEFFICIENTS", BoundedCache(size=1 << 18))
    distribution, x = BUILT_IN["pinwheel"].distribution, torch.ones(3, 2)
    fresh = GaussianMixture(distribution.weights, distribution.means, distribution.covariances, distribution.labels)
    sigmas = np.geomspace(0.01, 10, 60).tolist()

    def ask(turn):
        found = [fresh.denoiser(x, sigma) for sigma in sigmas[turn:] + sigmas[:turn]]
        return [fresh.conditional(label).denoiser(x, 1.0) for label in range(5)], found[-turn:] + found[:-turn]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(ask, (1, 2, 3, 4)))
    finally:
        sys.setswitchinterval(before)
    for classes, levels in results[1:]:
        assert all(map(torch.equal, classes, results[0][0]))
        assert all(map(torch.equal, levels, results[0][1]))
