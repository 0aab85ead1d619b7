"""Processes and grids against their definitions, and the constants of the papers."""

import math

import numpy as np
import pytest
import torch

from demos.diffusion.grids import GRIDS, cosine, karras, levels
from demos.diffusion.processes import (
    PROCESSES,
    Edm,
    LinearPath,
    SubVariancePreserving,
    VarianceExploding,
    VariancePreserving,
)

ALL = [kind(1.7) for kind in PROCESSES.values()]
TIMES = (0.01, 0.2, 0.5, 0.9, 0.99)


@pytest.mark.parametrize("process", ALL, ids=lambda p: p.name)
def test_drift_and_diffusion_give_the_marginals(process):
    """f = s′/s and g² = 2 s² σ σ′, by central differences; time inverts σ."""
    for t in TIMES:
        h = 1e-6
        scale = (process.scale(t + h) - process.scale(t - h)) / (2 * h)
        sigma = (process.sigma(t + h) - process.sigma(t - h)) / (2 * h)
        assert process.drift(t) == pytest.approx(scale / process.scale(t), rel=1e-7, abs=1e-9)
        assert process.diffusion(t) == pytest.approx(2 * process.scale(t) ** 2 * process.sigma(t) * sigma, rel=1e-7)
        assert process.time(process.sigma(t)) == pytest.approx(t, rel=1e-12)


def test_variance_preserving_constants():
    """β from 0.1 to 20: σ(1e-3) = 0.01049, σ(1) = 152.2, α(1) = 0.00657; the variance of unit data stays 1."""
    process = VariancePreserving(1.0)
    assert process.sigma(1e-3) == pytest.approx(0.01049, abs=5e-6)
    assert process.sigma(1) == pytest.approx(152.2, abs=0.05)
    assert process.scale(1) == pytest.approx(0.00657, abs=5e-6)
    for t in TIMES:
        assert process.scale(t) ** 2 * (1 + process.sigma(t) ** 2) == pytest.approx(1)
        assert process.sigma(t) == pytest.approx(math.sqrt(math.exp(0.5 * 19.9 * t * t + 0.1 * t) - 1))


def test_sub_variance_preserving_is_songs():
    """std = 1 − e^{2 log m}, g² = β (1 − e^{−2β₀t − (β₁−β₀)t²}) (sde_lib.py of Song et al.)."""
    process = SubVariancePreserving(1.0)
    for t in TIMES:
        log_mean = -0.25 * t * t * 19.9 - 0.5 * t * 0.1
        assert process.scale(t) == pytest.approx(math.exp(log_mean))
        assert process.scale(t) * process.sigma(t) == pytest.approx(1 - math.exp(2 * log_mean))
        beta = 0.1 + t * 19.9
        assert process.diffusion(t) == pytest.approx(beta * (1 - math.exp(-2 * 0.1 * t - 19.9 * t * t)))


def test_variance_exploding_is_songs():
    process = VarianceExploding(1.0, sigma_min=0.01, sigma_max=50.0)
    for t in TIMES:
        assert process.sigma(t) == pytest.approx(0.01 * 5000**t)
        assert process.diffusion(t) == pytest.approx((process.sigma(t) * math.sqrt(2 * math.log(5000))) ** 2)


def test_linear_path():
    process = LinearPath(2.0)
    for t in TIMES:
        assert process.scale(t) == pytest.approx(1 - t)
        assert process.scale(t) * process.sigma(t) == pytest.approx(2 * t)


def test_the_classic_mistake_of_fifty_steps():
    """β from 1e-4 to 0.02 in 50 steps keeps ᾱ = 0.603: 78 % of the signal (tanelp/tiny-diffusion#4)."""
    alpha_bar = np.prod(1 - np.linspace(1e-4, 0.02, 50))
    assert alpha_bar == pytest.approx(0.603, abs=5e-4)
    process = VariancePreserving(1.0, beta_min=50 * 1e-4, beta_max=50 * 0.02)
    assert process.scale(1) == pytest.approx(math.sqrt(alpha_bar), abs=2e-3)


@pytest.mark.parametrize("process", [VariancePreserving(1.3), SubVariancePreserving(1.3)], ids=lambda p: p.name)
def test_forward_marginals_by_simulation(process):
    """Euler–Maruyama of dy = f y dt + g dW: mean and variance of y(0.6) to 5 standard errors and the step's bias."""
    generator = torch.Generator().manual_seed(0)
    count, steps = 20_000, 400
    y = torch.full((count,), 2.0, dtype=torch.float64)
    h = 0.6 / steps
    for k in range(steps):
        noise = torch.randn(count, generator=generator, dtype=torch.float64)
        y = y + h * process.drift(k * h) * y + math.sqrt(h * process.diffusion(k * h)) * noise
    scale, variance = process.scale(0.6), (process.scale(0.6) * process.sigma(0.6)) ** 2
    assert abs(float(y.mean()) - 2 * scale) < 5 * math.sqrt(variance / count) + 0.01
    assert abs(float(y.var()) / variance - 1) < 5 * math.sqrt(2 / count) + 0.01


def test_karras_list_of_the_paper():
    """18 levels from 80 to 0.002 with ρ = 7 (Karras et al. 2022, table 1)."""
    paper = [
        80,
        57.59,
        40.79,
        28.37,
        19.35,
        12.91,
        8.40,
        5.32,
        3.26,
        1.92,
        1.09,
        0.585,
        0.296,
        0.140,
        0.060,
        0.023,
        0.0075,
        0.002,
    ]
    assert np.allclose(karras(80, 0.002, 18), paper, rtol=0.02)


def test_cosine_is_clipped():
    grid = cosine(80.0, 0.01, 50, 1.0)
    t = np.linspace(0, 1, 1001)[1:-1]
    f = np.cos((t + 0.008) / 1.008 * np.pi / 2) ** 2
    sigma = np.sqrt(math.cos(0.008 / 1.008 * np.pi / 2) ** 2 / f - 1)
    # the same curve: t is linear in the index
    index = np.interp(-grid[1:-1], -sigma[::-1], t[::-1])
    assert np.allclose(np.diff(index), np.diff(index).mean(), rtol=2e-2)
    assert grid[0] == 80.0
    assert grid[-1] == 0.01


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("process", ALL, ids=lambda p: p.name)
@pytest.mark.parametrize("steps", [1, 2, 3, 17])
def test_every_grid_falls_to_zero(kind, process, steps):
    grid = levels(kind, process, 30.0, 0.02, steps)
    assert len(grid) == steps + 1
    assert grid[0] == 30.0
    assert grid[-1] == 0.0
    assert steps == 1 or grid[-2] == 0.02
    assert (np.diff(grid) < 0).all()


def test_bad_ranges_are_refused():
    for bad in (
        lambda: Edm(1.0, sigma_min=2.0, sigma_max=1.0),
        lambda: VariancePreserving(1.0, beta_min=2.0, beta_max=1.0),
        lambda: levels("karras", ALL[0], 1.0, 2.0, 5),
        lambda: levels("log", ALL[0], 1.0, 0.1, 0),
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            bad()
