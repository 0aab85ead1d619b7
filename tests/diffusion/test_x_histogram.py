"""The exact distribution of x: against samples, against the density on a grid, and what it sums to."""

import numpy as np
import pytest
import torch
from scipy.integrate import simpson

from demos.diffusion import x_histogram
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN
from demos.diffusion.distributions.bin_probabilities import bin_probabilities
from demos.diffusion.picture import STEPS_FORTH
from demos.diffusion.run import run
from demos.picture import Curve


@pytest.mark.parametrize("name", list(BUILT_IN))
@pytest.mark.parametrize("sigma", [0.0, 0.05, 0.7, 8.0])
def test_shares_of_bins_against_samples(name, sigma):
    """Each bin's count is binomial: none of 40 is more than five of its standard errors away."""
    distribution, count = BUILT_IN[name].distribution, 50_000
    generator = torch.Generator().manual_seed(3)
    x = distribution.sample(count, generator)[0][:, 0]
    x = (x + sigma * torch.randn(count, generator=generator, dtype=torch.float64)).numpy()
    edges = np.linspace(-30, 30, 3) if sigma == 0.0 else np.linspace(-1.5, 1.5, 41) * (distribution.reach + sigma)
    edges = np.unique(np.r_[edges, np.linspace(-distribution.reach, distribution.reach, 30)])
    shares = bin_probabilities(distribution, edges, sigma)
    seen = np.histogram(x, edges)[0] / count
    error = np.sqrt(shares * (1 - shares) / count)
    assert (np.abs(seen - shares) <= 5 * error + 2 / count).all()
    assert bin_probabilities(distribution, np.array([-1e3, 1e3]), sigma) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", ["gaussians8", "checkerboard", "tree"])
def test_shares_of_bins_against_the_density(name):
    distribution, sigma = BUILT_IN[name].distribution, 0.6
    xs, ys = (torch.linspace(-14, 14, count, dtype=torch.float64) for count in (2241, 141))
    # equal steps of σ/3 in y, far beyond the data: exact to exp(−2π²·9)
    density = distribution.log_grid(xs, ys, sigma).exp().numpy().sum(0) * float(ys[1] - ys[0])
    edges = np.linspace(-4, 4, 9)
    for low, high, share in zip(edges[:-1], edges[1:], bin_probabilities(distribution, edges, sigma), strict=True):
        inside = (xs.numpy() >= low - 1e-9) & (xs.numpy() <= high + 1e-9)
        assert simpson(density[inside], x=xs.numpy()[inside]) == pytest.approx(share, abs=1e-8)


def test_another_distribution_is_refused():
    with pytest.raises(TypeError, match="object"):
        bin_probabilities(object(), np.array([0.0, 1.0]), 1.0)


def test_counts_are_those_of_numpy():
    random = np.random.default_rng(0)
    x, edges = random.standard_normal((5, 400)).astype(np.float32), np.linspace(-1.5, 1.5, 13)
    x[0, :4], x[1, 0], x[2, :2] = edges[[0, 3, 6, 12]], np.nan, (np.inf, -np.inf)
    wanted = [np.histogram(row, edges)[0] for row in np.nan_to_num(x, nan=1e9)]
    assert np.array_equal(x_histogram._counts(x, edges), wanted)


@pytest.mark.parametrize("values", [{}, {"target": "1"}], ids=str)
def test_the_way_to_noise_and_back_follows_the_exact_distribution(values):
    """χ² of the counts on the way to noise, and where the samplers begin, stays that of
    chance (up to 56 bins: five of its standard deviations)."""
    count = 4_000
    picture = run(DiffusionConfig(data="tree", story="both", particles=count, evaluations=5, **values)).picture
    measured, exact = (layer.y for layer in picture.panels[-1].layers if isinstance(layer, Curve))
    width, turn = np.diff(picture.panels[-1].layers[0].x)[0], STEPS_FORTH - 1
    for frame in (0, turn // 2, turn, turn + 1):
        expected, seen = (np.asarray(curve[frame]) * width * count for curve in (exact, measured))
        many = expected > 5
        squares = np.square(seen - expected)[many] / expected[many]
        assert abs(squares.sum() - many.sum()) < 5 * np.sqrt(2 * many.sum())


def test_the_panel_shows_the_exact_distribution_only_where_it_is_known():
    names = lambda **settings: [
        layer.name
        for layer in run(DiffusionConfig(particles=64, **settings)).picture.panels[-1].layers
        if isinstance(layer, Curve)
    ]
    assert names() == ["Samples", "Exact distribution"]
    assert names(data="tree", target="1", guidance=1.0) == ["Samples", "Exact distribution"]
    assert names(data="tree", target="1", guidance=3.0) == ["Samples", "The class itself, exact"]
    assert names(data="tree", target="each") == ["Samples"]
    assert names(compare=("ddim",)) == []
